using VioActors.Runtime;
using VioActors.Simulation.Site;
using VioActors.Simulation.Time;

namespace VioActors.Simulation.Cluster;

/// <summary>Runs several servers of the production runtime through one seed.</summary>
public static class ClusterRun
{
    private const int Servers = 3;
    private const int LastEvents = 60;
    private const int CalmEvery = 16;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One run: clients ask under faults, then everything must come to rest.</summary>
    /// <param name="seed">
    /// Draws order, faults, limits and requests; odd ones spread the shards, some by load. Every fourth has no faults:
    /// then everything must happen at once, in half of them while shards move.
    /// </param>
    /// <param name="asks">Steps of each client, of one request or several.</param>
    /// <param name="faults">Whether there are any.</param>
    public static SimReport Run(int seed, int asks = 8, bool faults = true)
    {
        var moves = seed % CalmEvery is 2 or 3;
        faults &= seed % CalmEvery > 3;
        var loop = new VirtualLoop(seed, Start);
        var chaos = new ClusterChaos(seed) { On = faults };
        var cluster = new SimCluster(loop, seed, chaos, Servers, Draw(seed));
        var scenario = new ClusterScenario(cluster, chaos, asks, faults, moves);
        string? violation = null;
        try
        {
            loop.Run(loop.Start(scenario.RunAsync), TimeSpan.FromHours(2));
        }
        catch (Exception broken) when (broken is SimViolationException or TimeoutException)
        {
            violation = broken.Message;
        }

        var journal = cluster.Store.JournalAfter(0);
        return new SimReport(
            seed, violation, journal.Count, loop.Time.GetUtcNow() - Start, chaos.Happened,
            scenario.Ledger.Acknowledged.Count,
            violation is null ? [] : [.. journal.TakeLast(LastEvents).Select(row =>
                $"{row.Position} {row.Event.At:HH:mm:ss.fff} {row.Event.Actor} {row.Generation}/{row.Epoch} "
                    + row.Event.Body.Json)]);
    }

    // Small ones, so that a short run meets them.
    private static Limits Draw(int seed)
    {
        var random = new Random(seed);
        return new Limits
        {
            Placement = seed % 2 == 0 ? ShardPlacement.OnOne
                : seed % 8 == 5 ? ShardPlacement.ByLoad : ShardPlacement.Spread,
            SnapshotEvery = random.Next(2, 6),
            TurnsPerBatch = random.Next(3) == 0 ? 256 : random.Next(1, 6),
            PassivateAfter = random.Next(3) == 0 ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(random.Next(1, 5)),
            EffectsPerKind = random.Next(1, 4),
            MailboxDepth = random.Next(3) == 0 ? 2 : 1000,
        };
    }
}
