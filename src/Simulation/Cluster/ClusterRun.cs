using VioActors.Runtime;
using VioActors.Simulation.Site;
using VioActors.Simulation.Time;

namespace VioActors.Simulation.Cluster;

/// <summary>Runs several servers of the production runtime through one seed.</summary>
public static class ClusterRun
{
    private const int Servers = 3;
    private const int LastEvents = 60;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One run: clients ask under faults, then everything must come to rest.</summary>
    /// <param name="seed">Draws order, faults and requests; odd ones spread the shards.</param>
    /// <param name="asks">Requests of each client.</param>
    /// <param name="faults">Whether there are any.</param>
    public static SimReport Run(int seed, int asks = 12, bool faults = true)
    {
        var loop = new VirtualLoop(seed, Start);
        var chaos = new ClusterChaos(seed) { On = faults };
        var cluster = new SimCluster(
            loop, seed, chaos, Servers, seed % 2 == 0 ? ShardPlacement.OnOne : ShardPlacement.Spread);
        var scenario = new ClusterScenario(cluster, chaos, asks, faults);
        string? violation = null;
        try
        {
            loop.Run(loop.Start(async () =>
            {
                await scenario.RunAsync();
                await ClusterChecks.CheckAsync(cluster, scenario);
            }), TimeSpan.FromHours(2));
        }
        catch (Exception broken) when (broken is SimViolationException or TimeoutException)
        {
            violation = broken.Message;
        }

        // The loop has ended, and with it every wait.
        cluster.Store.Faults.Before = _ => Task.CompletedTask;
        var journal = cluster.Store.ReadJournalAsync(0, int.MaxValue).Result;
        return new SimReport(
            seed, violation, journal.Count, loop.Time.GetUtcNow() - Start, chaos.Happened, scenario.Acknowledged.Count,
            violation is null ? [] : [.. journal.TakeLast(LastEvents).Select(row =>
                $"{row.Position} {row.Event.At:HH:mm:ss.fff} {row.Event.Actor} {row.Generation}/{row.Epoch} "
                    + row.Event.Body.Json)]);
    }
}
