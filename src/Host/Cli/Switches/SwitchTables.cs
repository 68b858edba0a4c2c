using Spectre.Console;
using Spectre.Console.Rendering;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>The tables of <c>vio switch show</c>. What a switch does not say is <c>-</c>.</summary>
internal static class SwitchTables
{
    private const int MostPairs = 20;

    /// <summary>Ports, tunnels, pairs and duplicates of several hosts.</summary>
    public static Rows All(IReadOnlyList<SwitchStatus> hosts, SwitchNames names) => new(
        [
            Hosts(hosts, names), Text.Empty, Ports(hosts, names), Text.Empty, Tunnels(hosts, names), Text.Empty,
            Pairs(hosts, names), .. Duplicates(hosts, names),
        ]);

    /// <summary>Losses with their reasons, everything that is not 0.</summary>
    public static IReadOnlyList<LossRow> Losses(IReadOnlyList<SwitchStatus> hosts, SwitchNames names) =>
    [
        .. hosts.SelectMany(host => Of(host, "host", "", host.Counters)
            .Concat(host.Environments.SelectMany(environment =>
                environment.Ports.SelectMany(port => Of(host, "port", port.Tap, port.Counters)))))
            .Concat(hosts.SelectMany(host => host.Environments.SelectMany(environment =>
                environment.Tunnels.SelectMany(tunnel => Of(
                    host, "tunnel", $"{names.Of(environment.Id)} to {names.Of(tunnel.Host)}", tunnel.Counters)))))
            .Select(row => row with { Host = names.Of(row.Host) })
            .OrderByDescending(row => row.Count),
    ];

    /// <summary>Losses for people.</summary>
    public static Rows Of(IReadOnlyList<LossRow> losses)
    {
        var reasons = losses.DistinctBy(row => row.Counter).ToList();
        return new Rows(
            Tables.Of(
                losses,
                ("HOST", row => row.Host), ("PLACE", row => $"{row.Place} {row.Name}".TrimEnd()),
                ("COUNT", row => $"{row.Count}"), ("COUNTER", row => row.Counter), ("WHY", row => row.Why)),
            Text.Empty,
            Tables.Of(reasons, ("COUNTER", row => row.Counter), ("WHAT TO DO", row => row.Remedy)));
    }

    private static Table Hosts(IEnumerable<SwitchStatus> hosts, SwitchNames names) => Tables.Of(
        hosts,
        ("HOST", one => names.Of(one.HostId)), ("BUILD", one => one.Build), ("UDP", one => $"{one.Port}"),
        ("LANES", one => one.Lanes.Count == 0 ? "-" : $"{one.Lanes.Count}"),
        ("ISOLATED", one => one.Isolated ? "yes" : "NO (control run)"),
        ("CROSSED", one => $"{one.FramesCrossed}"),
        ("RUNS IN", one => Number(one.Counters, "runsIn")), ("RUNS OUT", one => Number(one.Counters, "runsOut")),
        ("DROPPED", one => $"{LossesOf(one.Counters)}"),
        ("GEN-0", one => Number(one.Counters, "gen0Collections")));

    private static Table Ports(IEnumerable<SwitchStatus> hosts, SwitchNames names) => Tables.Of(
        hosts.SelectMany(host => host.Environments.SelectMany(environment =>
            environment.Ports.Select(port => (Host: host, Environment: environment, Port: port)))),
        ("PORT", one => one.Port.Tap), ("HOST", one => names.Of(one.Host.HostId)),
        ("ENV", one => names.Of(one.Environment.Id)), ("NODE", one => names.Of(one.Port.Node)),
        ("IP", one => one.Environment.Nodes.FirstOrDefault(node => node.Node == one.Port.Node)?.Ip),
        ("STATE", one => one.Port.Broken ? "broken" : one.Port.Open ? "open" : "waiting"),
        ("FRAMES IN", one => Number(one.Port.Counters, "framesFromNode")),
        ("BYTES IN", one => Bytes(one.Port.Counters, "bytesFromNode")),
        ("FRAMES OUT", one => Number(one.Port.Counters, "framesToNode")),
        ("BYTES OUT", one => Bytes(one.Port.Counters, "bytesToNode")),
        ("DROPPED", one => $"{LossesOf(one.Port.Counters)}"), ("KIND", one => one.Port.Kind),
        ("OFFLOADS", one => OffloadsOf(one.Port)),
        ("TROUBLE", one => one.Port.Trouble));

    private static string? OffloadsOf(PortStatus port)
    {
        var offloads = port.Offloads.Length > 0 ? port.Offloads : null;
        return port.Counters.GetValueOrDefault("superFramesRefused") is > 0 and var refused
            ? $"{offloads ?? "none"} ({refused} super-frames refused by the kernel)"
            : offloads;
    }

    // "relayed via ID": the id is the last word.
    private static string PathOf(string path, SwitchNames names) =>
        path.LastIndexOf(' ') is > 0 and var blank ? path[..(blank + 1)] + names.Of(path[(blank + 1)..]) : path;

