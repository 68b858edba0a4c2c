using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Simulation.Violin;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests;

public sealed class ViolinScenarioTests
{
    private const double T = ViolinScenarios.CalibratedT;
    private static readonly ViolinPlanner Planner = new(ViolinOptions.Corrected);

    private static PhasedSetup Busy(string name, int nodes, params double[] work) =>
        new(name, nodes, 1, 256, [.. work.Select(one => new PhaseSetup(one, 1))]) { Site = 0 };

    private static double Seconds(WorldReport report, string name) =>
        report.Environments.Single(one => one.Name == name).CompletionSeconds!.Value;

    [Fact]
    public void An_application_is_as_fast_as_its_slowest_node()
    {
        // A and B share one of three hosts; B has the other two alone and gains nothing by it.
        var report = WorldRun.Run(ViolinScenarios.Of([Busy("a", 1, 100), Busy("b", 3, 100)], 3), null);
        Assert.Equal(200, Seconds(report, "a"), 6);
        Assert.Equal(200, Seconds(report, "b"), 6);
    }

    [Fact]
    public void What_one_node_does_not_use_the_other_gets()
    {
        var idle = Busy("a", 1, 20) with { Phases = [new PhaseSetup(20, 0.2)] };
        var report = WorldRun.Run(ViolinScenarios.Of([idle, Busy("b", 1, 80)], 1), null);
        Assert.Equal(100, Seconds(report, "a"), 6);
        Assert.Equal(100, Seconds(report, "b"), 6);
    }

    [Fact]
    public void Phases_follow_each_other_within_a_second() => Assert.Equal(
        2.25, WorldRun.Run(ViolinScenarios.Of([Busy("a", 1, 0.75, 0.5, 1)], 1), null).OverallSeconds!.Value, 9);

    [Fact]
    public void Scenario_one_moves_V1_and_nothing_else()
    {
        var moves = WorldRun.Run(ViolinScenarios.One(T, adapts: true), Planner).Moves;
        Assert.Equal(4, moves.Length);
        Assert.All(moves, move => Assert.Equal(("v1", true), (move.Environment, move.Crosses)));
        Assert.All(moves, move => Assert.StartsWith("d2-", move.To));
    }

    [Fact]
    public void Scenario_two_moves_V2_and_packs_V1_in_that_order()
    {
        var report = WorldRun.Run(ViolinScenarios.Two(T), Planner);
        var across = report.Moves.Where(one => one.Crosses).TakeWhile(one => one.Environment == "v2").ToList();
        Assert.True(across[0].AtSeconds > Seconds(report, "v3"));
        Assert.Equal((4, 4), (across.Count, across[^1].HostsAfter));
        Assert.All(across, move => Assert.StartsWith("d1-", move.To));
        var quiet = report.Moves.First(one => one.Environment == "v1").AtSeconds;
        Assert.Equal(across[0].AtSeconds, quiet);
        Assert.Equal(2, report.Moves.Last(one => one.Environment == "v1" && one.AtSeconds == quiet).HostsAfter);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Vio_is_better_than_violin_in_both_scenarios_and_near_the_best_of_all_schedules(int number)
    {
        var scenario = number == 1 ? ViolinScenarios.One(T, adapts: true) : ViolinScenarios.Two(T);
        var violin = WorldRun.Run(scenario, Planner);
        var vio = WorldRun.Run(scenario, new VioPlanner(new VioOptions()));
        Assert.True(vio.AverageSeconds < violin.AverageSeconds, $"{vio.AverageSeconds} {violin.AverageSeconds}");
        Assert.True(vio.OverallSeconds < violin.OverallSeconds, $"{vio.OverallSeconds} {violin.OverallSeconds}");
        var best = ViolinOptimum.Of(scenario, priorities: false);
        Assert.InRange(vio.AverageSeconds!.Value / best.AverageSeconds, 0.99, 1.05);
        // Nobody can know at the start of scenario 2 that V1 will have a long quiet stage, and put it first.
        Assert.InRange(vio.OverallSeconds!.Value / best.OverallSeconds, 0.99, number == 1 ? 1.01 : 1.15);
    }

    [Fact]
    public void The_same_scenario_has_the_same_outcome()
    {
        static string Text() => System.Text.Json.JsonSerializer.Serialize(
            WorldRun.Run(ViolinScenarios.One(3000, adapts: true), Planner));
        Assert.Equal(Text(), Text());
    }
}
