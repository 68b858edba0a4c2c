using System.CommandLine;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Simulation.Oracle;

namespace VioActors.Bench.Plan;

/// <summary>
/// One planning round of the policy <c>vio</c> on a large inventory, a tenth of whose hosts are too full; and how far
/// its plans are from the best ones on instances that are small enough to try everything.
/// </summary>
internal static class PlanBench
{
    private const int Instances = 300;

    // Each site is one host there, and one plan is compared: limits on moves would be all that is measured.
    private static readonly VioOptions AnyMoves = new() { MovesPerHost = 100, MovesPerLink = 1000 };

    private static readonly Option<int> Hosts = Count("--hosts", 1250, 1, 20000, "How many hosts.");
    private static readonly Option<int> Nodes = Count("--nodes", 20000, 1, 400000, "How many nodes.");
    private static readonly Option<int> Rounds = Count("--rounds", 5, 1, 50, "Rounds; the median counts.");

    private static readonly Option<bool> Power = new("--power-saving")
    {
        Description = "With the mode that packs nodes on few hosts.",
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Hosts.Between(1, 20000);
        Nodes.Between(1, 400000);
        Rounds.Between(1, 50);
        return new Benchmark(
            "plan", "One planning round over many hosts and nodes; distance from the best plan on small instances.",
            [Hosts, Nodes, Rounds, Power], run => Task.FromResult(Run(run)));
    }

    private static Figures Run(BenchRun run)
    {
        var (hosts, nodes) = (run.Parse.GetValue(Hosts), run.Parse.GetValue(Nodes));
        var options = new VioOptions { PowerSaving = run.Parse.GetValue(Power) };
        var planner = new VioPlanner(options);
        var inventory = PlanInventory.Of(hosts, nodes);
        var (plans, checks) = (new List<double>(), new List<double>());
        Actors.Adaptation.Planning.Plan? last = null;
        // The first round compiles the code and does not count.
        for (var round = -1; round < run.Parse.GetValue(Rounds); round++)
        {
            run.Cancel.ThrowIfCancellationRequested();
            var started = run.Time.GetTimestamp();
            last = planner.Plan(inventory).Plan ?? throw new BenchException("The planner refused.");
            var planned = run.Time.GetTimestamp();
            var wrong = PlanChecker.Check(last, inventory, options.Limits);
            if (wrong.Count > 0) throw new BenchException($"The plan is wrong: {wrong[0]}");
            if (round < 0) continue;
            plans.Add(run.Time.GetElapsedTime(started, planned).TotalSeconds);
            checks.Add(run.Time.GetElapsedTime(planned).TotalSeconds);
        }

        var figures = new Figures();
        figures.Add("hosts", hosts, "hosts of 32 cores");
        figures.Add("nodes", nodes, "in environments of 8");
        figures.Add("seconds", Median(plans), "one round: inventory to plan, median");
        figures.Add("seconds_worst", plans.Max(), "the slowest of the rounds");
        figures.Add("check_seconds", Median(checks), "the plan checker");
        figures.Add("moves", last!.Moves.Count(), "nodes that move in that plan");
        Gaps(figures);
        return figures;
    }

    private static void Gaps(Figures figures)
    {
        figures.Add("instances", Instances, "of at most 8 environments on 4 sites");
        figures.Add("gap_vio_percent", 100 * PlacementOracle.MeanGap(new VioPlanner(AnyMoves), Instances),
            "mean part of the best plan's service that is not reached");
        figures.Add("gap_violin_percent",
            100 * PlacementOracle.MeanGap(new ViolinPlanner(ViolinOptions.Corrected), Instances),
            "the same of Algorithm 1, corrected");
        figures.Add("gap_none_percent", 100 * PlacementOracle.MeanGap(new StayPlanner(), Instances),
            "the same when nothing moves");
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static Option<int> Count(string name, int value, int least, int most, string what) => new(name)
    {
        Description = $"{what} {least} to {most}. Default: {value}.",
        HelpName = "n",
        DefaultValueFactory = _ => value,
    };
}
