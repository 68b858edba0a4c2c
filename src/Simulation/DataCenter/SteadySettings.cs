namespace VioActors.Simulation.DataCenter;

/// <summary>Settings of <see cref="SteadyConsolidation"/>; shares are of a host's CPU, 0 to 1 and more.</summary>
public sealed record SteadySettings
{
    /// <summary>The defaults, the same for every day.</summary>
    public static SteadySettings Default { get; } = new();

    /// <summary>A host whose expected demand is above this gives machines away. Higher: less energy.</summary>
    public double Crowded { get; init; } = 0.9;

    /// <summary>It gives machines away until it is below this. Lower: more moves at once, fewer later.</summary>
    public double Relieved { get; init; } = 0.8;

    /// <summary>The most a host is filled to.</summary>
    public double Full { get; init; } = 0.72;

    /// <summary>The most a host is filled to when another is emptied.</summary>
    public double Packed { get; init; } = 0.65;

    /// <summary>Samples the expectation is the mean of, 1 to 30.</summary>
    public int Window { get; init; } = 2;

    /// <summary>A host to which machines fled from a shortage is not emptied for this many rounds.</summary>
    public int HoldRounds { get; init; } = 6;

    /// <summary>The most machines that one round moves to empty hosts, once the first rounds have passed.</summary>
    public int MostToEmpty { get; init; } = 12;
}
