using VioActors.Simulation;
using VioActors.Simulation.Site;

namespace VioActors.TestKit;

/// <summary>What a <see cref="TestSite"/> is made of.</summary>
public sealed record TestSiteOptions
{
    /// <summary>Hosts at the start, 1 to 26; they are called a, b, c.</summary>
    public int Hosts { get; init; } = 2;

    /// <summary>Memory of each host, MiB; a node takes some more than its own.</summary>
    public int HostMemoryMiB { get; init; } = 8192;

    /// <summary>Draws the order of what is ready at the same time, delays, and faults.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How fast machines boot, copy and stop; null for the usual.</summary>
    public SimSpeeds? Speeds { get; init; }

    /// <summary>
    /// Faults that happen by themselves: lost and doubled commands, dying servers, agents and hosts. Null for none.
    /// </summary>
    public SimChaos? Chaos { get; init; }
}
