using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Simulation.Oracle;

namespace VioActors.Simulation.Tests;

public sealed class OracleTests
{
    private const int Instances = 300;

    // Each site is one host, and one plan is compared: limits would be all that is measured.
    private static readonly VioOptions AnyMoves = new() { MovesPerHost = 100, MovesPerLink = 1000 };

    [Fact]
    public void Plans_of_vio_are_near_the_best_of_all_mappings()
    {
        var vio = PlacementOracle.MeanGap(new VioPlanner(AnyMoves), Instances);
        var violin = PlacementOracle.MeanGap(new ViolinPlanner(ViolinOptions.Corrected), Instances);
        Assert.InRange(vio, 0, 0.01);
        Assert.True(vio < violin, $"{vio} {violin}");
    }

    // Control: to leave everything where it is would be far from the best.
    [Fact]
    public void The_instances_are_not_solved_from_the_start()
    {
        var none = Enumerable.Range(1, Instances).Average(seed =>
        {
            var instance = OracleInstance.Of(seed);
            return 1 - PlacementOracle.Service(instance, [.. instance.Homes]) / PlacementOracle.Best(instance);
        });
        Assert.True(none > 0.1, $"{none}");
    }

    [Fact]
    public void No_plan_is_better_than_the_best()
    {
        for (var seed = 1; seed <= Instances; seed++)
            Assert.True(PlacementOracle.Gap(OracleInstance.Of(seed), new VioPlanner(AnyMoves)) >= -1e-9, $"{seed}");
    }
}
