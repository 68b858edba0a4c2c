using System.CommandLine;

namespace VioActors.Bench.Vhost;

/// <summary>
/// Frames between two nodes of one host: over vhost-user on both sides against TAPs with joints on both sides, in turns
/// on the same switch, by the same loop of one thread.
/// </summary>
internal static class VhostBench
{
    private static readonly (int Bytes, int Window)[] Sizes = [(64_066, 16), (1500, 128), (64, 128)];

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Rounds; the two ways alternate, and figures are medians over rounds.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "Length of each measurement in each round.",
        HelpName = "s",
        DefaultValueFactory = _ => 1,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Rounds.Between(1, 1000);
        Seconds.Between(0.01, 60);
        return new Benchmark(
            "vhost", "Two nodes of one host: vhost-user against TAPs with joints.", [Rounds, Seconds], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        await using var site = await VhostSite.StartAsync(run.Time, run.Cancel);
        var meter = new PairMeter(run.Time);
        var length = TimeSpan.FromSeconds(run.Parse.GetValue(Seconds));
        var rates = Sizes.ToDictionary(size => size.Bytes, _ => new List<Round>());

        // Round 0 warms the code up and does not count.
        for (var number = 0; number <= run.Parse.GetValue(Rounds); number++)
        {
            foreach (var (bytes, window) in Sizes)
            {
                run.Cancel.ThrowIfCancellationRequested();
                var round = new Round(
                    meter.Measure(site.Machines, VhostSite.FrameOf(1, bytes), window, length),
                    meter.Measure(site.Taps, VhostSite.FrameOf(3, bytes), window, length),
                    meter.Measure(site.Copying, VhostSite.FrameOf(1, bytes), window, length));
                run.Note($"round {number}, {bytes} bytes, frames/s: vhost-user {round.Vhost.PerSecond:0}, "
                    + $"copying {round.Copying.PerSecond:0}, TAP {round.Tap.PerSecond:0}");
                if (number > 0) rates[bytes].Add(round);
            }
        }

        return Report(rates);
    }

    private static Figures Report(Dictionary<int, List<Round>> rates)
    {
        var figures = new Figures();
        foreach (var (bytes, _) in Sizes)
        {
            var rounds = rates[bytes];
            var vhost = Samples.Median(rounds.Select(round => round.Vhost.PerSecond));
            var tap = Samples.Median(rounds.Select(round => round.Tap.PerSecond));
            figures.Add($"vhost_frames_per_s_{bytes}", vhost, $"frames of {bytes} bytes, vhost-user on both sides");
            figures.Add($"tap_frames_per_s_{bytes}", tap, "the same with a TAP and a joint on both sides");
            figures.Add($"vhost_gbit_per_s_{bytes}", vhost * bytes * 8 / 1e9, "in Gbit/s of Ethernet");
            figures.Add($"tap_gbit_per_s_{bytes}", tap * bytes * 8 / 1e9, "in Gbit/s of Ethernet");
            figures.Add(
                $"vhost_vs_tap_{bytes}",
                Samples.Median(rounds.Select(round => round.Vhost.PerSecond / round.Tap.PerSecond)),
                "ratio, median of the rounds' ratios");
            figures.Add(
                $"copying_vs_tap_{bytes}",
                Samples.Median(rounds.Select(round => round.Copying.PerSecond / round.Tap.PerSecond)),
                "the same when the machines copy each frame in and out");
            if (tap == 0 || vhost == 0) figures.Failure ??= $"No frame of {bytes} bytes arrived.";
        }

        var all = rates.Values.SelectMany(rounds => rounds).ToArray();
        var lost = all.Sum(round => round.Vhost.Lost + round.Copying.Lost);
        figures.Add("vhost_lost", lost, "frames that did not arrive");
        figures.Add("tap_lost", all.Sum(round => round.Tap.Lost), "frames that did not arrive");
        return figures;
    }

    private readonly record struct Round(PairRate Vhost, PairRate Tap, PairRate Copying);
}
