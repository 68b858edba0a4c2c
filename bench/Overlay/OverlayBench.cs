using System.CommandLine;
using VioActors.Bench.Overlay.Systems;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>
/// Our switch, other overlays and the kernel's own paths between the same two network namespaces, measured in turns.
/// </summary>
internal static class OverlayBench
{
    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Rounds; in each, every system is measured in turn.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "Length of each measurement.",
        HelpName = "s",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<string[]> Only = new("--only")
    {
        Description = $"Measure only these: {string.Join(", ", Measures.Names)}.",
        HelpName = "names",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Peers = new("--peers")
    {
        Description = $"Compare with these only: {string.Join(", ", OverlaySystems.PeerNames)}, or none.",
        HelpName = "names",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Given = new("--peer")
    {
        Description = "Compare with another build, too: wireguard-go=PATH.",
        HelpName = "name=path",
    };

    private static readonly Option<string> Chart = new("--chart")
    {
        Description = "Write a chart of the medians.",
        HelpName = "file.svg",
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Rounds.Between(1, 1000);
        Seconds.Between(1, 60);
        return new Benchmark(
            "overlay", "Our switch against other overlays and the kernel's paths, on the same link.",
            [Rounds, Seconds, Only, Peers, Given, Chart], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (!Environment.IsPrivilegedProcess) throw new BenchException("needs root for network namespaces and TAPs");
        var names = Chosen(run.Parse.GetValue(Only), Measures.Names, "measurement");
        var peers = Chosen(run.Parse.GetValue(Peers), [.. OverlaySystems.PeerNames, "none"], "peer");
        var given = (run.Parse.GetValue(Given) ?? []).Select(Pair).ToArray();
        try
        {
            return await RunAsync(run, names, [.. peers.Where(name => name != "none")], given);
        }
        catch (ProcessFailedException failed)
        {
            throw new BenchException(failed.Message);
        }
    }

    private static async Task<Figures> RunAsync(
        BenchRun run, string[] names, string[] peers, (string Name, string Path)[] given)
    {
        await using var under = await Underlay.BuildAsync(run.Time, run.Cancel);
        var systems = new OverlaySystems(under, run);
        try
        {
            await systems.StartAsync(peers, given, run.Cancel);
            return await MeasureAsync(run, under, systems.Living, names);
        }
        finally
        {
            foreach (var ours in systems.Living.OfType<OurSwitch>()) await ours.DisposeAsync();
        }
    }

    private static async Task<Figures> MeasureAsync(
        BenchRun run, Underlay under, IReadOnlyList<OverlaySystem> systems, string[] names)
    {
        var (count, seconds) = (run.Parse.GetValue(Rounds), run.Parse.GetValue(Seconds));
        var rounds = new OverlayRounds(run, systems);
        await rounds.RunAsync(0, [new Measures(under, seconds: 1).Of("tcp1")]);
        var ours = systems.OfType<OurSwitch>().First();
        var before = await ours.CollectionsAsync(run.Cancel);
        var measures = new Measures(under, seconds);
        var near = names.Where(name => name != Measures.Wide).Select(measures.Of).ToArray();
        for (var round = 1; round <= count; round++) await rounds.RunAsync(round, near);
        var after = await ours.CollectionsAsync(run.Cancel);
        double? relay = null;
        if (names.Contains(Measures.Wide))
        {
            await using var area = await WideArea.BuildAsync(under, run.Cancel);
            var wide = new WideMeasures(under, area, seconds);
            relay = await wide.CeilingAsync(systems.OfType<BareVeth>().Single(), run.Cancel);
            run.Note($"the relay carries {relay:0} Mbit/s");
            for (var round = 1; round <= count; round++) await rounds.RunAsync(round, wide.All);
        }

        foreach (var line in OverlayTable.Lines(rounds.Samples, systems)) run.Note(line);
        if (run.Parse.GetValue(Chart) is { } chart) OverlayChart.Save(chart, rounds.Samples, systems);
        return new OverlayFigures(rounds.Samples, systems).Sum(
            new OverlayExtras(after - before, relay), rounds.Failure);
    }

    private static string[] Chosen(string[]? typed, IReadOnlyList<string> all, string what)
    {
        var chosen = (typed ?? []).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Distinct().ToArray();
        if (chosen.Except(all).FirstOrDefault() is { } unknown)
            throw new BenchException($"There is no {what} '{unknown}'; there are {string.Join(", ", all)}.");
        return chosen.Length == 0 ? [.. all.Where(name => name != "none")] : chosen;
    }

    private static (string, string) Pair(string text) => text.Split('=', 2) is [var name, { Length: > 0 } path]
        ? File.Exists(path) ? (name, path) : throw new BenchException($"--peer {text}: there is no such file.")
        : throw new BenchException($"--peer {text}: write it as wireguard-go=PATH.");
}
