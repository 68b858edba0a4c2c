using System.CommandLine;
using VioActors.Bench.Overlay;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Follow;

/// <summary>
/// How soon the switch follows a node that moves, and whether anything gets stuck or comes twice. A namespace takes
/// the place of the machine, so that no hypervisor's downtime is in the figure; nobody is told by a controller until
/// the node is reached again.
/// </summary>
internal static class FollowBench
{
    private static readonly Option<int> Moves = new("--moves")
    {
        Description = "How many moves, back and forth.",
        HelpName = "n",
        DefaultValueFactory = _ => 100,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Moves.Between(2, 1000);
        return new Benchmark(
            "follow", "How soon the switch alone follows a node from host to host. Needs root.", [Moves], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (!Environment.IsPrivilegedProcess) throw new BenchException("needs root for network namespaces and TAPs");
        try
        {
            await using var under = await Underlay.BuildAsync(run.Time, run.Cancel);
            await using var node = new MovingGuest(under);
            await node.StartAsync(run.Cancel);
            return await MeasureAsync(run, under, node);
        }
        catch (ProcessFailedException failed)
        {
            throw new BenchException(failed.Message);
        }
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, Underlay under, MovingGuest node)
    {
        await using var pings = await SteadyPings.StartAsync(node.Near, node.Far, run.Time);
        await OverlayWait.UntilAsync(
            "the node answers", run.Time, () => Task.FromResult(pings.Answered > 100), run.Cancel);
        var gaps = new List<double>();
        var stuck = 0;
        for (var number = 1; number <= run.Parse.GetValue(Moves); number++)
        {
            await node.PrepareAsync(run.Cancel);
            var arrived = await node.MoveAsync(announce: true, run.Cancel);
            if (await pings.AnswerAfterAsync(arrived, run.Cancel) is { } gap) gaps.Add(gap.TotalMilliseconds);
            else stuck++;
            await node.SettleAsync(run.Cancel);
            if (!await node.IsKnownEverywhereAsync(run.Cancel)) stuck++;
            if (number % 20 == 0) run.Note($"{number} moves, {stuck} stuck");
        }

        var (twice, lost) = (pings.Twice, pings.Sent - pings.Answered);
        await node.PrepareAsync(run.Cancel);
        var unannounced = await node.MoveAsync(announce: false, run.Cancel);
        var controlStuck = await pings.AnswerAfterAsync(unannounced, run.Cancel) is null;
        await node.SettleAsync(run.Cancel);
        pings.SendTwice();
        await OverlayWait.UntilAsync(
            "a ping that was sent twice came twice", run.Time, () => Task.FromResult(pings.Twice > twice), run.Cancel);
        return Sum(under, gaps, stuck, twice, lost, pings.Sent, controlStuck, pings.Twice - twice);
    }

    private static Figures Sum(
        Underlay under, List<double> gaps, int stuck, int twice, int lost, int sent, bool controlStuck,
        int controlTwice)
    {
        var figures = new Figures
        {
            Failure = controlStuck ? null : "A node that nobody announced was reached: the figure proves nothing.",
        };
        figures.Add("moves", gaps.Count + stuck, $"back and forth between {under.A} and {under.B}");
        figures.Add("gap_p50_ms", Samples.Median(gaps), "from its announcement at the new host to its first answer");
        figures.Add("gap_p99_ms", Samples.Percentile(gaps, 0.99), "99th percentile; a ping goes out every millisecond");
        figures.Add("gap_max_ms", gaps.DefaultIfEmpty().Max(), "the longest");
        figures.Add("stuck", stuck, "moves after which it was not reached within a second, or not known everywhere");
        figures.Add("duplicates", twice, "pings that it or the one who asked saw twice");
        figures.Add("lost", lost, "pings without an answer, most of them while it was plugged over");
        figures.Add("sent", sent, "pings");
        figures.Add("control_stuck", controlStuck ? 1 : 0, "control: a move that nobody announced; must be 1");
        figures.Add("control_duplicates", controlTwice, "control: a ping that was sent twice; must not be 0");
        return figures;
    }
}
