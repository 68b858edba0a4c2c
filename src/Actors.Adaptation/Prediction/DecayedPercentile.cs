using VioActors.Actors.Adaptation.Model;

namespace VioActors.Actors.Adaptation.Prediction;

/// <summary>
/// A percentile of what was used in which a sample loses half of its weight every half-life, as in Autopilot (Rzadca et
/// al., EuroSys 2020) and the vertical autoscaler of Kubernetes. Exact, over the samples that are kept.
/// </summary>
public sealed class DecayedPercentile
{
    private readonly double _percentile;
    private readonly double _halfLifeSeconds;

    /// <summary>A percentile from 0 to 1 and a half-life of more than 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is outside of its range.</exception>
    public DecayedPercentile(double percentile, TimeSpan halfLife)
    {
        if (!(percentile is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "A percentile is 0 to 1.");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(halfLife, TimeSpan.Zero);
        (_percentile, _halfLifeSeconds) = (percentile, halfLife.TotalSeconds);
    }

    /// <summary>The percentile of a value of the samples; 0 without samples.</summary>
    /// <param name="history">The samples; ages count from the newest.</param>
    /// <param name="value">Which value of them.</param>
    public double Of(SampleHistory history, Func<Sample, double> value)
    {
        if (history.Newest.IsEmpty) return 0;
        var newest = history.Newest[0].At;
        var weighed = history.Newest
            .Select(one => (Value: value(one), Weight: Math.Pow(2, -(newest - one.At).TotalSeconds / _halfLifeSeconds)))
            .OrderBy(one => one.Value).ToList();
        var left = _percentile * weighed.Sum(one => one.Weight);
        foreach (var one in weighed)
        {
            left -= one.Weight;
            if (left <= 1e-12) return one.Value;
        }

        return weighed[^1].Value;
    }
}
