using System.CommandLine;
using System.Text.Json.Nodes;
using VioActors.Simulation.DataCenter;

namespace VioActors.Bench.Rightsizing;

/// <summary>How well rules size machines on real traces: what they give too much, and how often too little.</summary>
internal static class RightsizingBench
{
    private static readonly Option<string?> Cpu = new("--data")
    {
        Description = "CPU traces: a folder, or a .tar.gz of one; 288 lines of one per cent each.",
        HelpName = "path",
    };

    private static readonly Option<string?> Both = new("--gcd")
    {
        Description = "CPU and memory traces: the same with two per cents in each line.",
        HelpName = "path",
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create() => new(
        "rightsizing", "Sizes from traces: slack, time with too little, changes, for several rules.", [Cpu, Both],
        run => Task.FromResult(Run(run)));

    private static Figures Run(BenchRun run)
    {
        var figures = new Figures();
        var cpu = run.Parse.GetValue(Cpu);
        var both = run.Parse.GetValue(Both);
        if (cpu is null && both is null)
            throw new BenchException("There are no traces. Next step: give --data, --gcd or both.");
        try
        {
            if (cpu is not null)
                Compare(figures, "cpu", memory: false, [.. TraceFiles.ReadRows(cpu, 1).Select(rows => rows[0])]);
            if (both is null) return figures;
            // More than was booked occurs there; it counts as all of it.
            var pairs = TraceFiles.ReadRows(both, 2, mostPercent: 10000);
            Compare(figures, "gcd_cpu", memory: false, [.. pairs.Select(rows => Capped(rows[0]))]);
            Compare(figures, "gcd_memory", memory: true, [.. pairs.Select(rows => Capped(rows[1]))]);
            return figures;
        }
        catch (Exception wrong) when (wrong is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new BenchException(wrong.Message);
        }
    }

    private static double[] Capped(double[] samples) => [.. samples.Select(sample => Math.Min(sample, 1))];

    private static void Compare(Figures figures, string name, bool memory, IReadOnlyList<double[]> series)
    {
        var group = new JsonObject();
        foreach (var rule in SizingRules.Names)
        {
            var score = SizingScore.Of(() => SizingRules.Create(rule, memory), series);
            group[rule] = new JsonObject
            {
                ["slack"] = Math.Round(score.Slack, 4),
                ["under_allocated"] = Math.Round(score.UnderAllocated, 4),
                ["changes_per_day"] = Math.Round(score.ChangesPerDay, 2),
            };
        }

        figures.AddExact(name, group, "");
    }
}
