using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Host;
using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Environments;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>
/// The effect <c>adapt-change</c>: one change of a plan, by the commands that people have, in the manager's name. What
/// is not as the plan saw it is refused. Repeated after a crash, it finds the operation it started and waits for that.
/// </summary>
internal sealed class AdaptChangeHandler(SiteActors actors, TimeProvider clock) : IEffectHandler
{
    /// <inheritdoc/>
    public string Kind => ActorKinds.AdaptChangeEffect;

    /// <inheritdoc/>
    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        var (ask, key) = ((AdaptChange)effect.Payload, effect.Id);
        var (resized, moved) = (false, false);
        if (ask.Change.Resizes())
        {
            var (phase, why) = await StepAsync(ask, OperationKind.Resize, key, afterResize: false, cancel);
            if (why is not null) return new AdaptChangeDone(ask.Plan, ask.Change.Node, phase, why, false, false);
            resized = true;
        }

        if (ask.Change.Moves())
        {
            var (phase, why) = await StepAsync(ask, OperationKind.Move, key, resized, cancel);
            if (why is not null) return new AdaptChangeDone(ask.Plan, ask.Change.Node, phase, why, resized, false);
            moved = true;
        }

        return new AdaptChangeDone(ask.Plan, ask.Change.Node, ChangePhase.Done, null, resized, moved);
    }

    private async Task<(ChangePhase Phase, Failure? Why)> StepAsync(
        AdaptChange ask, OperationKind kind, string key, bool afterResize, CancellationToken cancel)
    {
        var change = ask.Change;
        var environment = await actors.EnvironmentAsync(change.Environment, cancel);
        if (environment is null || Ours(environment, ask, kind) is not { } operation)
        {
            if (await StaleAsync(environment, change, kind, afterResize, cancel) is { } stale)
                return (ChangePhase.Refused, ManagerRefusals.Stale(change, stale));
            object command = kind == OperationKind.Move
                ? new MoveNode(change.Node, change.To, null)
                : new ResizeNodeTo(change.Node, change.GuestMiB, change.CpuWeight, change.CpuQuotaPercent);
            var (started, why) = await AskAsync(change.Environment, command, $"{key}-{kind}", cancel);
            if (started is not { } id) return (ChangePhase.Refused, why);
            operation = id;
        }

        var failed = await EndAsync(change, operation, kind, cancel);
        return (failed is null ? ChangePhase.Done : ChangePhase.Failed, failed);
    }

    /// <summary>The operation that this change started before, when it is a repetition.</summary>
    private static OperationId? Ours(EnvironmentState environment, AdaptChange ask, OperationKind kind) =>
        environment.Operations.FindLast(op => op.Kind == kind && op.By == Principal.Adaptation.ToString()
            && op.StartedAt >= ask.PlannedAt && op.Nodes.Contains(ask.Change.Node) && Does(op, ask.Change))?.Id;

    private static bool Does(OperationState op, PlannedChange change) => op.Move is { } move
        ? move.To == change.To
        : op.Resized is [{ } to] && (change.CpuWeight ?? to.CpuWeight) == to.CpuWeight
            && (change.GuestMiB ?? to.MemoryMiB) == to.MemoryMiB
            && (change.CpuQuotaPercent ?? to.CpuQuotaPercent ?? 0) == (to.CpuQuotaPercent ?? 0);

    private async Task<string?> StaleAsync(
        EnvironmentState? environment, PlannedChange change, OperationKind kind, bool afterResize,
        CancellationToken cancel)
    {
        if (environment is not { Exists: true, Deleted: false }
            || !environment.Nodes.TryGetValue(change.Node, out var node)) return "it is gone";
        if (SiteLook.BusyWith(environment, node.Id) is { } op)
            return $"operation {op.Id} works on it";
        if (node.Host != change.From) return $"it is not on host {change.FromName} any more";
        if (node.Power != NodePower.Ready) return "it does not run";
        // Its own change of amounts raised the run, and nothing else can have meanwhile without being seen above.
        if (!afterResize && node.Run != change.Run)
            return $"it was changed since, to run {node.Run} from {change.Run}";
        if (await AwayAsync(change.From, cancel)) return $"host {change.FromName} is away";
        if (kind != OperationKind.Move) return null;
        if (await AwayAsync(change.To, cancel)) return $"host {change.ToName} is away";
        return (await actors.AdaptationAsync(cancel)).Closed.ContainsKey(change.To)
            ? $"host {change.ToName} is being emptied"
            : null;
    }

    private async Task<bool> AwayAsync(HostId host, CancellationToken cancel) =>
        await actors.HostAsync(host, cancel) is not { Presence: HostPresence.Connected };

    private async Task<(OperationId? Started, Failure? Why)> AskAsync(
        EnvironmentId environment, object command, string key, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await actors.TryAskAsync(
                SiteActors.Key(environment), command, Principal.Adaptation, key, cancel);
            if (result.Reply is OperationAccepted accepted) return (accepted.Operation, null);
            if (result.Refusal is { } no) return (null, new Failure(no.Code, no.Reason, no.Remedy));
            if (attempt == AdaptLimits.BusyTries)
                return (null, new Failure(
                    "busy", $"Environment {environment} took no command: {result.Busy?.Reason}",
                    "None is needed: plans see the node again after a few minutes."));
            await Task.Delay(AdaptLimits.Look * attempt, clock, cancel);
        }
    }

    private async Task<Failure?> EndAsync(
        PlannedChange change, OperationId operation, OperationKind kind, CancellationToken cancel)
    {
        var limit = kind == OperationKind.Move ? AdaptLimits.MoveEnds : AdaptLimits.ResizeEnds;
        for (var start = clock.GetTimestamp(); clock.GetElapsedTime(start) < limit;)
        {
            var environment = await actors.EnvironmentAsync(change.Environment, cancel);
            if (environment?.Operations.Find(op => op.Id == operation) is not { } op)
                return new Failure(
                    "operation-gone", $"Operation {operation} on node {change.Name} is not known any more.",
                    "See the environment's events.");
            if (op.EndedAt is not null)
                return op.Phase == OperationPhase.Done ? null : op.Failure ?? new Failure(
                    "operation-ended", $"Operation {operation} on node {change.Name} ended as {op.Phase}.",
                    $"See it with 'vio op show {operation}'.");
            await Task.Delay(AdaptLimits.Look, clock, cancel);
        }

        return new Failure(
            "not-ended",
            $"Operation {operation} on node {change.Name} goes on for more than {limit.TotalMinutes:0} minutes.",
            $"See it with 'vio op show {operation}'.");
    }
}
