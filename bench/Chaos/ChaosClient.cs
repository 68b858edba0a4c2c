using VioActors.Bench.Servers;
using VioActors.Contracts;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Security;

namespace VioActors.Bench.Chaos;

/// <summary>
/// Writes again and again through whichever server answers. Each write makes a secret of its own, whose hash is stored:
/// so each can be told from all others.
/// </summary>
internal sealed class ChaosClient(ServerCluster cluster, ChaosLedger ledger, int number, BenchRun run)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Writes that were acknowledged: each is stored exactly once.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Writes that were not: each is stored once or not at all.</summary>
    public long Unknown { get; private set; }

    /// <summary>Writes until told to stop; the last write is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var server = number; !stop.IsCancellationRequested; server++)
        {
            try
            {
                var made = await cluster.Api(server % cluster.Servers.Count).Users.PutAsync(
                    $"chaos{number}", Role.Viewer, run.Cancel);
                ledger.Promise(ApiToken.Sha256(made.Token!));
                Acknowledged++;
            }
            catch (CliException)
            {
                Unknown++;
            }

            await Task.Delay(Pause, run.Time, CancellationToken.None);
        }
    }
}
