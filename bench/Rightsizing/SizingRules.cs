namespace VioActors.Bench.Rightsizing;

/// <summary>The rules that are compared, by name.</summary>
internal static class SizingRules
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["wma", "autopilot", "vpa", "vio"];

    /// <summary>A rule for one resource of one machine.</summary>
    public static ISizingRule Create(string name, bool memory) => name switch
    {
        "wma" => new WeightedMean(),
        "autopilot" => new MovingWindow(memory ? 48 : 12, memory ? 0.98 : 0.95),
        "vpa" => new VerticalAutoscaler(memory),
        "vio" => new RecentPeak(),
        _ => throw new ArgumentException($"There is no rule '{name}'.", nameof(name)),
    };
}

/// <summary>
/// The weighted mean of the last three uses of the limit, newest first, scaled to a target of 75 %; above that it grows
/// linearly in the use up to twofold (the adaptation manager of VIOLIN environments, with the continuous slope).
/// </summary>
internal sealed class WeightedMean : ISizingRule
{
    private const double Alpha = 1 / 0.75;
    private const double Beta = 2;
    private readonly List<double> _newestFirst = [];

    public double Next(double used, double limit)
    {
        _newestFirst.Insert(0, Math.Min(1, used / limit));
        if (_newestFirst.Count > 3) _newestFirst.RemoveAt(3);
        double sum = 0, weights = 0;
        for (var i = 0; i < _newestFirst.Count; i++)
        {
            sum += (3 - i) * _newestFirst[i];
            weights += 3 - i;
        }

        return Factor(sum / weights) * limit;
    }

    /// <summary>By how much the limit changes at a use of 0 to 1.</summary>
    internal static double Factor(double use) =>
        use <= 1 / Alpha ? use * Alpha : use * (Alpha + (Beta - Alpha) / (1 - 1 / Alpha) * (use - 1 / Alpha));
}

/// <summary>
/// Autopilot's moving window (EuroSys 2020): a percentile of the load-weighted decayed histogram, 15 % margin, and of
/// that the maximum over one hour. For services: p95 for CPU, p98 for memory.
/// </summary>
internal sealed class MovingWindow(double halfLifeHours, double percentile) : ISizingRule
{
    private readonly DecayedHistogram _seen = new(halfLifeHours * 12);
    private readonly Queue<double> _hour = new();

    public double Next(double used, double limit)
    {
        // Weighted by load: a sample counts as much as it uses.
        _seen.Add(used, Math.Max(used, 0.01));
        _hour.Enqueue(_seen.Percentile(percentile) * 1.15);
        if (_hour.Count > 12) _hour.Dequeue();
        return _hour.Max();
    }
}

/// <summary>
/// The recommender of the Kubernetes Vertical Pod Autoscaler: p90 with 15 % margin, half-life of a day, memory by peaks
/// of three hours; a change waits until the limit is outside of its bounds of confidence, or for 12 hours and 10 %.
/// </summary>
internal sealed class VerticalAutoscaler(bool memory) : ISizingRule
{
    private const double Day = 288;
    private const int PeakSamples = 36;
    private readonly DecayedHistogram _seen = new(memory ? Day / PeakSamples : Day);
    private double _peak;
    private int _samples;
    private int _changed;

    public double Next(double used, double limit)
    {
        _samples++;
        _peak = Math.Max(_peak, used);
        if (!memory) _seen.Add(used);
        else if (_samples % PeakSamples == 0)
        {
            _seen.Add(_peak);
            _peak = 0;
        }

        var confidence = _samples / Day;
        var target = Math.Max(_seen.Percentile(0.9), memory ? _peak : 0) * 1.15;
        var lower = _seen.Percentile(0.5) * 1.15 * Math.Pow(1 + 0.001 / confidence, -2);
        var upper = Math.Max(_seen.Percentile(0.95), memory ? _peak : 0) * 1.15 * (1 + 1 / confidence);
        var outside = limit < lower || limit > upper;
        var due = _samples - _changed >= Day / 2 && Math.Abs(target - limit) > 0.1 * limit;
        if (!outside && !due) return limit;
        _changed = _samples;
        return target;
    }
}

/// <summary>
/// Ours: the peak of the last half hour, or the decayed p95 of three hours when that is near to it, with a margin of
/// 15 % and two per cent of the machine; a lower limit is taken only when it is lower by a fifth.
/// </summary>
internal sealed class RecentPeak : ISizingRule
{
    private const double Margin = 1.15;
    private readonly Queue<double> _recent = new();
    private readonly DecayedHistogram _seen = new(36);

    public double Next(double used, double limit)
    {
        _seen.Add(used);
        _recent.Enqueue(used);
        if (_recent.Count > 6) _recent.Dequeue();
        var peak = _recent.Max();
        var usual = Math.Min(_seen.Percentile(0.95), peak * 1.3);
        var wanted = Math.Max(peak, usual) * Margin + 0.02;
        return wanted > limit || wanted < limit * 0.8 ? wanted : limit;
    }
}
