using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster;

/// <summary>The state after one event: total, and without choices.</summary>
internal static class EnvironmentEvolve
{
    public static EnvironmentState Evolve(EnvironmentState state, object @event) => @event switch
    {
        EnvironmentEstablished e => state with
        {
            Exists = true,
            Owner = e.Owner,
            Name = e.Name,
            Subnet = e.Subnet,
            ReadyTimeoutSeconds = e.ReadyTimeoutSeconds,
            Network = e.Network,
        },
        EnvironmentDeleted => state with { Exists = false, Deleted = true },
        HostDeclaredOff e => DeclareOff(state, e.Host),
        HostNamed e => state with { HostNames = state.HostNames.SetItem(e.Host, e.Name) },
        HostBack e => state with { HostsOff = state.HostsOff.Remove(e.Host) },
        NodeAdded e => state with { Nodes = state.Nodes.SetItem(e.Node, NewNode(e)) },
        NodeRemoved e => state with
        {
            Nodes = state.Nodes.Remove(e.Node),
            Limits = [.. state.Limits.Where(limit => !limit.Names(e.Node))],
        },
        MachineConnected e => state with { Machines = state.Machines.SetItem(e.Machine.Name, e.Machine) },
        MachineDisconnected e => state with { Machines = state.Machines.Remove(e.Name) },
        LimitsSet e => state with { Limits = e.Limits },
        NodePlaced e => state.With(e.Node, node => node with
        {
            Host = e.Host,
            HostWasOff = false,
            Run = e.Run,
            Why = null,
        }),
        NodePinned e => state.With(e.Node, node => node with { MachineType = e.MachineType, CpuModel = e.CpuModel }),
        NodesPinned e => e.Nodes.Aggregate(state, (all, id) => all.With(
            id, node => node with { MachineType = e.MachineType, CpuModel = e.CpuModel })),
        NodeUnplaced e => state.With(e.Node, node => node with
        {
            Host = null,
            HostWasOff = false,
            HeldMiB = null,
        }),
        NodeMemoryHeld e => state.With(e.Node, node => node with { HeldMiB = e.MemoryMiB }),
        NodePowerChanged e => state.With(e.Node, node => node with { Power = e.Power, Run = e.Run, Why = e.Why }),
        NodeResized e => state.With(e.Node, node => node with
        {
            MemoryMiB = e.MemoryMiB,
            CpuWeight = e.CpuWeight,
            CpuQuotaPercent = e.CpuQuotaPercent,
        }),
        _ => EvolveOperation(state, @event),
    };

    private static EnvironmentState DeclareOff(EnvironmentState state, HostId host)
    {
        foreach (var node in state.Nodes.Values.Where(node => node.Host == host))
            state = state.With(node.Id, there => there with { HostWasOff = true });
        foreach (var op in state.Operations.Where(op => !op.Ended && op.Move?.To == host))
            state = Move(state, op.Id, move => move with { TargetWasOff = true });
        return state with { HostsOff = state.HostsOff.Add(host) };
    }

    private static EnvironmentState EvolveOperation(EnvironmentState state, object @event) => @event switch
    {
        OperationStarted e => state with { Operations = Forget(state.Operations).Add(NewOperation(state, e)) },
        StepBegan e => state.With(e.Operation, op => op with
        {
            Step = e.Step,
            Round = e.Round,
            Attempt = e.Attempt,
            Awaiting = [.. e.Requests],
            StepFailure = null,
            Phase = e.Undo ? OperationPhase.Undoing : OperationPhase.Running,
            Failure = e.Undo ? op.Failure : null,
        }),
        StepAnswered e => state.With(e.Operation, op => op with
        {
            Awaiting = op.Awaiting.Remove(e.RequestId),
            StepFailure = Graver(op.StepFailure, e.Failure),
        }),
        OperationTurned e => state.With(e.Operation, op => op with { Phase = OperationPhase.Undoing, Failure = e.Why }),
        CancelAsked e => state.With(e.Operation, op => op with { CancelAsked = true }),
        OperationEnded e => state.With(e.Operation, op => op with
        {
            Phase = e.Phase,
            Failure = e.Failure,
            EndedAt = e.At,
            Awaiting = [],
        }),
        _ => EvolveMove(state, @event),
    };

    /// <summary>A host that cannot be asked must not hide another that said no and can be asked again.</summary>
    private static Failure? Graver(Failure? first, Failure? then) =>
        first is null || (first.Code == FailureCode.HostUnreachable && then is not null) ? then : first;

    private static EnvironmentState EvolveMove(EnvironmentState state, object @event) => @event switch
    {
        MoveBegan e => state
            .With(e.Node, node => node with { Run = e.Run })
            .With(e.Operation, op => op with
            {
                Move = new MoveState { Node = e.Node, From = e.From, To = e.To, BandwidthMiBps = e.BandwidthMiBps },
            }),
        MoveAdvanced e => Move(state, e.Operation, move => move with { Phase = e.Phase })
            .With(e.Operation, op => op with { Awaiting = [.. e.Requests], StepFailure = null }),
        MoveTargeted e => Move(state, e.Operation, move => move with { To = e.To }),
        MoveBooked e => Move(state, e.Operation, move => move with { ToEndpoint = e.ToEndpoint }),
        MoveJobEnded e => Move(state, e.Operation, move => move with
        {
            JobFailure = e.Failure,
            Statistics = e.Statistics,
            Looks = 0,
        }),
        MoveLooked e => Move(state, e.Operation, move => move with
        {
            Looks = move.Looks + 1,
            AtSource = null,
            AtTarget = null,
        }),
        MoveObserved e => Move(state, e.Operation, move =>
            e.Host == move.From ? move with { AtSource = e.Seen } : move with { AtTarget = e.Seen }),
        NodeMoved e => state.With(e.Node, node => node with
        {
            Host = e.Host,
            HostWasOff = state.Operation(e.Operation)?.Move?.TargetWasOff == true,
        }),
        _ => throw new InvalidOperationException($"The environment cannot evolve with {@event.GetType().Name}."),
    };

    private static EnvironmentState Move(EnvironmentState state, OperationId id, Func<MoveState, MoveState> change) =>
        state.With(id, op => op.Move is { } move ? op with { Move = change(move) } : op);

    private static NodeState NewNode(NodeAdded e) => new()
    {
        Id = e.Node,
        Spec = e.Spec,
        Image = e.Image,
        Mac = e.Mac,
        Ip = e.Ip,
        MemoryMiB = e.Spec.MemoryMiB,
        CpuWeight = e.Spec.CpuWeight,
        CpuQuotaPercent = e.Spec.CpuQuotaPercent,
    };

    private static OperationState NewOperation(EnvironmentState state, OperationStarted e) => new()
    {
        Id = e.Operation,
        Kind = e.Kind,
        Nodes = e.Nodes,
        By = e.By,
        StartedAt = e.At,
        Added = e.Added,
        Removed = e.Removed,
        Resized = e.Resized,
        StopGraceSeconds = e.StopGraceSeconds,
        AmountsBefore =
        [
            .. e.Resized.Where(to => state.Nodes.ContainsKey(to.Node)).Select(to => state.Nodes[to.Node].Amounts),
        ],
    };

    /// <summary>Drops the oldest ended operations beyond the limit; running ones always stay.</summary>
    private static ImmutableList<OperationState> Forget(ImmutableList<OperationState> operations)
    {
        while (operations.Count >= EnvironmentState.KeptOperations)
        {
            var oldest = operations.FindIndex(op => op.Ended);
            if (oldest < 0) return operations;
            operations = operations.RemoveAt(oldest);
        }

        return operations;
    }
}
