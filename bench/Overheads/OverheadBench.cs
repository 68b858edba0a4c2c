using System.CommandLine;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Overheads;

/// <summary>
/// The migration overhead experiment of Ruth (2007), 6.4.1, on real guests: an environment that runs a parallel program
/// moves to another host as a whole, and the program takes so much longer than without.
/// </summary>
internal static class OverheadBench
{
    private static readonly Option<int> Pairs = Number(
        "--pairs", "How many runs with a move, each between two without.", 3);

    private static readonly Option<int> Rounds = Number("--rounds", "Rounds in a run, each with a barrier.", 32);
    private static readonly Option<int> Held = Number("--mib", "Memory that each guest goes over in a round, MiB.", 8);
    private static readonly Option<int> Guests = Number("--guests", "How many guests.", 4);

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Pairs.Between(1, 20);
        Rounds.Between(4, 1000);
        Held.Between(1, 256);
        Guests.Between(2, 5);
        return new Benchmark(
            "overhead", "What moving a whole environment costs the program in it, on real QEMU. Needs root.",
            [Pairs, Rounds, Held, Guests], run => LabRun.RunAsync(run, (site, api) => MeasureAsync(run, site, api)));
    }

    private static Option<int> Number(string name, string description, int usual) => new(name)
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => usual,
    };

    private static async Task<Figures> MeasureAsync(BenchRun run, IDemoSite site, ApiClient api)
    {
        var size = new ProgramSize(
            run.Parse.GetValue(Guests), run.Parse.GetValue(Rounds), run.Parse.GetValue(Held));
        var demo = SpecFile.Load(Path.Combine(AppContext.BaseDirectory, "config", "demo.yaml"), run.Host.In);
        var host = (await api.HostsAsync(run.Cancel))[0].Name;
        var program = new ParallelProgram(
            run, new DemoContext(site, api, ParallelProgram.Spec(demo, size, host), run.Time), size);
        await program.CreateAsync();
        var moved = new List<MovedRun>();
        var still = await program.RunAsync();
        while (moved.Count < run.Parse.GetValue(Pairs))
        {
            WholeMove? move = null;
            var seconds = await program.RunAsync(async () => move = await program.MoveAsync());
            var after = await program.RunAsync();
            moved.Add(new MovedRun(still, seconds, after, move!));
            run.Note(
                $"run {moved.Count}: {seconds:0.0} s with a move, {still:0.0} s before it, {after:0.0} s after it");
            still = after;
        }

        return OverheadFigures.Of(size, moved, await program.StallAsync());
    }
}
