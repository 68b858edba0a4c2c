namespace VioActors.Actors.Adaptation.Prediction;

/// <summary>
/// Equation 6.1 of Ruth (2007): the newest of n measurements counts n times, the oldest once. With fewer than n
/// measurements it is the same over those there are.
/// </summary>
public sealed class WeightedMovingAverage : IPredictor
{
    private readonly int _window;

    /// <summary>An average over the newest <paramref name="window"/> measurements, at least 1.</summary>
    public WeightedMovingAverage(int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        _window = window;
    }

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> newestFirst)
    {
        var n = Math.Min(_window, newestFirst.Length);
        var sum = 0.0;
        for (var i = 0; i < n; i++) sum += (n - i) * newestFirst[i];
        return n == 0 ? 0 : sum / (n * (n + 1) / 2.0);
    }
}
