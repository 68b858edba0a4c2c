using System.Collections.Immutable;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Violin;

/// <summary>
/// The two adaptation scenarios of Ruth (2007), 6.4.2 and 6.4.3: a domain of 6 hosts and one of 4. The text has sizes
/// in particles, one start time; how long a particle takes is the free parameter T.
/// </summary>
public static class ViolinScenarios
{
    /// <summary>
    /// T at which V3 of scenario 1 gains what the text says, in core seconds for a million particles on one node. It is
    /// fitted to that one claim, so that the claim is no evidence.
    /// </summary>
    public const double CalibratedT = 7617;

    private const long HostMemoryMiB = 2048;
    private const long NodeMemoryMiB = 256;
    private static readonly TimeSpan Later = new(0, 24, 20);

    /// <summary>Scenario 1, table 6.1.</summary>
    /// <param name="secondsPerMillion">T: core seconds for a million particles on one node.</param>
    /// <param name="adapts">
    /// Where V4 and V5 are made: with adaptation where the least is booked; without both in the second domain, as the
    /// text implies by saying that they are not balanced then.
    /// </param>
    public static WorldSetup One(double secondsPerMillion, bool adapts) => Of(
    [
        // In the order that spreads V3 over all six hosts, V1 beside four of its nodes.
        Application("v3", 6, 0, TimeSpan.Zero, Work(secondsPerMillion, 1, 6)),
        Application("v1", 4, 0, TimeSpan.Zero, Work(secondsPerMillion, 0.5, 4)),
        Application("v2", 4, 1, TimeSpan.Zero, Work(secondsPerMillion, 0.25, 4)),
        Application("v4", 4, adapts ? null : 1, Later, Work(secondsPerMillion, 0.5, 4)),
        Application("v5", 4, adapts ? null : 1, Later, Work(secondsPerMillion, 0.5, 4)),
    ]);

    /// <summary>
    /// Scenario 2. The text gives V1 six nodes and no other size: 6, 4 and 4 nodes are what "balanced" needs, and the
    /// particles are chosen so that V3 ends first and V1's quiet stage (a third of a host) lasts longest.
    /// </summary>
    /// <param name="secondsPerMillion">T: core seconds for a million particles on one node.</param>
    public static WorldSetup Two(double secondsPerMillion)
    {
        var v1 = Work(secondsPerMillion, 0.5, 6);
        return Of(
        [
            Application("v1", 6, 0, TimeSpan.Zero, v1, v1 with { CpuDemand = 1.0 / 3 }),
            Application("v2", 4, 1, TimeSpan.Zero, Work(secondsPerMillion, 1, 4)),
            Application("v3", 6, 0, TimeSpan.Zero, Work(secondsPerMillion, 0.25, 6)),
            Application("v4", 4, 1, TimeSpan.Zero, Work(secondsPerMillion, 1, 4)),
        ]);
    }

    /// <summary>
    /// Domains <c>d1</c>, <c>d2</c> .. of hosts of one core, with one planner for all. Nodes that move are where they
    /// go at once, and their environment stands still for 20 s: all that Ruth measured of a move.
    /// </summary>
    /// <param name="loads">What runs.</param>
    /// <param name="hosts">Hosts of each domain; none: 6 and 4.</param>
    public static WorldSetup Of(ImmutableArray<LoadSetup> loads, params ReadOnlySpan<int> hosts)
    {
        var sites = ImmutableArray.CreateBuilder<SiteSetup>();
        foreach (var count in hosts.IsEmpty ? [6, 4] : hosts)
            sites.Add(new SiteSetup($"d{sites.Count + 1}", [new HostSetup(count, 1, HostMemoryMiB)]));
        return new WorldSetup(sites.ToImmutable(), loads)
        {
            Name = "violin",
            Length = TimeSpan.FromDays(2),
            Offers = false,
            Copy = new CopySetup
            {
                Instant = true,
                EnvironmentStall = TimeSpan.FromSeconds(20),
            },
        };
    }

    private static PhasedSetup Application(
        string name, int nodes, int? site, TimeSpan start, params ImmutableArray<PhaseSetup> phases) =>
        new(name, nodes, 1, NodeMemoryMiB, phases)
        {
            Site = site,
            Start = start,
            // All of it is always in use: memory is never balanced in these scenarios.
            MemoryUse = 1,
        };

    private static PhaseSetup Work(double secondsPerMillion, double millions, int nodes) =>
        new(secondsPerMillion * millions / nodes, 1);
}
