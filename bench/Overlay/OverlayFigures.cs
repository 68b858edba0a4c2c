using VioActors.Bench.Overlay.Systems;

namespace VioActors.Bench.Overlay;

/// <summary>Sums up: medians of every system, and what ours are compared with the best peer and the ceilings.</summary>
internal static class OverlayFigures
{
    private const double MiB = 1 << 20;

    /// <summary>Medians that are shown for every system, with their meaning.</summary>
    public static IReadOnlyList<(string Figure, string Meaning)> Shown { get; } =
    [
        ("tcp1_mbps", "one TCP connection, Mbit/s"),
        ("tcp4_mbps", "four TCP connections, Mbit/s"),
        ("cpu_s_per_gbit", "processor seconds of both daemons per Gbit, one TCP connection"),
        ("rtt_p50_us", "round trip, idle, median, microseconds"),
        ("rtt_p99_us", "round trip, idle, 99th percentile, microseconds"),
        ("rtt_loaded_p99_ms", "round trip under one TCP connection, 99th percentile, milliseconds"),
    ];

    /// <summary>All figures.</summary>
    public static async Task<Figures> OfAsync(
        OverlayRounds rounds, IReadOnlyList<OverlaySystem> systems, CancellationToken cancel)
    {
        var (figures, samples) = (new Figures { Failure = rounds.Failure }, rounds.Samples);
        var ours = systems.OfType<OurSwitch>().First();
        var peers = systems.Where(system => system.Kind == SystemKind.Peer).ToArray();
        OverlaySystem? Named(string name) => systems.FirstOrDefault(system => system.Name == name);
        void Add(string name, double? value, string meaning)
        {
            if (value is { } known) figures.Add(name, known, meaning);
        }

        void Against(string name, OverlaySystem? other, string figure, string meaning)
        {
            if (other is not null) Add(name, samples.Ratio(ours, other, figure), meaning);
        }

        Add("tcp1_mbps", samples.Median(ours, "tcp1_mbps"), "ours, one TCP connection, Mbit/s");
        var best = samples.Best(peers, "tcp1_mbps");
        if (best is not null) figures.Add("best_peer", best.Name, "the peer with the most of it");
        Against("tcp1_vs_best_peer", best, "tcp1_mbps", "times the best peer's");
        Against("tcp1_vs_veth", Named("veth"), "tcp1_mbps", "share of the bare link's");
        Against("tcp1_vs_vxlan", Named("vxlan"), "tcp1_mbps", "share of the kernel VXLAN's");
        Against("tcp1_vs_given", systems.FirstOrDefault(one => one.Kind == SystemKind.Given), "tcp1_mbps",
            "times the given build's");
        if (Named("veth") is { } veth)
        {
            Add("rtt_added_p50_us", samples.Difference(ours, veth, "rtt_p50_us"), "ours less the bare link's, idle");
            Add("rtt_added_p99_us", samples.Difference(ours, veth, "rtt_p99_us"), "the same of the 99th percentiles");
        }

        Add("rtt_loaded_p99_ms", samples.Median(ours, "rtt_loaded_p99_ms"), "ours under load");
        figures.Add("rss_mb", ours.Daemons.Max(daemon => daemon.ResidentBytes) / MiB, "the larger of our daemons, MiB");
        foreach (var system in systems)
        {
            var prefix = system.Name.Replace('-', '_');
            if (system.Version.Length > 0) figures.Add($"{prefix}_version", system.Version, "as it says");
            foreach (var (figure, meaning) in Shown)
                Add($"{prefix}_{figure}", samples.Median(system, figure), meaning);
        }

        await Task.CompletedTask.WaitAsync(cancel);
        return figures;
    }
}
