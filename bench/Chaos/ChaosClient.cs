using VioActors.Bench.Servers;
using VioActors.Contracts;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Chaos;

/// <summary>
/// Writes one thing again and again through whichever server answers, and keeps count of what it was promised.
/// </summary>
internal sealed class ChaosClient(ServerCluster cluster, int number, BenchRun run)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The user that it writes.</summary>
    public string Name { get; } = $"chaos{number}";

    /// <summary>Writes that were acknowledged: each is stored exactly once.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Writes whose outcome it never learned: each is stored once or not at all.</summary>
    public long Unknown { get; private set; }

    /// <summary>Writes that were refused as not taken: none is stored.</summary>
    public long Refused { get; private set; }

    /// <summary>Writes until told to stop; the last write is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var server = number; !stop.IsCancellationRequested; server++)
        {
            try
            {
                await cluster.Api(server % cluster.Servers.Count).Users.PutAsync(Name, Role.Viewer, run.Cancel);
                Acknowledged++;
            }
            catch (RefusedException refused) when (refused.Problem.Code is "not-serving" or "busy")
            {
                Refused++;
            }
            catch (CliException)
            {
                Unknown++;
            }

            await Task.Delay(Pause, run.Time, CancellationToken.None);
        }
    }
}
