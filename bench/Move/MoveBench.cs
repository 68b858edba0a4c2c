using System.CommandLine;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Move;

/// <summary>Moves one pinged node back and forth between two real hosts of a lab.</summary>
internal static class MoveBench
{
    private static readonly TimeSpan DownTime = TimeSpan.FromSeconds(90);

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

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new BenchException("Moves need a real lab, and a lab needs root. Next step: run it as root.");
        IDemoSite? site = null;
        Figures? figures = null;
        string? failure = null;
        try
        {
            site = await DemoSites.UpAsync(
                new DemoOptions(Json: true, Simulated: false, Keep: false, File: null), new NotedSteps(run), run.Time,
                run.Cancel);
            figures = await MeasureAsync(run, site);
        }
        catch (Exception failed) when (failed is DemoFailedException or CliException || DemoSites.IsFailure(failed))
        {
            failure = failed.Message;
        }
        finally
        {
            if (site is not null) failure = await DownAsync(run, site) ?? failure;
        }

        if (figures is null) throw new BenchException(failure ?? "The lab did not come up.");
        figures.Failure ??= failure;
        return figures;
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, IDemoSite site)
    {
        var spec = SpecFile.Load(Path.Combine(AppContext.BaseDirectory, "config", "demo.yaml"), run.Host.In);
        using var api = new ApiClient(new ApiConnection(site.Address, RetryPolicy.Patient, run.Time));
        await site.AddImagesAsync(api, new NotedSteps(run), run.Cancel);
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

    private static async Task<string?> DownAsync(BenchRun run, IDemoSite site)
    {
        using var deadline = new CancellationTokenSource(DownTime, run.Time);
        try
        {
            run.Note("the lab goes down");
            var left = await site.DownAsync(deadline.Token);
            return left.Count == 0 ? null : $"{left.Count} things are left over: {string.Join(", ", left.What)}.";
        }
        catch (Exception failed) when (failed is OperationCanceledException || DemoSites.IsFailure(failed))
        {
            return $"Cleaning up failed: {failed.Message} Next step: vio lab down.";
        }
        finally
        {
            await site.DisposeAsync();
        }
    }

    private sealed class NotedSteps(BenchRun run) : IStepView
    {
        private string _shown = "";

        public void At(double done, string text)
        {
            if (text != _shown) run.Note(Tables.Clean(text));
            _shown = text;
        }

        public void End(bool held, string result) => run.Note(Tables.Clean(result));
    }
}
