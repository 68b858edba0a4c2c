using System.CommandLine;

namespace VioActors.Bench.Vhost;

/// <summary>
/// Frames between two nodes of one host: over vhost-user on both sides against TAPs with joints on both sides, in turns
/// on the same switch, by the same loop of one thread that copies each frame in and out.
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
        var rates = Sizes.ToDictionary(size => size.Bytes, _ => (Vhost: new List<double>(), Tap: new List<double>()));
        long vhostLost = 0, tapLost = 0;

        // Round 0 warms the code up and does not count.
        for (var round = 0; round <= run.Parse.GetValue(Rounds); round++)
        {
            foreach (var (bytes, window) in Sizes)
            {
                run.Cancel.ThrowIfCancellationRequested();
                var vhost = meter.Measure(site.Machines, VhostSite.FrameOf(1, bytes), window, length);
                var tap = meter.Measure(site.Taps, VhostSite.FrameOf(3, bytes), window, length);
                run.Note($"round {round}, {bytes} bytes: vhost-user {vhost.PerSecond:0} frames/s, TAP {tap.PerSecond:0}");
                if (round == 0) continue;
                rates[bytes].Vhost.Add(vhost.PerSecond);
                rates[bytes].Tap.Add(tap.PerSecond);
                (vhostLost, tapLost) = (vhostLost + vhost.Lost, tapLost + tap.Lost);
            }
        }

        return Report(rates, vhostLost, tapLost);
    }

    private static Figures Report(
        Dictionary<int, (List<double> Vhost, List<double> Tap)> rates, long vhostLost, long tapLost)
    {
        var figures = new Figures();
        foreach (var (bytes, _) in Sizes)
        {
            var (vhost, tap) = (Samples.Median(rates[bytes].Vhost), Samples.Median(rates[bytes].Tap));
            var ratios = rates[bytes].Vhost.Zip(rates[bytes].Tap, (a, b) => a / b);
            figures.Add($"vhost_frames_per_s_{bytes}", vhost, $"frames of {bytes} bytes, vhost-user on both sides");
            figures.Add($"tap_frames_per_s_{bytes}", tap, "the same with a TAP and a joint on both sides");
            figures.Add($"vhost_gbit_per_s_{bytes}", vhost * bytes * 8 / 1e9, "in Gbit/s of Ethernet");
            figures.Add($"tap_gbit_per_s_{bytes}", tap * bytes * 8 / 1e9, "in Gbit/s of Ethernet");
            figures.Add($"vhost_vs_tap_{bytes}", Samples.Median(ratios), "ratio, median of the rounds' ratios");
            if (tap == 0 || vhost == 0) figures.Failure ??= $"No frame of {bytes} bytes arrived.";
        }

        figures.Add("vhost_lost", vhostLost, "frames that did not arrive");
        figures.Add("tap_lost", tapLost, "frames that did not arrive");
        return figures;
    }
}
