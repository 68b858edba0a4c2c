using VioActors.Bench.Overlay.Systems;

namespace VioActors.Bench.Overlay;

/// <summary>What was measured beside the rounds.</summary>
/// <param name="Collections">Gen-0 collections of our daemons during the rounds; null when they do not tell.</param>
/// <param name="Wide">What the relay itself did; null when it was not used.</param>
internal sealed record OverlayExtras(long? Collections, WideControls? Wide);

/// <summary>What the relay itself did.</summary>
/// <param name="RelayMbps">Four TCP connections of the bare link over it, with no delay.</param>
/// <param name="SinglesMbps">The same frame by frame, as where frames are lost.</param>
/// <param name="Pings">Over 20 ms with 1 % loss each way.</param>
internal sealed record WideControls(double RelayMbps, double SinglesMbps, RoundTrips Pings);

/// <summary>Sums up: medians of every system, and ours against the best peer and the ceilings.</summary>
internal sealed class OverlayFigures(OverlaySamples samples, IReadOnlyList<OverlaySystem> systems)
{
    private const double EnoughHeadroom = 2;
    private readonly Figures _figures = new();
    private readonly OverlaySystem _ours = systems.First(system => system.Kind == SystemKind.Ours);

    /// <summary>Medians that are shown for every system: name, heading, meaning.</summary>
    private static readonly (string Figure, string Title, string Meaning)[] All =
    [
        ("tcp1_mbps", "TCP x1, Mbit/s", "one TCP connection, Mbit/s"),
        ("tcp4_mbps", "TCP x4, Mbit/s", "four TCP connections, Mbit/s"),
        ("cpu_s_per_gbit", "CPU s per Gbit (less is better)", "processor seconds of both daemons per Gbit of TCP x1"),
        ("rss_mb", "Memory, MiB (less is better)", "resident memory of the larger daemon, MiB"),
        ("pps64", "UDP 64 B, packets/s", "UDP packets of 64 bytes of payload that arrived per second"),
        ("pps1400", "UDP 1400 B, packets/s", "IP packets of 1400 bytes that arrived per second"),
        ("rtt_p50_us", "RTT idle p50, us (less is better)", "round trip, idle, median, microseconds"),
        ("rtt_p99_us", "RTT idle p99, us (less is better)", "round trip, idle, 99th percentile, microseconds"),
        ("rtt_loaded_p99_ms", "RTT under TCP p99, ms (less is better)",
            "round trip beside one TCP connection, 99th percentile, milliseconds"),
        ("goodput_20ms_mbps", "TCP x4, 20 ms, Mbit/s", "four TCP connections over 20 ms"),
        ("goodput_20ms_01pct_mbps", "TCP x4, 20 ms, 0.1 % loss, Mbit/s", "the same with 0.1 % of frames lost"),
        ("goodput_20ms_1pct_mbps", "TCP x4, 20 ms, 1 % loss, Mbit/s", "the same with 1 % of frames lost"),
        ("goodput_100ms_mbps", "TCP x4, 100 ms, Mbit/s", "four TCP connections over 100 ms"),
    ];

    /// <summary>Figures of every system, with their meaning.</summary>
    public static IReadOnlyList<(string Figure, string Meaning)> Shown { get; } =
        [.. All.Select(one => (one.Figure, one.Meaning))];

    /// <summary>Heading of a figure.</summary>
    public static string TitleOf(string figure) => All.First(one => one.Figure == figure).Title;

    /// <summary>All figures, those of the comparison first.</summary>
    public Figures Sum(OverlayExtras extras, string? failure)
    {
        _figures.Failure = failure;
        Compare();
        if (extras.Collections is { } collections)
            _figures.Add("gen0", collections, "collections of our daemons while the rounds ran");
        Add("rss_mb", samples.Median(_ours, "rss_mb"), "resident memory of our larger daemon, MiB");
        Controls(extras);
        foreach (var system in systems) Raw(system);
        return _figures;
    }

