namespace VioActors.Actors.Adaptation.Packing;

/// <summary>Settings of <see cref="SteadyPacking"/>; shares are of a host's CPU, 0 to 1 and more.</summary>
public sealed record PackingSettings
{
    /// <summary>The defaults, the same for every day.</summary>
    public static PackingSettings Default { get; } = new();

    /// <summary>A host whose expected demand is above this gives machines away. Higher: less energy.</summary>
    public double Crowded { get; init; } = 0.9;

    /// <summary>It gives machines away until it is below this. Lower: more moves at once, fewer later.</summary>
    public double Relieved { get; init; } = 0.8;

    /// <summary>The most a host is filled to.</summary>
    public double Full { get; init; } = 0.72;

    /// <summary>The most a host is filled to when another is emptied.</summary>
    public double Packed { get; init; } = 0.65;

    /// <summary>The most machines that one round moves to empty hosts.</summary>
    public int MostToEmpty { get; init; } = 12;
}
