using System.Collections.Immutable;
using VioActors.Actors.VirtualCluster.Move;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster;

/// <summary>
/// Commands of users: may they, and is it the time? Then an operation starts and its id is the reply.
/// </summary>
internal static class UserCommands
{
    public static Decision Decide(Turn turn, object message)
    {
        if (message is ConnectMachine or RenewMachine or DisconnectMachine)
            return Machines.Decide(turn, message);
        if (message is not (DeleteEnvironment or MoveNode
            or ResizeNodeTo or StopNodeNow or StartNodeNow or CancelOperation))
            return Decision.Refuse(
                "unknown-message", $"An environment does not take {message.GetType().Name}.",
                "Use the commands of the API.");
        var state = turn.State;
        var who = Principal.Parse(turn.Info.Principal);
        if (!state.Exists || !who.MaySee(state.Owner)) return EnvironmentRefusals.Missing(state);
        var allowed = message is DeleteEnvironment ? who.MayChange(state.Owner) : who.MayOperate(state.Owner);
        if (!allowed)
            return EnvironmentRefusals.Forbidden(state, who, message is DeleteEnvironment ? "delete" : "operate");
        return message switch
        {
            DeleteEnvironment => Delete(turn),
            MoveNode move => WithNode(turn, move.Node, node => MoveReconciler.Begin(turn, node, move)),
            ResizeNodeTo resize => WithNode(turn, resize.Node, node => Resize(turn, node, resize)),
            StopNodeNow stop => WithNode(turn, stop.Node, node => Stop(turn, node, stop.GraceSeconds)),
            StartNodeNow start => WithNode(turn, start.Node, node => Start(turn, node)),
            CancelOperation cancel => Cancel(turn, cancel.Operation),
            _ => throw new InvalidOperationException($"No rule for {message.GetType().Name}."),
        };
    }

    private static Decision WithNode(Turn turn, NodeId id, Func<NodeState, Decision> act)
    {
        if (!turn.State.Nodes.TryGetValue(id, out var node)) return EnvironmentRefusals.NoNode(turn.State, id);
        if (turn.State.BusyWith(id) is { } op) return EnvironmentRefusals.NodeBusy(node, op);
        return turn.State.Operations.Find(op => !op.Ended && op.WholeEnvironment) is { } whole
            ? EnvironmentRefusals.Busy(turn.State, whole)
            : act(node);
    }

    private static Decision Delete(Turn turn)
    {
        if (turn.State.Operations.Find(op => !op.Ended) is { } running)
            return EnvironmentRefusals.Busy(turn.State, running);
        if (turn.State.Machines.Values.FirstOrDefault() is { } machine)
            return EnvironmentRefusals.MachineConnected(turn.State, machine);
        var all = turn.State.Nodes.Keys.ToImmutableArray();
        return StartSaga(turn, OperationKind.Delete, all, op => op with { Removed = all });
    }

    private static Decision Stop(Turn turn, NodeState node, int graceSeconds) =>
        node.Power is NodePower.Ready or NodePower.Starting
            ? StartSaga(turn, OperationKind.Stop, [node.Id], op => op with { StopGraceSeconds = graceSeconds })
            : EnvironmentRefusals.NotRunning(node, "stopped");

    private static Decision Start(Turn turn, NodeState node) => node switch
    {
        { Power: NodePower.Off, Host: not null } =>
            StartSaga(turn, OperationKind.Start, [node.Id], op => op with { Added = [node.Id] }),
        { Power: NodePower.Lost or NodePower.Off, Host: null } =>
            StartSaga(turn, OperationKind.Restart, [node.Id], op => op with { Added = [node.Id] }),
        _ => EnvironmentRefusals.CannotStart(node),
    };

    private static Decision Resize(Turn turn, NodeState node, ResizeNodeTo ask)
    {
        if (node.Power != NodePower.Ready) return EnvironmentRefusals.NotRunning(node, "resized");
        var quota = ask.CpuQuotaPercent switch { null => node.CpuQuotaPercent, 0 => null, { } percent => percent };
        var to = new NodeAmounts(node.Id, ask.MemoryMiB ?? node.MemoryMiB, ask.CpuWeight ?? node.CpuWeight, quota);
        return Amounts.Check(node, to)
            ?? StartSaga(turn, OperationKind.Resize, [node.Id], op => op with { Resized = [to] });
    }

    private static Decision Cancel(Turn turn, OperationId id)
    {
        if (turn.State.Operation(id) is not { } op) return EnvironmentRefusals.NoOperation(turn.State, id);
        var may = op is { Ended: false, CancelAsked: false }
            && (op.Move is null ? SagaEngine.MayCancel(op) : MoveReconciler.MayCancel(op));
        if (!may) return EnvironmentRefusals.TooLate(op);
        turn.Record(new CancelAsked(id));
        if (op.Move is null) SagaEngine.Cancel(turn, turn.Operation(id));
        else MoveReconciler.Cancel(turn, turn.Operation(id));
        turn.Answer(new OperationAccepted(id));
        return turn.Decision;
    }

    private static Decision StartSaga(
        Turn turn, OperationKind kind, ImmutableArray<NodeId> nodes,
        Func<OperationStarted, OperationStarted>? more = null)
    {
        var id = OperationId.Of(turn.Info.DeriveId("operation"));
        var started = new OperationStarted(id, kind, nodes, turn.Info.Principal, turn.Info.Now);
        turn.Record(more?.Invoke(started) ?? started);
        turn.Answer(new OperationAccepted(id));
        SagaEngine.Begin(turn, id);
        return turn.Decision;
    }
}
