namespace VioActors.Bench.Overlay;

/// <summary>What TCP carries over long and lossy paths: four connections, so that chance evens out sooner.</summary>
internal sealed class WideMeasures(Underlay under, WideArea area, int seconds)
{
    private const int Streams = 4;
    // Slow start over 100 ms takes a second.
    private const int More = 1;
    private readonly Iperf _iperf = new(under);

    /// <summary>The paths: name, round trip in milliseconds, frames lost of a thousand.</summary>
    public static IReadOnlyList<(string Figure, int Milliseconds, int PerMille)> Paths { get; } =
    [
        ("goodput_20ms_mbps", 20, 0), ("goodput_20ms_01pct_mbps", 20, 1), ("goodput_20ms_1pct_mbps", 20, 10),
        ("goodput_100ms_mbps", 100, 0),
    ];

    /// <summary>What the relay itself can carry without delay, super-frames or single ones, Mbit/s.</summary>
    public async Task<double> CeilingAsync(OverlaySystem bare, bool whole, CancellationToken cancel)
    {
        await area.SetAsync(TimeSpan.Zero, 0, cancel);
        area.Whole = whole;
        return (await _iperf.RunAsync(bare, Streams, seconds, cancel)).Mbps;
    }

    /// <summary>
    /// Control of the wire itself: pings of the bare link over 20 ms that loses 1 %, of which each way loses its own.
    /// </summary>
    public async Task<RoundTrips> PingAsync(OverlaySystem bare, CancellationToken cancel)
    {
        await area.SetAsync(TimeSpan.FromMilliseconds(20), 10, cancel);
        return await new RttProbe(under.Time).RunAsync(bare, TimeSpan.FromSeconds(seconds), cancel);
    }

    /// <summary>One measurement for each path.</summary>
    public IReadOnlyList<Measure> All => [.. Paths.Select(path => new Measure(path.Figure, async (system, cancel) =>
    {
        await area.SetAsync(TimeSpan.FromMilliseconds(path.Milliseconds), path.PerMille, cancel);
        return [(path.Figure, (await _iperf.RunAsync(system, Streams, seconds + More, cancel)).Mbps)];
    }))];
}
