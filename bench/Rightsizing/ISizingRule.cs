namespace VioActors.Bench.Rightsizing;

/// <summary>Sizes one resource of one machine; sees one sample each 300 s. Pure but for what it has seen.</summary>
internal interface ISizingRule
{
    /// <summary>The limit for the next 300 s, as a share of the machine.</summary>
    /// <param name="used">What was wanted in the last 300 s, 0 to 1.</param>
    /// <param name="limit">The limit that held.</param>
    double Next(double used, double limit);
}
