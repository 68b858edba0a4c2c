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
/// <param name="clock">The clock.</param>
internal sealed class PortMeter(IMeter inner, SwitchSupervisor supervisor, TimeProvider clock) : IMeter
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);
    private readonly PortTotals _totals = new();

    /// <inheritdoc/>
    public HostCounters ReadHost() => inner.ReadHost();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeCounters>> ReadNodesAsync(CancellationToken cancel)
    {
        var nodes = await inner.ReadNodesAsync(cancel);
        try
        {
            var client = await supervisor.ConnectAsync(cancel);
            var status = await client.StatusAsync(cancel).WaitAsync(AnswerLimit, clock, cancel);
            _totals.Take(status.Environments.SelectMany(environment => environment.Ports));
        }
        catch (Exception away) when (away is IOException or TimeoutException or SwitchRefusedException
            or InvalidDataException)
        {
            // It restarts. Meanwhile nothing passes, so the totals stay.
        }
        return [.. nodes.Select(_totals.Apply)];
    }
}
