using System.Globalization;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Tests;

/// <summary>The production runtime, actors and agents under virtual time and faults.</summary>
public class SimSiteTests
{
    /// <summary>200; whoever looks for a rare fault asks for more in VIO_SEEDS.</summary>
    private static readonly int Seeds = int.Parse(
        Environment.GetEnvironmentVariable("VIO_SEEDS") ?? "200", CultureInfo.InvariantCulture);

    [Fact]
    public void Without_faults_everything_works_and_the_same_seed_gives_the_same_run()
    {
        var first = SimRun.Run(seed: 1, Calm());
        Assert.True(first.Violation is null, first.ToString());
        var second = SimRun.Run(seed: 1, Calm());
        Assert.Equal((first.Commits, first.Elapsed), (second.Commits, second.Elapsed));
    }

    /// <summary>
    /// Each seed kills the server at another commit, before or after it took effect, and loses and doubles commands,
    /// kills agents, hosts and machines and cuts connections besides. Together the seeds cover every commit of a run.
    /// </summary>
    [Fact]
    public void Whatever_dies_no_rule_is_broken_and_everything_comes_to_rest()
    {
        var faults = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var moved = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var report = SimRun.Run(seed, new SimChaos(seed) { CrashAtCommit = seed });
            Assert.True(report.Violation is null, report.ToString());
            moved += report.Moved;
            foreach (var (fault, times) in report.Faults) faults[fault] = faults.GetValueOrDefault(fault) + times;
        }

        // Control: a run in which nothing went wrong proves nothing.
        Assert.True(faults["crash at the chosen commit"] > Math.Min(Seeds, 200) / 2);
        Assert.True(moved > Seeds, $"only {moved} moves in {Seeds} runs");
        string[] kinds =
        [
            "agent crash", "answer lost", "request lost", "request doubled", "crash at a commit",
            "commit without an answer", "call of a host fails", "crash between commits", "host away", "host told away",
            "machine ends by itself", "operations at once", "command in between refused", "cancel during a copy",
            "server crash during a copy",
        ];
        Assert.All(kinds, fault => Assert.True(faults.GetValueOrDefault(fault) > 10, fault));
        string[] rare =
        [
            "host loses its power", "host fenced", "fenced host back", "lost node started elsewhere",
            "agent crash during a copy", "host away during a copy",
        ];
        Assert.All(rare, fault => Assert.True(faults.GetValueOrDefault(fault) > 0, fault));
    }

    private static SimChaos Calm() => new(1) { On = false };
}
