using VioActors.Actors.VirtualCluster.Move;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// Answers to requests. One that nobody waits for any more (its step was cancelled, its host fenced meanwhile) is
/// ignored: the run numbers and bookings that came after it hold.
/// </summary>
internal static class Answers
{
    public static void Placed(Turn turn, PlacementAnswer answer)
    {
        if (Waiting(turn, answer.RequestId) is not { } op) return;
        if (answer.Failure is null && op.Move is not null)
            turn.Record(new MoveTargeted(op.Id, answer.Hosts[op.Move.Node]));
        else if (answer.Failure is null)
            foreach (var (node, host) in answer.Hosts)
                if (turn.State.Nodes.TryGetValue(node, out var state))
                    turn.Record(new NodePlaced(node, host, state.Run + 1));
        Take(turn, answer.RequestId, answer.Failure);
    }

    public static void Booked(Turn turn, BookAnswer answer)
    {
        // A host that is off promises nothing: it came back, and held nothing of ours that it would have told us of.
        if (answer.Failure is null) HostNotices.Back(turn, answer.Host);
        if (Waiting(turn, answer.RequestId) is not { } op) return;
        if (answer.Facts is { } facts) Name(turn, answer.Host, facts);
        var failure = answer.Failure;
        if (failure is null && op.Move is not null)
            failure = MoveReconciler.Booked(turn, op, answer.Facts!);
        else if (failure is null)
            Pin(turn, [answer.Node], answer.Facts!);
        Take(turn, answer.RequestId, failure);
    }

    public static void Booked(Turn turn, BookNodesAnswer answer)
    {
        if (answer.Failure is null) HostNotices.Back(turn, answer.Host);
        if (Waiting(turn, answer.RequestId) is null) return;
        if (answer.Facts is { } facts)
        {
            Name(turn, answer.Host, facts);
            if (answer.Failure is null) Pin(turn, answer.Nodes, facts);
        }

        Take(turn, answer.RequestId, answer.Failure);
    }

    private static void Name(Turn turn, HostId host, HostFacts facts)
    {
        if (turn.State.HostNames.GetValueOrDefault(host) != facts.Name)
            turn.Record(new HostNamed(host, facts.Name));
    }

    /// <summary>Nodes that never had a place take what their first host prefers, and keep it.</summary>
    private static void Pin(Turn turn, IReadOnlyList<NodeId> booked, HostFacts facts)
    {
        var nodes = booked.Where(node =>
            turn.State.Nodes.TryGetValue(node, out var state) && state.MachineType is null).ToList();
        if (nodes.Count > 0)
            turn.Record(new NodesPinned(
                nodes, facts.MachineTypes.FirstOrDefault() ?? "", facts.CpuModels.FirstOrDefault() ?? ""));
    }

    public static void Commanded(Turn turn, CommandAnswer answer)
    {
        switch (RequestId.Parse(answer.RequestId))
        {
            case RequestId.OfStray stray:
                HostNotices.TakeStray(turn, stray, answer);
                break;
            case RequestId.OfLook look:
                Looks.Take(turn, look, answer);
                break;
            default:
                Told(turn, answer);
                break;
        }
    }

    private static void Told(Turn turn, CommandAnswer answer)
    {
        if (Waiting(turn, answer.RequestId) is not { } op) return;
        var failure = answer.Outcome.Failure;
        if (op.Move is not null)
            MoveReconciler.Commanded(turn, op, answer);
        else if (turn.State.Nodes.TryGetValue(answer.Node, out var node))
            Learn(turn, op, node, turn.Named(failure));
        Take(turn, answer.RequestId, failure);
    }

    /// <summary>Another actor refused a request outright: the same as an answer that failed.</summary>
    public static void Refused(Turn turn, Refused refused)
    {
        var requestId = refused.Message switch
        {
            ProposePlacement m => m.RequestId,
            Book m => m.RequestId,
            BookNodes m => m.RequestId,
            Unbook m => m.RequestId,
            HostCommand m => m.RequestId,
            Plug m => m.RequestId,
            Unplug m => m.RequestId,
            Prebind m => m.RequestId,
            Settle m => m.RequestId,
            _ => null,
        };
        if (requestId is not null) Take(turn, requestId, EnvironmentRefusals.Of(refused.Refusal));
    }

    public static void Take(Turn turn, string requestId, Failure? failure)
    {
        if (Waiting(turn, requestId) is not { } op) return;
        if (op.Move is null) SagaEngine.Answered(turn, op.Id, requestId, failure);
        else MoveReconciler.Answered(turn, op.Id, requestId, failure);
    }

    /// <summary>What a command's end says about the node's power.</summary>
    private static void Learn(Turn turn, OperationState op, NodeState node, Failure? failure)
    {
        var step = Sagas.Steps(op.Kind)[op.Step];
        var ready = step == ProvisionSteps.Ready;
        if (failure is null && step == ResizeSteps.Change) ResizeSteps.Confirmed(turn, node);
        if (failure is null && node.Power == NodePower.Stopping)
            turn.Record(new NodePowerChanged(node.Id, NodePower.Off, node.Run));
        else if (failure is null && ready)
            turn.Record(new NodePowerChanged(node.Id, NodePower.Ready, node.Run));
        else if (failure?.Code == FailureCode.HostUnreachable && node.Power is NodePower.Starting or NodePower.Stopping)
            turn.Record(new NodePowerChanged(node.Id, NodePower.Unknown, node.Run, failure));
        else if (failure is not null)
            turn.Record(new NodePowerChanged(node.Id, node.Power, node.Run, failure));
    }

    private static OperationState? Waiting(Turn turn, string requestId) =>
        RequestId.Parse(requestId) is RequestId.OfStep step
        && turn.State.Operation(step.Operation) is { Ended: false } op && op.Awaiting.Contains(requestId) ? op : null;
}
