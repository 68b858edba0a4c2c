using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>
/// One who follows the journal of all actors, at one server after the other, each time from where it was: it must see
/// every event once and in order.
/// </summary>
internal sealed class JournalFollower(SimCluster cluster, ClusterChaos chaos, ClusterLedger ledger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Follows until told to stop.</summary>
    /// <exception cref="SimViolationException">An event is missing or comes again.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (cluster.Any() is { } life)
            {
                var longest = chaos.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
                using var enough = new CancellationTokenSource(longest, cluster.Time);
                var followed = FollowAsync(life, enough.Token);
                await Task.WhenAny(followed, Task.Delay(longest * 2, cluster.Time));
                // A server that stands still keeps its reader, who sees nothing more since its time is over.
                if (followed.IsFaulted) await followed;
            }

            await Task.Delay(Pause, cluster.Time);
        }
    }

    private async Task FollowAsync(ServerLife life, CancellationToken enough)
    {
        try
        {
            await foreach (var entry in life.System.ReadJournal(ledger.Followed, enough))
            {
                if (entry.Position != ledger.Followed + 1)
                    throw new SimViolationException(
                        $"Not so: after event {ledger.Followed} of the journal its reader sees the next; "
                            + $"at {life.Name} it saw {entry.Position}");
                ledger.Followed = entry.Position;
            }
        }
        catch (OperationCanceledException)
        {
            // On to another server.
        }
    }
}
