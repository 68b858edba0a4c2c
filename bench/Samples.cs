namespace VioActors.Bench;

/// <summary>Order statistics of measured values.</summary>
internal static class Samples
{
    /// <summary>The middle value; the mean of the two middle ones of an even number; 0 of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) return 0;
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The smallest value that at least this share of the values does not exceed; 0 of none.</summary>
    /// <param name="values">In any order.</param>
    /// <param name="share">0 to 1, for example 0.9.</param>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) return 0;
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
