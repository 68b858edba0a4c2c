using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Simulation.Fleet;

namespace VioActors.Simulation.Tests;

public sealed class FleetTests
{
    private const double T = ViolinScenarios.CalibratedT;
    private static readonly ViolinPlanner Planner = new(ViolinOptions.Corrected);

    private static PhasedApplication Busy(string name, int nodes, int site, params double[] work) =>
        new(name, nodes, site, TimeSpan.Zero, [.. work.Select(one => new Phase(one))]);

    [Fact]
    public void An_application_is_as_fast_as_its_slowest_node()
    {
        // A and B share one of three hosts; B has the other two alone and gains nothing by it.
        var outcome = FleetSimulator.Run(
            new FleetScenario([3], [Busy("A", 1, 0, 100), Busy("B", 3, 0, 100)]), null);
        Assert.Equal(200, outcome.ExecutionSeconds["A"], 6);
        Assert.Equal(200, outcome.ExecutionSeconds["B"], 6);
    }

    [Fact]
    public void What_one_node_does_not_use_the_other_gets()
    {
        var idle = new PhasedApplication("A", 1, 0, TimeSpan.Zero, [new Phase(20, 0.2)]);
        var outcome = FleetSimulator.Run(new FleetScenario([1], [idle, Busy("B", 1, 0, 80)]), null);
        Assert.Equal(100, outcome.ExecutionSeconds["A"], 6);
        Assert.Equal(100, outcome.ExecutionSeconds["B"], 6);
    }

    [Fact]
    public void Phases_follow_each_other_within_a_second() => Assert.Equal(
        2.25, FleetSimulator.Run(new FleetScenario([1], [Busy("A", 1, 0, 0.75, 0.5, 1)]), null).OverallSeconds, 9);

    [Fact]
    public void Scenario_one_moves_V1_and_nothing_else()
    {
        var moves = FleetSimulator.Run(ViolinScenarios.One(T, adapts: true), Planner).Moves;
        var move = Assert.Single(moves);
        Assert.Equal(("V1", 0, 1, 4), (move.Application, move.FromSite, move.ToSite, move.Nodes));
    }

    [Fact]
    public void Scenario_two_moves_V2_and_packs_V1_in_that_order()
    {
        var outcome = FleetSimulator.Run(ViolinScenarios.Two(T), Planner);
        var move = outcome.Moves.First(one => one.FromSite != one.ToSite);
        Assert.True(move.AtSeconds > outcome.Ends["V3"]);
        Assert.Equal(("V2", 1, 0, 4), (move.Application, move.FromSite, move.ToSite, move.HostsAfter));
        var packed = outcome.Moves.First(one => one.Application == "V1");
        Assert.Equal((move.AtSeconds, 2), (packed.AtSeconds, packed.HostsAfter));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Vio_is_better_than_violin_in_both_scenarios_and_near_the_best_of_all_schedules(int number)
    {
        var scenario = number == 1 ? ViolinScenarios.One(T, adapts: true) : ViolinScenarios.Two(T);
        var violin = FleetSimulator.Run(scenario, Planner);
        var vio = FleetSimulator.Run(scenario, new VioPlanner(new VioOptions()));
        Assert.True(vio.AverageSeconds < violin.AverageSeconds, $"{vio.AverageSeconds} {violin.AverageSeconds}");
        Assert.True(vio.OverallSeconds < violin.OverallSeconds, $"{vio.OverallSeconds} {violin.OverallSeconds}");
        var best = ViolinOptimum.Of(scenario, priorities: false);
        Assert.InRange(vio.AverageSeconds / best.AverageSeconds, 0.99, 1.05);
        // Nobody can know at the start of scenario 2 that V1 will have a long quiet stage, and put it first.
        Assert.InRange(vio.OverallSeconds / best.OverallSeconds, 0.99, number == 1 ? 1.01 : 1.15);
    }

    [Fact]
    public void The_same_scenario_has_the_same_outcome()
    {
        static string Text() => System.Text.Json.JsonSerializer.Serialize(
            FleetSimulator.Run(ViolinScenarios.One(3000, adapts: true), Planner));
        Assert.Equal(Text(), Text());
    }
}
