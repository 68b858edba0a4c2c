using System.CommandLine;
using VioActors.Simulation.Cluster;
using VioActors.Simulation.Site;

namespace VioActors.Bench.Simulate;

/// <summary>
/// Runs simulated sites, one per seed, and several servers of one: how fast, and whether every rule holds. A seed that
/// breaks a rule is printed with its trace and with the command that repeats it.
/// </summary>
internal static class SimulateBench
{
    private static readonly Option<int?> Seeds = new("--seeds")
    {
        Description = "How many seeds. Default 100; 1 when --seed is given.",
        HelpName = "n",
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "The first seed.",
        HelpName = "s",
        DefaultValueFactory = _ => 1,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Seeds.Between(1, 1000000);
        return new Benchmark(
            "simulate", "Simulated sites under faults, one per seed: seeds per second, rules broken.", [Seeds, Seed],
            run => Task.FromResult(Run(run, Simulated)));
    }

    /// <summary>Runs the seeds.</summary>
    /// <param name="run">Options and cancellation.</param>
    /// <param name="simulate">Runs one seed.</param>
    internal static Figures Run(BenchRun run, Func<int, SimReport> simulate)
    {
        var first = run.Parse.GetValue(Seed);
        var given = run.Parse.GetResult(Seed) is { Implicit: false };
        var count = run.Parse.GetValue(Seeds) ?? (given ? 1 : 100);
        var started = run.Time.GetTimestamp();
        var reports = new List<SimReport>();
        for (var seed = first; seed < first + count && !run.Cancel.IsCancellationRequested; seed++)
        {
            reports.Add(simulate(seed));
            if (reports[^1].Violation is null) continue;
            run.Note($"A rule is broken. Repeat it with: ./vio bench simulate --seed {seed}");
            run.Note(reports[^1].ToString());
        }

        var figures = Summarise(reports, run.Time.GetElapsedTime(started));
        Judge(figures, reports, simulate);
        return figures;
    }

    // The seed also chooses the commit at which the server surely dies, so that many seeds cover every commit of a run.
    private static SimReport Simulated(int seed)
    {
        var servers = ClusterRun.Run(seed);
        var site = SimRun.Run(seed, new SimChaos(seed) { CrashAtCommit = seed });
        var faults = servers.Faults.Concat(site.Faults).GroupBy(fault => fault.Key, fault => fault.Value);
        return new SimReport(
            seed, servers.Violation ?? site.Violation, servers.Commits + site.Commits, servers.Elapsed + site.Elapsed,
            new SortedDictionary<string, int>(faults.ToDictionary(one => one.Key, one => one.Sum())), site.Moved,
            servers.Violation is null ? site.Trace : servers.Trace);
    }

    private static Figures Summarise(List<SimReport> reports, TimeSpan took)
    {
        var figures = new Figures();
        var virtualTime = reports.Sum(report => report.Elapsed.TotalSeconds);
        figures.Add("seeds", reports.Count, "sites simulated from create to delete");
        figures.Add("violations", reports.Count(report => report.Violation is not null), "seeds that broke a rule");
        figures.Add("seeds_per_s", reports.Count / took.TotalSeconds, "seeds per second of real time, one thread");
        figures.Add("virtual_per_real", virtualTime / took.TotalSeconds, "simulated seconds per real second");
        figures.Add("commits", reports.Sum(report => report.Commits), "commits of the simulated servers");
        figures.Add("moves", reports.Sum(report => report.Moved), "nodes that changed their host");
        figures.Add("faults", reports.Sum(report => report.Faults.Values.Sum()), "faults injected, of these kinds:");
        var kinds = reports.SelectMany(report => report.Faults).GroupBy(fault => fault.Key);
        foreach (var kind in kinds.OrderBy(one => one.Key))
            figures.Add($"fault_{kind.Key.Replace(' ', '_')}", kind.Sum(fault => fault.Value), "");
        return figures;
    }

    private static void Judge(Figures figures, List<SimReport> reports, Func<int, SimReport> simulate)
    {
        var broken = reports.Where(report => report.Violation is not null).Select(report => report.Seed).ToList();
        if (broken.Count > 0)
            figures.Failure =
                $"{broken.Count} of {reports.Count} seeds broke a rule: {string.Join(", ", broken.Take(20))}";
        else if (reports.Count > 0 && reports.Sum(report => report.Faults.Values.Sum()) == 0)
            figures.Failure = "No fault happened, so that nothing was shown. Next step: more seeds.";
        if (reports.Count == 0) return;

        // Control: a seed is only worth printing when it gives the same run again.
        var again = simulate(reports[0].Seed);
        var same = (again.Commits, again.Elapsed, again.Violation)
            == (reports[0].Commits, reports[0].Elapsed, reports[0].Violation);
        figures.Add("repeatable", same ? "yes" : "no", "control: the first seed again gives the same run");
        if (!same) figures.Failure ??= $"Seed {reports[0].Seed} ran differently the second time.";
    }
}
