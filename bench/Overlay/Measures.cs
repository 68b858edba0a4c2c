namespace VioActors.Bench.Overlay;

/// <summary>One kind of measurement: what the user types, and the figures that one run over one system gives.</summary>
internal sealed record Measure(
    string Name, Func<OverlaySystem, CancellationToken, Task<IReadOnlyList<(string Figure, double Value)>>> RunAsync);

/// <summary>All kinds of measurements over the link itself.</summary>
internal sealed class Measures(Underlay under, int seconds)
{
    private const double MiB = 1 << 20;
    private readonly Iperf _iperf = new(under);
    private readonly PacketRate _packets = new(under);
    private readonly RttProbe _rtt = new(under.Time);

    /// <summary>Name of all measurements over long and lossy paths together.</summary>
    public const string Wide = "wan";

    /// <summary>Names of all, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tcp1", "tcp4", "pps64", "pps1400", "rtt", "loaded", Wide];

    /// <summary>The measurement of a name.</summary>
    public Measure Of(string name) => name switch
    {
        "tcp1" => new(name, Tcp1Async),
        "tcp4" => new(name, Tcp4Async),
        "pps64" => new(name, (system, cancel) => PacketsAsync(name, system, 64, cancel)),
        // 1400 with the headers, so that it fits every overlay's MTU.
        "pps1400" => new(name, (system, cancel) => PacketsAsync(name, system, 1372, cancel)),
        "rtt" => new(name, RttAsync),
        "loaded" => new(name, LoadedAsync),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such measurement"),
    };

    private async Task<IReadOnlyList<(string, double)>> Tcp1Async(OverlaySystem system, CancellationToken cancel)
    {
        var before = system.Daemons.Sum(daemon => daemon.CpuSeconds);
        var transfer = await _iperf.RunAsync(system, 1, seconds, cancel);
        var cpu = system.Daemons.Sum(daemon => daemon.CpuSeconds) - before;
        if (system.Daemons.Count == 0) return [("tcp1_mbps", transfer.Mbps)];
        return
        [
            ("tcp1_mbps", transfer.Mbps),
            ("cpu_s_per_gbit", transfer.Gigabits > 0 ? cpu / transfer.Gigabits : 0),
            ("rss_mb", system.Daemons.Select(daemon => daemon.ResidentBytes / MiB).Max()),
        ];
    }

    private async Task<IReadOnlyList<(string, double)>> Tcp4Async(OverlaySystem system, CancellationToken cancel) =>
        [("tcp4_mbps", (await _iperf.RunAsync(system, 4, seconds, cancel)).Mbps)];

    private async Task<IReadOnlyList<(string, double)>> PacketsAsync(
        string figure, OverlaySystem system, int bytes, CancellationToken cancel) =>
        [(figure, await _packets.RunAsync(system, bytes, TimeSpan.FromSeconds(seconds), cancel))];

    private async Task<IReadOnlyList<(string, double)>> RttAsync(OverlaySystem system, CancellationToken cancel)
    {
        var trips = await _rtt.RunAsync(system, TimeSpan.FromSeconds(seconds), cancel);
        return [("rtt_p50_us", trips.P50), ("rtt_p99_us", trips.P99)];
    }

    private async Task<IReadOnlyList<(string, double)>> LoadedAsync(OverlaySystem system, CancellationToken cancel)
    {
        var transfer = _iperf.RunAsync(system, 1, seconds + 1, cancel);
        var trips = await _rtt.RunAsync(system, TimeSpan.FromSeconds(seconds), cancel);
        await transfer;
        return [("rtt_loaded_p99_ms", trips.P99 / 1000), ("rtt_loaded_lost", trips.Sent - trips.Micros.Count)];
    }
}
