using System.Net.NetworkInformation;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>
/// Waits for a node's port before its machine starts: the switch makes it when it applies its wanted state, which may
/// come a moment later. A machine whose joint is missing could not start; one on a socket would wait inside its start,
/// and libvirt with it.
/// </summary>
/// <param name="port">How nodes reach the switch.</param>
/// <param name="ports">Asks the switch for its ports; an IOException while it is away.</param>
/// <param name="clock">The clock.</param>
internal sealed class PortWait(
    PortXml port, Func<CancellationToken, Task<IReadOnlyList<PortStatus>>> ports, TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Ends when there is one.</summary>
    /// <exception cref="HypervisorException">There was none in time.</exception>
    public async Task ForAsync(NodeId node, CancellationToken cancel)
    {
        for (var started = clock.GetTimestamp(); !await IsThereAsync(node, cancel);)
        {
            if (clock.GetElapsedTime(started) > Limit)
                throw new HypervisorException(
                    "no-port",
                    $"The switch has made no port for node {node}: {What(node)} is missing after "
                    + $"{Limit.TotalSeconds} s.",
                    "See the switch's status with 'vio host show'.");
            await Task.Delay(LookInterval, clock, cancel);
        }
    }

    private string What(NodeId node) => port.HasSocket ? $"a {port.Kind} port" : node.InterfaceName('q');

    private async Task<bool> IsThereAsync(NodeId node, CancellationToken cancel)
    {
        // Where QEMU will look for it.
        if (!port.HasSocket)
            return NetworkInterface.GetAllNetworkInterfaces().Any(link => link.Name == node.InterfaceName('q'));
        try
        {
            return (await ports(cancel)).Any(one => one.Node == node.Value && one.Kind == port.Kind);
        }
        catch (Exception away) when (away is IOException or SwitchRefusedException)
        {
            return false;
        }
    }
}
