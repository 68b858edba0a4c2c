using VioActors.Actors.Host.Monitoring;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Agent.Monitoring;

/// <summary>
/// What nodes received and sent, by the counters of the switch's ports: they begin again with each switch, these
/// totals do not. Not thread-safe.
/// </summary>
internal sealed class PortTotals
{
    private readonly Dictionary<string, Total> _totals = new(StringComparer.Ordinal);

    /// <summary>Takes in what the switch says now; nodes without a port here are forgotten.</summary>
    public void Take(IEnumerable<PortStatus> ports)
    {
        var seen = ports.Where(port => port.Open).DistinctBy(port => port.Node)
            .ToDictionary(port => port.Node, StringComparer.Ordinal);
        foreach (var gone in _totals.Keys.Where(node => !seen.ContainsKey(node)).ToList()) _totals.Remove(gone);
        foreach (var (node, port) in seen)
        {
            var (toNode, fromNode) = (Count(port, "bytesToNode"), Count(port, "bytesFromNode"));
            // What was before the first look is nobody's rate.
            var before = _totals.GetValueOrDefault(node, new Total(toNode, fromNode, 0, 0));
            _totals[node] = new Total(
                toNode, fromNode, before.Received + Grown(before.ToNode, toNode),
                before.Sent + Grown(before.FromNode, fromNode));
        }
    }

    /// <summary>The same reading with our totals.</summary>
    public NodeCounters Apply(NodeCounters node)
    {
        var total = _totals.GetValueOrDefault(node.Node.Value, default);
        return node with { ReceivedBytes = total.Received, SentBytes = total.Sent };
    }

    // Less than before: another switch, which began at zero.
    private static long Grown(long before, long now) => now < before ? now : now - before;

    private static long Count(PortStatus port, string name) => port.Counters.GetValueOrDefault(name);

    private readonly record struct Total(long ToNode, long FromNode, long Received, long Sent);
}
