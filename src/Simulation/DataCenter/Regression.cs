namespace VioActors.Simulation.DataCenter;

/// <summary>
/// The line through the last ten samples, one step ahead. CloudSim names it loess, but its weights have no effect: it
/// is ordinary least squares. It is linear in the samples, so that a host's forecast is the sum of its machines'.
/// </summary>
public static class Regression
{
    /// <summary>Samples of the line.</summary>
    public const int Window = 10;

    private const double Middle = (Window + 1) / 2.0;
    private const double SumOfSquares = Window * (Window * Window - 1) / 12.0;

    /// <summary>The value at step 11 of samples at 10 (newest, <paramref name="ago"/> 0) to 1.</summary>
    /// <param name="ago">Gives the sample of so many steps ago, 0 to 9.</param>
    public static double Next(Func<int, double> ago)
    {
        var sum = 0.0;
        for (var back = 0; back < Window; back++)
            sum += ago(back) * (1.0 / Window + (Window - back - Middle) * (Window + 1 - Middle) / SumOfSquares);
        return sum;
    }
}
