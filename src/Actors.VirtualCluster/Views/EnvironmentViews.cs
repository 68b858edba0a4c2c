using System.Collections.Immutable;
using VioActors.Actors.VirtualCluster.Saga;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster.Views;

/// <summary>What users see of an environment's state. Pure.</summary>
public static class EnvironmentViews
{
    private static readonly ImmutableArray<string> MoveSteps =
        ["choose a host", "book room", "prepare the target", "copy", "look at both hosts", "settle", "free room"];

    /// <summary>The environment with its nodes and latest operations.</summary>
    public static EnvironmentView Of(EnvironmentState state, Func<HostId, string?> hostName) => new()
    {
        Id = state.Id,
        Name = state.Name,
        Owner = state.Owner,
        Subnet = state.Subnet,
        Status = Status(state),
        Nodes =
        [
            .. state.Nodes.Values.OrderBy(node => node.Spec.Name, StringComparer.Ordinal)
                .Select(node => Node(state, node, hostName)),
        ],
        Limits =
        [
            .. state.Limits.Select(limit => Limit(state, limit))
                .OrderBy(limit => limit.Node ?? string.Join(' ', limit.Between), StringComparer.Ordinal),
        ],
        Operations = [.. state.Operations.Reverse().Take(20).Select(op => Operation(state, op))],
    };

    private static LimitSpec Limit(EnvironmentState state, SwitchLimit limit)
    {
        var first = state.Nodes[limit.First].Spec.Name;
        return limit.Second is { } second
            ? new LimitSpec([.. new[] { first, state.Nodes[second].Spec.Name }.Order(StringComparer.Ordinal)],
                limit.RateKbit)
            : LimitSpec.Of(first, limit.RateKbit);
    }

    /// <summary>One node.</summary>
    public static NodeView Node(EnvironmentState state, NodeState node, Func<HostId, string?> hostName) => new()
    {
        Id = node.Id,
        Name = node.Spec.Name,
        Environment = state.Name,
        Power = node.Power,
        Host = node.Host,
        HostName = node.Host is { } host ? hostName(host) : null,
        Run = node.Run,
        Ip = node.Ip,
        Mac = node.Mac,
        Image = node.Spec.Image,
        MemoryMiB = node.MemoryMiB,
        MaxMemoryMiB = node.Spec.MemoryMiB,
        Vcpus = node.Spec.Vcpus,
        CpuWeight = node.CpuWeight,
        CpuQuotaPercent = node.CpuQuotaPercent,
        Why = Why(state, node),
    };

    /// <summary>One operation.</summary>
    /// <exception cref="KeyNotFoundException">The environment no longer remembers it.</exception>
    public static OperationView Operation(EnvironmentState state, OperationId id) =>
        Operation(state, state.Operation(id) ?? throw new KeyNotFoundException($"Operation {id} is not known."));

    private static OperationView Operation(EnvironmentState state, OperationState op)
    {
        var steps = op.Move is null ? [.. Sagas.Steps(op.Kind).Select(step => step.Name)] : MoveSteps;
        var at = op.Move is null ? op.Step : MoveStep(op.Move.Phase);
        var done = op.Phase == OperationPhase.Done;
        return new OperationView
        {
            Id = op.Id,
            Kind = op.Kind,
            Environment = state.Id,
            Subject = Subject(state, op),
            Phase = op.Phase,
            Progress = done ? 1 : steps.IsEmpty ? 0 : Math.Min(0.99, (double)at / steps.Length),
            Step = done ? "done"
                : (op.Phase == OperationPhase.Undoing ? "undo: " : "") + (at < steps.Length ? steps[at] : ""),
            Steps = steps,
            Failure = op.Failure,
            By = op.By,
            StartedAt = op.StartedAt,
            EndedAt = op.EndedAt,
            Move = op.Move?.Statistics,
        };
    }

    private static int MoveStep(MovePhase phase) =>
        phase >= MovePhase.SettlingHere ? (int)phase - 1 : (int)phase;

    private static string Subject(EnvironmentState state, OperationState op) =>
        !op.WholeEnvironment && op.Nodes is [var only] && state.Nodes.TryGetValue(only, out var node)
            ? $"{state.Name}/{node.Spec.Name}"
            : state.Name;

    private static string Status(EnvironmentState state)
    {
        var running = state.Operations.Find(op => !op.Ended && op.WholeEnvironment)?.Kind;
        return state.Deleted ? "deleted"
            : running == OperationKind.Delete ? "deleting"
            : running == OperationKind.Create ? "creating"
            : !state.Exists ? "failed"
            : state.Nodes.Values.All(node => node.Power == NodePower.Ready) ? "running"
            : "degraded";
    }

    /// <summary>Why a node is not ready: its own reason, else what its operation waits for or failed with.</summary>
    private static Failure? Why(EnvironmentState state, NodeState node)
    {
        if (node.Why is not null || node.Power == NodePower.Ready) return node.Why;
        if (state.BusyWith(node.Id) is not { } op) return null;
        return op.Failure ?? op.StepFailure ?? new Failure(
            "working", $"Operation {op.Id} is at '{Operation(state, op).Step}'.",
            $"Watch it with `vio op watch {op.Id}`.");
    }
}
