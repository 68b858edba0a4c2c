using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>What the handlers of all servers did.</summary>
internal sealed class WorkLog
{
    /// <summary>Runs per effect; at least one each.</summary>
    public SortedDictionary<string, int> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>Work that a server began when the store gave the shard to another already.</summary>
    public List<string> Stale { get; } = [];
}

/// <summary>
/// Work outside: takes a moment. Notes when it began on a server that does not own the actor any more.
/// </summary>
internal sealed class WorkHandler(WorkLog log, Gate gate, TimeProvider clock, MemoryStore store, ActorSystem system)
    : IEffectHandler
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public string Kind => "work";

    /// <inheritdoc/>
    public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var work = (Work)effect.Payload;
        log.Runs[work.Op] = log.Runs.GetValueOrDefault(work.Op) + 1;
        // What was decided before the server froze begins when it wakes; hosts refuse it by its run number.
        if (!gate.IsFrozen && store.OwnerNow(system.ShardOf(actor)) is { } owner && owner != system.Incarnation)
            log.Stale.Add($"{work.Op} began at {system.Incarnation} while {owner} owned its shard");
        await Task.Delay(Moment, clock, cancel);
        await gate.PassAsync();
        return new Worked(work.Op);
    }
}
