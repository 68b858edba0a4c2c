namespace VioActors.Bench.Overlay;

/// <summary>Everything that was measured: by system and figure, one value for each round.</summary>
internal sealed class OverlaySamples
{
    private readonly Dictionary<(string System, string Figure), SortedDictionary<int, double>> _all = [];

    /// <summary>Adds a value of a round; round 0 warms up and does not count.</summary>
    public void Add(int round, OverlaySystem system, string figure, double value)
    {
        if (round == 0) return;
        if (!_all.TryGetValue((system.Name, figure), out var rounds)) _all[(system.Name, figure)] = rounds = [];
        rounds[round] = value;
    }

    /// <summary>Median over rounds; null when it was never measured.</summary>
    public double? Median(OverlaySystem system, string figure) =>
        _all.TryGetValue((system.Name, figure), out var rounds) ? Samples.Median(rounds.Values) : null;

    /// <summary>Median of the ratios of the rounds in which both were measured; null when there is none.</summary>
    public double? Ratio(OverlaySystem of, OverlaySystem to, string figure) =>
        Both(of, to, figure, (one, other) => other == 0 ? double.NaN : one / other);

    /// <summary>Median of the differences of the rounds in which both were measured; null when there is none.</summary>
    public double? Difference(OverlaySystem of, OverlaySystem from, string figure) =>
        Both(of, from, figure, (one, other) => one - other);

    /// <summary>The system with the highest median; null when none was measured.</summary>
    public OverlaySystem? Best(IEnumerable<OverlaySystem> systems, string figure) =>
        systems.Where(system => Median(system, figure) is not null).MaxBy(system => Median(system, figure));

    private double? Both(
        OverlaySystem one, OverlaySystem other, string figure, Func<double, double, double> combine)
    {
        if (!_all.TryGetValue((one.Name, figure), out var ones)
            || !_all.TryGetValue((other.Name, figure), out var others)) return null;
        var values = ones.Where(round => others.ContainsKey(round.Key))
            .Select(round => combine(round.Value, others[round.Key])).Where(double.IsFinite).ToArray();
        return values.Length == 0 ? null : Samples.Median(values);
    }
}
