using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>Waits, for a bounded time, for what must come about by itself when no fault happens.</summary>
internal sealed class ClusterRest(SimCluster cluster)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private IEnumerable<ServerLife> Lives => Enumerable.Range(0, cluster.Count).Select(server => cluster[server]!);

    /// <summary>
    /// Nothing waits in the store or in memory, every caller has an answer, every shard is in its place.
    /// </summary>
    public async Task ReachedAsync(ClusterLedger ledger)
    {
        await UntilAsync(() => cluster.Store.Waiting);
        await PlacedAsync();
        await UntilAsync(() => ledger.Asked.Find(asked => !asked.Answer.IsCompleted) is { Request: { } request }
            ? $"{request} waits for its answer" : "");
        await UntilAsync(() => Lives.Any(life => life.System.Stats is not { MailboxDepth: 0, EffectsRunning: 0 })
            ? "a server counts messages or effects that are not there" : "");
        await UntilAsync(() => ledger.Followed < cluster.Store.JournalAfter(0).Count
            ? $"the journal is followed to {ledger.Followed}" : "");
        if (cluster.Limits.PassivateAfter < Soon / 3)
            await UntilAsync(() => Lives.Any(life => life.System.Stats.LoadedActors > 0)
                ? "idle actors stay in memory" : "");
    }

    /// <summary>Every server serves, and every shard is where it belongs.</summary>
    public Task PlacedAsync() => UntilAsync(() =>
        Lives.FirstOrDefault(life => !life.System.Stats.IsServing) is { } stuck ? $"{stuck.Name} does not serve"
            : AreSpread([.. Lives]) ? "" : "shards are not where they belong");

    /// <summary>A server that is drained gives everything to the others.</summary>
    public async Task DrainedAsync(int server)
    {
        var drained = cluster[server]!;
        drained.System.Drain(true);
        await UntilAsync(() =>
            drained.System.LoadedShards.Length > 0 ? $"{drained.Name} does not give its shards away"
            : AreSpread([.. Lives.Where(life => life != drained)]) ? "" : "nobody takes what was given away");
        drained.System.Drain(false);
        await PlacedAsync();
    }

    private bool AreSpread(List<ServerLife> over)
    {
        var fair = (cluster.ShardCount + over.Count - 1) / over.Count;
        return over.Sum(life => life.System.LoadedShards.Length) == cluster.ShardCount
            && cluster.Limits.Placement switch
            {
                ShardPlacement.OnOne => over.Exists(life => life.System.LoadedShards.Length == cluster.ShardCount),
                ShardPlacement.Spread => over.TrueForAll(life => life.System.LoadedShards.Length <= fair),
                _ => true,
            };
    }

    private async Task UntilAsync(Func<string> lacks)
    {
        for (var start = cluster.Time.GetTimestamp(); lacks() is { Length: > 0 } lack;)
        {
            if (cluster.Time.GetElapsedTime(start) > Soon)
                throw new SimViolationException($"Not so: {Soon} without faults are enough: still {lack}; {cluster}");
            await Task.Delay(Pause, cluster.Time);
        }
    }
}
