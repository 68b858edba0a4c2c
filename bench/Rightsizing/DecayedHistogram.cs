namespace VioActors.Bench.Rightsizing;

/// <summary>Samples of 0 to 1 in buckets of one per cent, whose weight halves with age.</summary>
/// <param name="halfLife">In samples.</param>
internal sealed class DecayedHistogram(double halfLife)
{
    private readonly double[] _weights = new double[101];
    private readonly double _decay = Math.Pow(0.5, 1 / halfLife);

    /// <summary>Ages all and adds a sample.</summary>
    public void Add(double sample, double weight = 1)
    {
        for (var bucket = 0; bucket < _weights.Length; bucket++) _weights[bucket] *= _decay;
        _weights[Bucket(sample)] += weight;
    }

    /// <summary>The upper end of the bucket below which a part of the weight is; 0 when empty.</summary>
    /// <param name="part">0 to 1.</param>
    public double Percentile(double part)
    {
        var wanted = _weights.Sum() * part;
        if (wanted <= 0) return 0;
        var sum = 0.0;
        for (var bucket = 0; bucket < _weights.Length; bucket++)
        {
            sum += _weights[bucket];
            if (sum >= wanted) return bucket / 100.0;
        }

        return 1;
    }

    private static int Bucket(double sample) => (int)Math.Clamp(Math.Ceiling(sample * 100 - 1e-9), 0, 100);
}
