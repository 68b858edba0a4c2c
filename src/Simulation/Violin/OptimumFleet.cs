using VioActors.Simulation.World;

namespace VioActors.Simulation.Violin;

/// <summary>What the search over schedules needs of a fleet: hosts of one core, and applications.</summary>
internal sealed class OptimumFleet
{
    internal OptimumFleet(WorldSetup setup)
    {
        HostsPerSite = [.. setup.Sites.Select(site => site.Hosts.Sum(group => group.Count))];
        Applications = [.. setup.Loads.Cast<PhasedSetup>()];
        StallSeconds = setup.Copy.EnvironmentStall.TotalSeconds;
    }

    /// <summary>How many hosts each site has.</summary>
    internal int[] HostsPerSite { get; }

    /// <summary>What runs, and when it starts.</summary>
    internal PhasedSetup[] Applications { get; }

    /// <summary>How long an application stands still when its nodes move, however many.</summary>
    internal double StallSeconds { get; }
}
