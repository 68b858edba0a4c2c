using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster.Saga;

/// <summary>What is left of an operation when its saga is over, in each of the three ways.</summary>
internal static class SagaEnds
{
    public static void Done(Turn turn, OperationState op) =>
        turn.Record(new OperationEnded(op.Id, OperationPhase.Done, null, turn.Info.Now));

    /// <summary>It failed past the point of return: what is done stays done, the rest waits for the next try.</summary>
    public static void Failed(Turn turn, OperationState op, Failure why)
    {
        MarkUnknown(turn, op);
        turn.Record(new OperationEnded(op.Id, OperationPhase.Failed, why, turn.Info.Now));
        Looks.AfterFailure(turn, op);
    }

    /// <summary>All that could be undone is undone. Nodes that nobody can vouch for stay, as unknown.</summary>
    public static void Undone(Turn turn, OperationState op)
    {
        MarkUnknown(turn, op);
        var removable = op.Kind is OperationKind.Restart or OperationKind.Start ? [] : op.Added;
        foreach (var id in removable)
            if (turn.State.Nodes.TryGetValue(id, out var node) && node.Power != NodePower.Unknown)
                turn.Record(new NodeRemoved(id));
        if (op.Kind == OperationKind.Restart)
            foreach (var id in op.Added)
                if (turn.State.Nodes[id] is { Power: not NodePower.Unknown } node)
                    turn.Record(new NodePowerChanged(id, NodePower.Lost, node.Run, op.Failure));
        if (op.Kind == OperationKind.Create && turn.State.Nodes.IsEmpty) RetireSteps.End(turn);
        var phase = op.CancelAsked ? OperationPhase.Cancelled : OperationPhase.Failed;
        turn.Record(new OperationEnded(op.Id, phase, op.Failure, turn.Info.Now));
        Looks.AfterFailure(turn, op);
    }

    /// <summary>A stop that was decided and never confirmed is not a stop.</summary>
    public static void MarkUnknown(Turn turn, OperationState op)
    {
        foreach (var id in op.Nodes)
            if (turn.State.Nodes.TryGetValue(id, out var node) && node is { Power: NodePower.Stopping, Host: not null })
                turn.Record(new NodePowerChanged(id, NodePower.Unknown, node.Run, node.Why));
    }
}
