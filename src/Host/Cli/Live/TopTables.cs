using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli.Live;

/// <summary>The tables of <c>vio top</c>: the newest sample of each. What is not measured is <c>-</c>.</summary>
internal static class TopTables
{
    /// <summary>Hosts, then the nodes that use or want most, then who did not answer.</summary>
    public static Rows All(SamplesView view, int mostNodes)
    {
        List<IRenderable> parts = [];
        if (view.Hosts.Length > 0) parts.AddRange([Hosts(view.Hosts), Text.Empty]);
        parts.Add(Nodes(view.Nodes.OrderByDescending(node => Newest(node) is { } one ? Wanted(one) : -1)
            .ThenBy(node => node.Environment, StringComparer.Ordinal).ThenBy(node => node.Name, StringComparer.Ordinal)
            .Take(mostNodes)));
        foreach (var missing in view.Missing) parts.Add(new Text(Tables.Clean(missing.Why.ToString())));
        return new Rows(parts);
    }

    private static Table Hosts(IEnumerable<HostLoadView> hosts) => Tables.Of(
        hosts.Select(host => (host.Name, One: host.Samples.LastOrDefault())),
        ("HOST", host => host.Name),
        ("CPU", host => host.One is { } one ? $"{Cores(one.CpuUsedCores)} of {Number(one.Cores, "0")}" : null),
        ("STOLEN", host => host.One is { } one ? Cores(one.CpuStolenCores) : null),
        ("RUN QUEUE", host => host.One is { } one ? Number(one.RunQueue, "0") : null),
        ("MEMORY", host => host.One is { } one
            ? $"{one.MemoryMiB - one.MemoryAvailableMiB} of {one.MemoryMiB} MiB" : null),
        ("SWAP", host => host.One is { } one ? $"{one.SwapUsedMiB} MiB" : null),
        ("IN", host => host.One is { } one ? Rate(one.ReceivedBytesPerSecond) : null),
        ("OUT", host => host.One is { } one ? Rate(one.SentBytesPerSecond) : null));

    private static Table Nodes(IEnumerable<NodeLoadView> nodes) => Tables.Of(
        nodes.Select(node => (Node: node, One: Newest(node))),
        ("NODE", node => $"{node.Node.Environment}/{node.Node.Name}"), ("HOST", node => node.Node.HostName),
        ("CPU USED", node => node.One is { } one ? Cores(one.CpuUsedCores) : null),
        ("WANTED", node => node.One is { } one ? Cores(Wanted(one)) : null),
        ("THROTTLED", node => node.One is { } one ? Cores(one.CpuThrottledCores) : null),
        ("OF", node => $"{node.Node.Vcpus}"),
        ("QUOTA", node => node.One is { CpuQuotaPercent: { } quota } ? $"{quota}%" : null),
        ("WEIGHT", node => node.One is { CpuWeight: { } weight } ? $"{weight}" : null),
        ("MEMORY", node => node.One is { } one
            ? $"{(one.MemoryUsedMiB is { } used ? Number(used, "0") : "?")} of {one.MemoryMiB} MiB" : null),
        ("IN", node => node.One is { } one ? Rate(one.ReceivedBytesPerSecond) : null),
        ("OUT", node => node.One is { } one ? Rate(one.SentBytesPerSecond) : null));

    private static NodeSample? Newest(NodeLoadView node) => node.Samples.LastOrDefault();

    private static double Wanted(NodeSample one) => one.CpuUsedCores + one.CpuWaitedCores;

    private static string Cores(double cores) => Number(cores, "0.00");

    private static string Rate(double bytes) => Units.Bits(bytes * 8) + "/s";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
