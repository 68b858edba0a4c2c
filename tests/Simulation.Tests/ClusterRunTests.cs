using VioActors.Simulation.Cluster;

namespace VioActors.Simulation.Tests;

/// <summary>Several servers of the production runtime under virtual time and faults.</summary>
public class ClusterRunTests
{
    private const int Seeds = 100;

    [Fact]
    public void Without_faults_everything_works_and_the_same_seed_gives_the_same_run()
    {
        var first = ClusterRun.Run(seed: 1, faults: false);
        Assert.True(first.Violation is null, first.ToString());
        Assert.Empty(first.Faults);
        var second = ClusterRun.Run(seed: 1, faults: false);
        Assert.Equal((first.Commits, first.Elapsed), (second.Commits, second.Elapsed));
    }

    [Fact]
    public void Whichever_server_dies_or_freezes_nothing_is_lost_or_done_twice()
    {
        var faults = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var report = ClusterRun.Run(seed);
            Assert.True(report.Violation is null, report.ToString());
            foreach (var (fault, times) in report.Faults) faults[fault] = faults.GetValueOrDefault(fault) + times;
        }

        // Control: a run in which nothing went wrong proves nothing.
        string[] kinds =
        [
            "server killed", "server frozen", "server drained", "clock set", "commit lost", "commit without an answer",
            "commit late", "commit refused", "store slow", "store call fails", "peer cut off", "answer of a peer lost",
            "hint lost", "hint doubled", "server stopped", "store away", "store adopted", "work fails",
        ];
        Assert.All(kinds, fault => Assert.True(faults.GetValueOrDefault(fault) > 10, fault));
    }
}
