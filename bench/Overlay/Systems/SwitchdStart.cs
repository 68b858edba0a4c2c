using System.Runtime.InteropServices;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Switching;
using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>One switch daemon to start.</summary>
/// <param name="System">What it belongs to, for messages and files.</param>
/// <param name="Space">Its namespace.</param>
/// <param name="Host">Its host id.</param>
/// <param name="Listen">Its address and port.</param>
/// <param name="Lanes">How many it has; null: as it chooses.</param>
internal sealed record SwitchdStart(string System, string Space, string Host, string Listen, int? Lanes = null)
{
    /// <summary>Starts it as a process of its own and gives it an identity.</summary>
    /// <returns>The process, which ends with the underlay, and a client that the caller owns.</returns>
    public static async Task<(OverlayDaemon Daemon, SwitchControlClient Client)> RunAsync(
        Underlay under, SwitchdStart start, OverlaySite site, CancellationToken cancel)
    {
        var directory = under.NewDirectory($"{start.System}-{start.Host}");
        var (config, socket) = (Path.Combine(directory, "switchd.json"), Path.Combine(directory, "control.sock"));
        new SwitchdConfig(
            new HostId(start.Host), new SiteId(OverlaySite.Id), site.Pem, start.Listen, socket,
            Lanes: start.Lanes).Save(config);
        // vio lies beside this program; its runtime is ours: ROOT/shared/Microsoft.NETCore.App/VERSION.
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        var daemon = under.Start(
            start.Space, $"{start.System}-{start.Host}", Path.Combine(root, "dotnet"),
            Path.Combine(AppContext.BaseDirectory, "vio.dll"), "switchd", "--config", config);
        SwitchControlClient? client = null;
        await OverlayWait.UntilAsync($"{start.System} answers on {start.Host}", under.Time, async () =>
        {
            daemon.CheckAlive();
            try
            {
                client = await SwitchControlClient.ConnectAsync(socket, "bench", cancel);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }, cancel);
        var (pem, key) = site.Issue(start.Host);
        using (key) await client!.RenewIdentityAsync(pem, key, under.Time.GetUtcNow().AddHours(12), cancel);
        return (daemon, client);
    }
}
