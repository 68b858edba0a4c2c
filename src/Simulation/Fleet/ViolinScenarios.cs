using System.Collections.Immutable;

namespace VioActors.Simulation.Fleet;

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

    private static readonly TimeSpan Later = new(0, 24, 20);

    /// <summary>Scenario 1, table 6.1.</summary>
    /// <param name="secondsPerMillion">T: core seconds for a million particles on one node.</param>
    /// <param name="adapts">
    /// Where V4 and V5 are made: with adaptation where the least is booked; without both in the second domain, as the
    /// text implies by saying that they are not balanced then.
    /// </param>
    public static FleetScenario One(double secondsPerMillion, bool adapts) => new([6, 4],
    [
        // In the order that spreads V3 over all six hosts, V1 beside four of its nodes.
        Application("V3", 6, 0, TimeSpan.Zero, Work(secondsPerMillion, 1, 6)),
        Application("V1", 4, 0, TimeSpan.Zero, Work(secondsPerMillion, 0.5, 4)),
        Application("V2", 4, 1, TimeSpan.Zero, Work(secondsPerMillion, 0.25, 4)),
        Application("V4", 4, adapts ? null : 1, Later, Work(secondsPerMillion, 0.5, 4)),
        Application("V5", 4, adapts ? null : 1, Later, Work(secondsPerMillion, 0.5, 4)),
    ]);

    /// <summary>
    /// Scenario 2. The text gives V1 six nodes and no other size: 6, 4 and 4 nodes are what "balanced" needs, and the
    /// particles are chosen so that V3 ends first and V1's quiet stage (a third of a host) lasts longest.
    /// </summary>
    /// <param name="secondsPerMillion">T: core seconds for a million particles on one node.</param>
    public static FleetScenario Two(double secondsPerMillion)
    {
        var v1 = Work(secondsPerMillion, 0.5, 6);
        return new FleetScenario([6, 4],
        [
            Application("V1", 6, 0, TimeSpan.Zero, v1, new Phase(v1.WorkPerNode, 1.0 / 3)),
            Application("V2", 4, 1, TimeSpan.Zero, Work(secondsPerMillion, 1, 4)),
            Application("V3", 6, 0, TimeSpan.Zero, Work(secondsPerMillion, 0.25, 6)),
            Application("V4", 4, 1, TimeSpan.Zero, Work(secondsPerMillion, 1, 4)),
        ]);
    }

    private static PhasedApplication Application(
        string name, int nodes, int? site, TimeSpan start, params ImmutableArray<Phase> phases) =>
        new(name, nodes, site, start, phases);

    private static Phase Work(double secondsPerMillion, double millions, int nodes) =>
        new(secondsPerMillion * millions / nodes);
}
