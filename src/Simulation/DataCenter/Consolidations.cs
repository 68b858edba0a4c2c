namespace VioActors.Simulation.DataCenter;

/// <summary>The policies by name.</summary>
public static class Consolidations
{
    /// <summary>What <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["dvfs", "thr-mmt", "lr-mmt", "vio"];

    /// <summary>A new instance, for one run.</summary>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static IConsolidation Create(string name) => name switch
    {
        "dvfs" => new FirstFit(),
        "thr-mmt" => new PowerAware(new ThresholdRule(0.8)),
        "lr-mmt" => new PowerAware(new RegressionRule(1.2)),
        "vio" => new SteadyConsolidation(Actors.Adaptation.Packing.PackingSettings.Default),
        _ => throw new ArgumentException($"There is no policy '{name}': {string.Join(", ", Names)}.", nameof(name)),
    };
}