    private void Compare()
    {
        var peers = systems.Where(system => system.Kind == SystemKind.Peer).ToArray();
        Add("tcp1_mbps", samples.Median(_ours, "tcp1_mbps"), "ours, one TCP connection, Mbit/s");
        var best = samples.Best(peers, "tcp1_mbps");
        if (best is not null) _figures.Add("best_peer", best.Name, "the peer with the most of it");
        Against("tcp1_vs_best_peer", best, "tcp1_mbps", "times the best peer's");
        Against("tcp1_vs_veth", Named("veth"), "tcp1_mbps", "share of the bare link's");
        Against("tcp1_vs_vxlan", Named("vxlan"), "tcp1_mbps", "share of the kernel VXLAN's");
        Against(
            "tcp1_vs_given", systems.FirstOrDefault(system => system.Kind == SystemKind.Given), "tcp1_mbps",
            "times the given build's");
        Against("pps64_vs_best_peer", samples.Best(peers, "pps64"), "pps64", "times the best peer's small packets");
        Added("rtt_added_p50_us", "rtt_p50_us", "ours less the bare link's, idle, microseconds");
        Added("rtt_added_p99_us", "rtt_p99_us", "the same of the 99th percentiles");
        Add("rtt_loaded_p99_ms", samples.Median(_ours, "rtt_loaded_p99_ms"), "ours beside one TCP connection");
        CompareTaps(peers);
        const string lossy = "goodput_20ms_1pct_mbps";
        Against(
            "goodput_1pct_vs_best_peer", samples.Best(peers, lossy), lossy, "times the best peer's, 1 % loss, 20 ms");
    }

    // Where the peers' TAPs are, too: without the joint.
    private void CompareTaps(OverlaySystem[] peers)
    {
        if (Named("ours-tap") is not { } tap) return;
        foreach (var (name, figure) in ((string, string)[])
            [("tap_tcp1_vs_best_peer", "tcp1_mbps"), ("tap_pps64_vs_best_peer", "pps64")])
        {
            if (samples.Best(peers, figure) is { } best)
                Add(name, samples.Ratio(tap, best, figure), "the same with our TAP in the guest, as the peers' are");
        }
    }

    private void Controls(OverlayExtras extras)
    {
        Headroom("pps64_ceiling_ratio", Named("veth") is { } veth ? samples.Median(veth, "pps64") : null, "pps64",
            "the sender on the bare link");
        if (extras.Wide is not { } wide) return;
        Add("relay_ceiling_mbps", wide.RelayMbps, "control: the relay with no delay, four TCP connections");
        Headroom("relay_ceiling_ratio", wide.RelayMbps, "goodput_20ms_mbps", "the relay");
        Add("relay_singles_mbps", wide.SinglesMbps, "control: the same frame by frame, as where frames are lost");
        Headroom("relay_singles_ratio_01pct", wide.SinglesMbps, "goodput_20ms_01pct_mbps", "that");
        Headroom("relay_singles_ratio_1pct", wide.SinglesMbps, "goodput_20ms_1pct_mbps", "that");
        Add("relay_rtt_ms", wide.Pings.P50 / 1000, "control: median ping of the bare link over 20 ms");
        Add("relay_lost_share", wide.Pings.LostShare, "control: of these lost with 1 % loss each way, so 0.02");
        if (wide.Pings.P50 < 20_000 || wide.Pings.LostShare is 0 or > 0.1)
            _figures.Failure ??= "The relay does not delay and lose as told: see relay_rtt_ms and relay_lost_share.";
    }

    private void Headroom(string name, double? ceiling, string figure, string what)
    {
        var overlays = systems.Where(system => system.Kind != SystemKind.Ceiling);
        if (ceiling is { } most && samples.Best(overlays, figure) is { } fastest
            && samples.Median(fastest, figure) is { } reached and > 0)
        {
            Add(name, most / reached, $"control: {what} against the fastest overlay"
                + (most / reached < EnoughHeadroom ? $"; BELOW {EnoughHeadroom}, so {figure} is cut off" : ""));
        }
    }

    private void Raw(OverlaySystem system)
    {
        var prefix = system.Name.Replace('-', '_');
        if (system.Version.Length > 0) _figures.Add($"{prefix}_version", system.Version, "as it says");
        foreach (var (figure, meaning) in Shown)
            Add($"{prefix}_{figure}", samples.Median(system, figure), meaning);
    }

    private OverlaySystem? Named(string name) => systems.FirstOrDefault(system => system.Name == name);

    private void Against(string name, OverlaySystem? other, string figure, string meaning)
    {
        if (other is not null) Add(name, samples.Ratio(_ours, other, figure), meaning);
    }

    private void Added(string name, string figure, string meaning)
    {
        if (Named("veth") is { } veth) Add(name, samples.Difference(_ours, veth, figure), meaning);
    }

    private void Add(string name, double? value, string meaning)
    {
        if (value is { } known) _figures.Add(name, known, meaning);
    }
}
