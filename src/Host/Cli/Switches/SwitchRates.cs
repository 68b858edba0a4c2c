using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>What one port, tunnel or pair does, per second.</summary>
/// <param name="Kind"><c>port</c>, <c>tunnel</c> or <c>pair</c>.</param>
/// <param name="Host">The host where it was counted.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="Name">The port's TAP, the tunnel's other host, or the pair's nodes.</param>
/// <param name="FramesIn">Frames (of a tunnel: datagrams) from the node or the other host.</param>
/// <param name="BitsIn">Bits of them.</param>
/// <param name="FramesOut">The other way; 0 for a pair, which has one.</param>
/// <param name="BitsOut">Bits of them.</param>
/// <param name="Drops">Dropped or refused.</param>
internal sealed record SwitchRate(
    string Kind, string Host, string Environment, string Name, double FramesIn, double BitsIn, double FramesOut,
    double BitsOut, double Drops);

/// <summary>Rates between two looks at the same switches. Pure.</summary>
internal static class SwitchRates
{
    /// <summary>
    /// The busiest first. A pair that is new began at 0; other things that the earlier look does not have, and those of
    /// a switch that was restarted, are left out.
    /// </summary>
    public static IReadOnlyList<SwitchRate> Between(
        IReadOnlyList<SwitchStatus> before, IReadOnlyList<SwitchStatus> now, double seconds, SwitchNames names)
    {
        var old = before.SelectMany(Samples).ToDictionary(one => one.Key);
        // Where not all pairs are told, one that was not may have counted for long.
        var toldAll = before.All(host => host.Environments.All(one => one.Pairs.Count < Limits.PairsPerStatus));
        var hosts = before.Select(host => host.HostId).ToHashSet();
        Sample? Then(Sample one) => old.TryGetValue(one.Key, out var then) ? then
            : one.Key.Kind == "pair" && toldAll && hosts.Contains(one.Key.Host) ? new Sample(one.Key, 0, 0, 0, 0, 0)
            : null;
        return
        [
            .. now.SelectMany(Samples)
                .Select(one => (Now: one, Then: Then(one)))
                .Where(one => one.Then is { } then && then.BytesIn <= one.Now.BytesIn)
                .Select(one => Rate(one.Then!, one.Now, seconds, names))
                .OrderByDescending(one => one.BitsIn + one.BitsOut).ThenByDescending(one => one.Drops)
                .ThenBy(one => one.Kind).ThenBy(one => one.Name),
        ];
    }

    private static SwitchRate Rate(Sample then, Sample now, double seconds, SwitchNames names)
    {
        var (kind, host, environment, name, other) = now.Key;
        var shown = kind == "port" ? name : names.Of(name) + (other.Length > 0 ? " > " + names.Of(other) : "");
        return new SwitchRate(
            kind, names.Of(host), names.Of(environment), shown,
            (now.FramesIn - then.FramesIn) / seconds, (now.BytesIn - then.BytesIn) * 8 / seconds,
            (now.FramesOut - then.FramesOut) / seconds, (now.BytesOut - then.BytesOut) * 8 / seconds,
            (now.Drops - then.Drops) / seconds);
    }

    private static IEnumerable<Sample> Samples(SwitchStatus host) => host.Environments.SelectMany(environment =>
        environment.Ports.Select(port => new Sample(
            ("port", host.HostId, environment.Id, port.Tap, ""),
            Of(port.Counters, "framesFromNode"), Of(port.Counters, "bytesFromNode"),
            Of(port.Counters, "framesToNode"), Of(port.Counters, "bytesToNode"), Drops(port.Counters)))
        .Concat(environment.Tunnels.Select(tunnel => new Sample(
            ("tunnel", host.HostId, environment.Id, tunnel.Host, ""),
            Of(tunnel.Counters, "datagramsIn"), Of(tunnel.Counters, "bytesIn"),
            Of(tunnel.Counters, "datagramsOut"), Of(tunnel.Counters, "bytesOut"), Drops(tunnel.Counters))))
        .Concat(environment.Pairs.Select(pair => new Sample(
            ("pair", host.HostId, environment.Id, pair.From, pair.To),
            pair.Frames, pair.Bytes, 0, 0, pair.DropPairLimit))));

    private static long Of(IReadOnlyDictionary<string, long> counters, string name) =>
        counters.GetValueOrDefault(name);

    private static long Drops(IReadOnlyDictionary<string, long> counters) =>
        counters.Where(one => DropReason.IsLoss(one.Key)).Sum(one => one.Value);

    private sealed record Sample(
        (string Kind, string Host, string Environment, string Name, string Other) Key, long FramesIn, long BytesIn,
        long FramesOut, long BytesOut, long Drops);
}
