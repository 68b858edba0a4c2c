namespace VioActors.Bench.Overlay;

/// <summary>Everything that was measured: by system and figure, one value for each round.</summary>
internal sealed class OverlaySamples
{
    private readonly Dictionary<(string System, string Figure), List<double>> _all = [];

    /// <summary>Adds a value of a round; round 0 warms up and does not count.</summary>
    public void Add(int round, OverlaySystem system, string figure, double value)
    {
        if (round == 0) return;
        if (!_all.TryGetValue((system.Name, figure), out var values)) _all[(system.Name, figure)] = values = [];
        values.Add(value);
    }

    /// <summary>Median over rounds; null when it was never measured.</summary>
    public double? Median(OverlaySystem system, string figure) =>
        _all.TryGetValue((system.Name, figure), out var values) ? Samples.Median(values) : null;

    /// <summary>Ratio of the medians; null when one was never measured.</summary>
    public double? Ratio(OverlaySystem of, OverlaySystem to, string figure) =>
        Median(to, figure) is { } other and not 0 ? Median(of, figure) / other : null;

    /// <summary>Difference of the medians; null when one was never measured.</summary>
    public double? Difference(OverlaySystem of, OverlaySystem from, string figure) =>
        Median(of, figure) - Median(from, figure);

    /// <summary>The system with the highest median; null when none was measured.</summary>
    public OverlaySystem? Best(IEnumerable<OverlaySystem> systems, string figure) =>
        systems.Where(system => Median(system, figure) is not null).MaxBy(system => Median(system, figure));
}
