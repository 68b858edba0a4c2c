using VioActors.Actors.Adaptation.Model;

namespace VioActors.Actors.Adaptation.Prediction;

/// <summary>
/// A percentile of what was used in which a sample loses half of its weight every half-life, as in Autopilot (Rzadca et
/// al., EuroSys 2020) and the vertical autoscaler of Kubernetes. Exact, over the samples that are kept.
/// </summary>
public sealed class DecayedPercentile
{
    // Half-lives after which a sample weighs nothing that could be seen.
    private const double Forgotten = 30;
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
        var samples = history.Newest;
        if (samples.IsEmpty) return 0;
        Span<double> values = stackalloc double[SampleHistory.Limit];
        Span<double> weights = stackalloc double[SampleHistory.Limit];
        var (sum, count) = (0.0, 0);
        foreach (var one in samples)
        {
            var age = (samples[0].At - one.At).TotalSeconds / _halfLifeSeconds;
            if (age > Forgotten) break;
            (values[count], weights[count]) = (value(one), Math.Pow(2, -age));
            sum += weights[count++];
        }

        values[..count].Sort(weights[..count]);
        var left = _percentile * sum;
        for (var i = 0; i < count; i++)
        {
            left -= weights[i];
            if (left <= 1e-12) return values[i];
        }

        return values[count - 1];
    }
}
