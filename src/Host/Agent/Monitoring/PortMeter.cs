using VioActors.Actors.Host.Monitoring;
using VioActors.Daemon.Agent.Switching;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Monitoring;

/// <summary>
/// A meter of a host whose nodes listen on sockets: there is no interface whose traffic libvirt could tell, but the
/// switch counts what passes.
/// </summary>
/// <param name="inner">Everything else.</param>
/// <param name="supervisor">The way to the switch.</param>
internal sealed class PortMeter(IMeter inner, SwitchSupervisor supervisor) : IMeter
{
    private readonly PortTotals _totals = new();

    /// <inheritdoc/>
    public HostCounters ReadHost() => inner.ReadHost();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeCounters>> ReadNodesAsync(CancellationToken cancel)
    {
        var nodes = await inner.ReadNodesAsync(cancel);
        try
        {
            _totals.Take(await supervisor.PortsAsync(cancel));
        }
        catch (Exception away) when (away is IOException or SwitchRefusedException)
        {
            // It restarts. Meanwhile nothing passes, so the totals stay.
        }
        return [.. nodes.Select(_totals.Apply)];
    }
}
