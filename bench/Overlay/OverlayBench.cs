using System.CommandLine;
using VioActors.Bench.Overlay.Systems;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>
/// Our switch, other overlays and the kernel's own paths between the same two network namespaces, measured in turns.
/// </summary>
internal static class OverlayBench
{
    private const string None = "none";
    private const string GivenPeer = "wireguard-go=";

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

    private static readonly Option<int?> Lanes = new("--lanes")
    {
        Description = "Lanes of ours, 1 to 8; default: as it chooses.",
        HelpName = "n",
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
        Lanes.Between(1, 8);
        Only.Among(Measures.Names);
        Peers.Among([.. OverlaySystems.PeerNames, None]);
        Given.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token =>
                !token.Value.StartsWith(GivenPeer, StringComparison.Ordinal)
                || !File.Exists(token.Value[GivenPeer.Length..])))
                result.AddError($"--peer {token.Value}: write it as {GivenPeer}PATH, with the path of a file.");
        });
        return new Benchmark(
            "overlay", "Our switch against other overlays and the kernel's paths, on the same link.",
            [Rounds, Seconds, Only, Peers, Given, Lanes, Chart], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (!Environment.IsPrivilegedProcess) throw new BenchException("needs root for network namespaces and TAPs");
        var names = Words(run.Parse.GetValue(Only)) is { Length: > 0 } only ? only : [.. Measures.Names];
        var peers = Words(run.Parse.GetValue(Peers)) is { Length: > 0 } some ? some : [.. OverlaySystems.PeerNames];
        var given = (run.Parse.GetValue(Given) ?? []).Select(text => text.Split('=', 2)).ToArray();
        try
        {
            return await RunAsync(
                run, names, [.. peers.Where(name => name != None)], [.. given.Select(pair => pair[1])]);
        }
        catch (ProcessFailedException failed)
        {
            throw new BenchException(failed.Message);
        }
    }

    private static async Task<Figures> RunAsync(
        BenchRun run, string[] names, string[] peers, string[] given)
    {
        await using var under = await Underlay.BuildAsync(run.Time, run.Cancel);
        var systems = new OverlaySystems(under, run);
        try
        {
            await systems.StartAsync(run.Parse.GetValue(Lanes), peers, given, run.Cancel);
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
        WideControls? controls = null;
        if (names.Contains(Measures.Wide))
        {
            await using var area = await WideArea.BuildAsync(under, run.Cancel);
            var wide = new WideMeasures(under, area, seconds);
            var bare = systems.OfType<BareVeth>().Single();
            controls = new WideControls(
                await wide.CeilingAsync(bare, whole: true, run.Cancel),
                await wide.CeilingAsync(bare, whole: false, run.Cancel), await wide.PingAsync(bare, run.Cancel));
            run.Note($"the relay carries {controls.RelayMbps:0} Mbit/s, frame by frame {controls.SinglesMbps:0}");
            for (var round = 1; round <= count; round++) await rounds.RunAsync(round, wide.All);
        }

        foreach (var line in OverlayTable.Lines(rounds.Samples, systems)) run.Note(line);
        if (run.Parse.GetValue(Chart) is { } chart) OverlayChart.Save(chart, rounds.Samples, systems);
        return new OverlayFigures(rounds.Samples, systems).Sum(
            new OverlayExtras(after - before, controls), rounds.Failure);
    }

    private static string[] Words(string[]? typed) =>
        [.. (typed ?? []).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct()];

    private static void Among(this Option<string[]> option, IReadOnlyList<string> allowed) =>
        option.Validators.Add(result =>
        {
            foreach (var word in Words([.. result.Tokens.Select(token => token.Value)]).Except(allowed))
                result.AddError($"{option.Name} does not know '{word}'; it knows {string.Join(", ", allowed)}.");
        });
}
