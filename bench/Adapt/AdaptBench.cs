using System.CommandLine;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Adapt;

/// <summary>The manager on real machines: how long after a load step in a guest its share or balloon follows.</summary>
internal static class AdaptBench
{
    private static readonly Option<int> Steps = new("--steps")
    {
        Description = "How many CPU steps, 1 to 100; each takes a minute.",
        HelpName = "n",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<int> Period = new("--period")
    {
        Description = "Seconds between two rounds, 1 to 10.",
        HelpName = "s",
        DefaultValueFactory = _ => ManagerLimits.UsualPeriod,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Steps.Between(1, 100);
        Period.Between(1, 10);
        return new Benchmark(
            "adapt", "The manager on real QEMU: from a load step in a guest to its share. Needs root.",
            [Steps, Period], run => LabRun.RunAsync(run, (site, api) => MeasureAsync(run, site, api)));
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, IDemoSite site, ApiClient api)
    {
        var demo = SpecFile.Load(Path.Combine(AppContext.BaseDirectory, "config", "demo.yaml"), run.Host.In);
        var guests = new AdaptGuests(run, new DemoContext(site, api, AdaptGuests.Steady(demo), run.Time));
        await api.Adapt.SetAsync(
            new AdaptBody(AdaptMode.Manual, run.Parse.GetValue(Period), Policy: AdaptGuests.Policy), run.Cancel);
        await guests.CreateAsync(AdaptGuests.Crowding(demo));
        var figures = new Figures();
        var waited = await guests.ControlAsync();

        await api.Adapt.SetAsync(new AdaptBody(AdaptMode.Automatic), run.Cancel);
        var moved = await guests.MovedAsync();
        await guests.MakeRoomAsync();
        var cpu = guests.CpuStepsAsync(run.Parse.GetValue(Steps));
        var memory = guests.MemoryStepsAsync();
        await Task.WhenAll(cpu, memory);

        Both(figures, "cpu_step_s", [.. (await cpu).Select(one => one.Seconds)],
            "from a guest's load step to its new CPU weight in force");
        Both(figures, "memory_step_s", [.. (await memory).Select(one => one.Seconds)],
            "from a guest's memory step to more memory in the guest");
        figures.Add("idle_share", (await cpu).Average(one => one.ShareBefore),
            "part of its host that an idle guest's weight holds");
        figures.Add("busy_share", (await cpu).Average(one => one.ShareAfter), "and after its step");
        figures.Add("given_mib", moved.GivenMiB, "memory that idle guests gave for a guest that moved in");
        figures.Add("move_s", moved.Seconds, "from automatic mode to the end of that move off a full host");
        await CountAsync(run, api, figures);
        figures.Add("control_wait_cores", waited, "control: CPU wanted and not given while the manager was manual");
        return figures;
    }

    private static async Task CountAsync(BenchRun run, ApiClient api, Figures figures)
    {
        var moves = await AdaptGuests.MovesAsync(api, run.Cancel);
        figures.Add("moves", (long)moves.Count, "by the manager");
        // A second move of a node in so short a time takes back what the first was for.
        figures.Add("undone_moves", (long)moves.Count - moves.Distinct().Count(), "of these, nodes moved again");
        var plans = await api.Adapt.HistoryAsync(run.Cancel);
        figures.Add("changes", (long)plans.Sum(plan => plan.Done), "of weights, balloons and places, done");
        figures.Add("changes_refused", (long)plans.Sum(plan => plan.Refused), "because something else had changed");
        figures.Add("changes_failed", (long)plans.Sum(plan => plan.Failed), "");
        if (moves.Count != moves.Distinct().Count()) figures.Failure = "A node was moved again.";
    }

    private static void Both(Figures figures, string name, double[] values, string meaning)
    {
        figures.Add(name, Samples.Median(values), $"{meaning}, median of {values.Length}");
        figures.Add($"{name}_max", values.Max(), "the longest");
    }
}
