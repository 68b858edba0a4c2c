using System.Collections.Immutable;

namespace VioActors.Simulation.Fleet;

/// <summary>Sites of equal hosts of one core, and the applications that run on them.</summary>
/// <param name="HostsPerSite">How many hosts each site has.</param>
/// <param name="Applications">What runs, and when it starts.</param>
public sealed record FleetScenario(ImmutableArray<int> HostsPerSite, ImmutableArray<PhasedApplication> Applications)
{
    /// <summary>How long an application stands still when its nodes move, however many; Ruth (2007): 17-25 s.</summary>
    public TimeSpan MoveStall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the planner runs. Samples are taken every second.</summary>
    public TimeSpan PlanEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Memory of a host, in MiB.</summary>
    public long HostMemoryMiB { get; init; } = 2048;

    /// <summary>Memory of a node, in MiB.</summary>
    public long NodeMemoryMiB { get; init; } = 256;

    /// <summary>A run that is longer is a fault of the scenario.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(2);
}

/// <summary>What happened.</summary>
/// <param name="ExecutionSeconds">From start to end of each application, by name.</param>
/// <param name="OverallSeconds">From the first start to the last end.</param>
/// <param name="Moves">Moves in order: which application, to which site (index), how many nodes.</param>
/// <param name="Ends">When each application ended, in seconds from the start of the scenario.</param>
public sealed record FleetOutcome(
    ImmutableSortedDictionary<string, double> ExecutionSeconds, double OverallSeconds,
    ImmutableArray<FleetMove> Moves, ImmutableSortedDictionary<string, double> Ends)
{
    /// <summary>Mean of all execution times, in seconds.</summary>
    public double AverageSeconds => ExecutionSeconds.Values.Average();
}

/// <summary>Nodes of one application that moved in one plan.</summary>
/// <param name="AtSeconds">When, from the start of the scenario.</param>
/// <param name="Application">Whose nodes.</param>
/// <param name="FromSite">Index of the site they left.</param>
/// <param name="ToSite">Index of the site they went to; the same: between hosts of a site.</param>
/// <param name="Nodes">How many.</param>
/// <param name="HostsAfter">How many hosts the application is on afterwards.</param>
public sealed record FleetMove(
    double AtSeconds, string Application, int FromSite, int ToSite, int Nodes, int HostsAfter);
