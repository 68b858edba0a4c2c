using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>What the handlers of all servers did.</summary>
internal sealed class WorkLog
{
    /// <summary>Runs per effect; at least one each.</summary>
    public SortedDictionary<string, int> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Work that began where it must not: on a server when the store gave the shard to another already, or before the
    /// turn that wants it was stored.
    /// </summary>
    public List<string> Wrong { get; } = [];
}

/// <summary>
/// Work outside: takes a moment, and fails at times. Notes when it began without the right to.
/// </summary>
internal sealed class WorkHandler(
    SimCluster cluster, ClusterChaos chaos, Gate gate, TimeProvider clock, ActorSystem system) : IEffectHandler
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public string Kind => "work";

    /// <inheritdoc/>
    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var op = ((Work)effect.Payload).Op;
        var (log, store) = (cluster.Work, cluster.Store);
        log.Runs[op] = log.Runs.GetValueOrDefault(op) + 1;
        // What was decided before the server froze begins when it wakes; hosts refuse it by its run number.
        if (!gate.IsFrozen && cluster.IsLeaseSacred
            && store.OwnerNow(system.ShardOf(actor)) is { } owner && owner != system.Incarnation)
            log.Wrong.Add($"{op} began at {system.Incarnation} while {owner} owned its shard");
        if (!store.JournalAfter(0).Any(row =>
                row.Event.Actor == actor && row.Event.Body.Json.Contains($"\"{op}\"", StringComparison.Ordinal)))
            log.Wrong.Add($"{op} began before it was stored");
        await Task.Delay(Moment, clock, cancel);
        await gate.PassAsync();
        return chaos.Draw("work fails", chaos.WorkFailure)
            ? throw new EffectException("work-failed", "The work failed.")
            : new Worked(op);
    }
}
