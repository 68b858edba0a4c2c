using System.CommandLine;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Move;

/// <summary>Moves one pinged node back and forth between two real hosts of a lab.</summary>
internal static class MoveBench
{
    private static readonly Option<int> Moves = new("--moves")
    {
        Description = "How many moves, 1 to 1000.",
        HelpName = "n",
        DefaultValueFactory = _ => 20,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Moves.Between(1, 1000);
        return new Benchmark(
            "move", "Live moves of a pinged node on real QEMU: gap, downtime, lost pings. Needs root.",
            [Moves], RunAsync);
    }

    private static Task<Figures> RunAsync(BenchRun run) =>
        LabRun.RunAsync(run, (site, api) => MeasureAsync(run, site, api));

    private static async Task<Figures> MeasureAsync(BenchRun run, IDemoSite site, ApiClient api)
    {
        var spec = SpecFile.Load(Path.Combine(AppContext.BaseDirectory, "config", "demo.yaml"), run.Host.In);
        // The node that moves and one that stays on each host: a host whose last node of an environment left has no
        // prober in it any more. None has a disk.
        var hosts = await api.HostsAsync(run.Cancel);
        var plain = spec.Nodes[0] with { KernelArguments = null };
        var stay = hosts.Select((host, number) => plain with
        {
            Name = $"stays{number + 1}",
            Host = host.Name,
            Ip = null,
            Mac = null,
        });
        var moving = new MovingNode(
            run, new DemoContext(site, api, spec with { Nodes = [plain, .. stay] }, run.Time));
        await moving.CreateAsync();
        var rounds = new List<MoveRound>();
        for (var number = 1; number <= run.Parse.GetValue(Moves); number++) rounds.Add(await moving.MoveAsync(number));
        var control = await moving.PingStoppedAsync();
        return MoveFigures.Of(rounds, control);
    }
}