    private static Table Tunnels(IEnumerable<SwitchStatus> hosts, SwitchNames names) => Tables.Of(
        hosts.SelectMany(host => host.Environments.SelectMany(environment =>
            environment.Tunnels.Select(tunnel => (Host: host, Environment: environment, Tunnel: tunnel)))),
        ("TUNNEL TO", one => names.Of(one.Tunnel.Host)), ("HOST", one => names.Of(one.Host.HostId)),
        ("ENV", one => names.Of(one.Environment.Id)), ("STATE", one => one.Tunnel.Up ? "up" : "down"),
        ("PATH", one => PathOf(one.Tunnel.Path, names)), ("ENDPOINT", one => one.Tunnel.Endpoint),
        ("RTT", one => one.Tunnel.RttMs is { } rtt ? $"{rtt:0.00} ms" : null),
        ("LOSS", one => one.Tunnel.Up ? $"{one.Tunnel.Loss:P2}" : null),
        ("MTU", one => one.Tunnel.Mtu > 0 ? $"{one.Tunnel.Mtu}" : null),
        ("OFFLOADS", one => one.Tunnel.Offloads), ("CIPHER", one => one.Tunnel.Cipher),
        ("KEY AGE", one => one.Tunnel.SessionAgeMs is { } age ? $"{age / 1000} s" : null),
        ("BYTES IN", one => Bytes(one.Tunnel.Counters, "bytesIn")),
        ("BYTES OUT", one => Bytes(one.Tunnel.Counters, "bytesOut")),
        ("DROPPED", one => $"{LossesOf(one.Tunnel.Counters)}"), ("WHY", one => one.Tunnel.LastRefusal));

    private static Table Pairs(IEnumerable<SwitchStatus> hosts, SwitchNames names) => Tables.Of(
        hosts.SelectMany(host => host.Environments.SelectMany(environment =>
            environment.Pairs.Select(pair => (Environment: environment, Pair: pair))))
            .OrderByDescending(one => one.Pair.Bytes).Take(MostPairs),
        ("FROM", one => names.Of(one.Pair.From)), ("TO", one => names.Of(one.Pair.To)),
        ("ENV", one => names.Of(one.Environment.Id)),
        ("FRAMES", one => $"{one.Pair.Frames}"), ("BYTES", one => Units.Bytes(one.Pair.Bytes)),
        ("HELD BACK", one => $"{one.Pair.FramesHeldBack}"), ("OVER LIMIT", one => $"{one.Pair.DropPairLimit}"),
        ("LIMIT", one => one.Pair.LimitBytesPerSecond is { } limit ? Units.Bits(limit * 8) : null));

    // Addresses in two places; nobody wants to see an empty table of them.
    private static IEnumerable<IRenderable> Duplicates(IEnumerable<SwitchStatus> hosts, SwitchNames names)
    {
        var found = hosts.SelectMany(host => host.Environments.SelectMany(environment =>
            environment.Duplicates.Select(one => (Environment: environment, One: one)))).ToList();
        return found.Count == 0 ? [] : [Text.Empty, Tables.Of(
            found,
            ("IN TWO PLACES", one => one.One.Address), ("NODE", one => names.Of(one.One.Node)),
            ("OF NODE", one => one.One.OtherNode is { } other ? names.Of(other) : null),
            ("ENV", one => names.Of(one.Environment.Id)),
            ("HOSTS", one => string.Join(", ", one.One.Hosts.Distinct().Select(names.Of))),
            ("HOW", one => one.One.Kind), ("KEPT OUT", one => one.One.Quarantined ? "yes" : "no"),
            ("ENDS IN", one => $"{one.One.EndsInMs / 1000} s"))];
    }

    private static long LossesOf(IReadOnlyDictionary<string, long> counters) =>
        counters.Where(one => DropReason.IsLoss(one.Key)).Sum(one => one.Value);

    private static IEnumerable<LossRow> Of(
        SwitchStatus host, string place, string name, IReadOnlyDictionary<string, long> counters) =>
        counters.Where(one => one.Value > 0 && DropReason.IsLoss(one.Key)).Select(one =>
            new LossRow(host.HostId, place, name, one.Key, one.Value, DropReason.Of(one.Key).Words,
                DropReason.Of(one.Key).Remedy));

    private static string? Number(IReadOnlyDictionary<string, long> counters, string name) =>
        counters.TryGetValue(name, out var value) ? $"{value}" : null;

    private static string? Bytes(IReadOnlyDictionary<string, long> counters, string name) =>
        counters.TryGetValue(name, out var value) ? Units.Bytes(value) : null;
}

/// <summary>How often something was dropped or refused at one place, and why.</summary>
/// <param name="Host">The host.</param>
/// <param name="Place"><c>port</c>, <c>tunnel</c> or <c>host</c>.</param>
/// <param name="Name">Which; empty for the host itself.</param>
/// <param name="Counter">Name of the counter.</param>
/// <param name="Count">How often.</param>
/// <param name="Why">In words.</param>
/// <param name="Remedy">The next step.</param>
internal sealed record LossRow(
    string Host, string Place, string Name, string Counter, long Count, string Why, string Remedy);
