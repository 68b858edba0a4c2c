using VioActors.Simulation.Site;

namespace VioActors.Simulation.Tests;

/// <summary>The production runtime, actors and agents under virtual time and faults.</summary>
public class SimSiteTests
{
    [Fact]
    public void Without_faults_everything_works_and_the_same_seed_gives_the_same_run()
    {
        var first = SimRun.Run(seed: 1, Calm());
        Assert.True(first.Violation is null, first.ToString());
        var second = SimRun.Run(seed: 1, Calm());
        Assert.Equal((first.Commits, first.Elapsed), (second.Commits, second.Elapsed));
    }

    private static SimChaos Calm() => new(1) { On = false };
}
