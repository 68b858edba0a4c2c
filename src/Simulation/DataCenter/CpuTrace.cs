namespace VioActors.Simulation.DataCenter;

/// <summary>CPU use of one machine over a day: 288 samples, one each 300 s, each 0 to 1.</summary>
public sealed class CpuTrace
{
    /// <summary>Samples of one day.</summary>
    public const int Length = 288;

    /// <summary>Seconds between samples.</summary>
    public const double IntervalSeconds = 300;

    private readonly double[] _samples;

    /// <summary>Takes the samples.</summary>
    /// <exception cref="ArgumentException">Not 288 samples, or one outside of 0 to 1.</exception>
    public CpuTrace(IReadOnlyList<double> samples)
    {
        if (samples.Count != Length)
            throw new ArgumentException($"A trace has {Length} samples, not {samples.Count}.", nameof(samples));
        if (samples.Any(sample => !(sample >= 0 && sample <= 1)))
            throw new ArgumentException("A sample is a share of 0 to 1.", nameof(samples));
        // The end of the last interval repeats its beginning.
        _samples = [.. samples, samples[^1]];
    }

    /// <summary>The samples.</summary>
    public ReadOnlySpan<double> Samples => _samples.AsSpan(0, Length);

    /// <summary>The share at a time in seconds, 0 to 86,400; linear between samples.</summary>
    public double At(double time)
    {
        var place = time / IntervalSeconds;
        var below = (int)Math.Floor(place);
        if (below >= Length) return _samples[Length];
        var rise = (_samples[below + 1] - _samples[below]) / IntervalSeconds;
        return _samples[below] + rise * (time - below * IntervalSeconds);
    }
}
