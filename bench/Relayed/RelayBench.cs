using System.CommandLine;
using VioActors.Bench.Overlay;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Relayed;

/// <summary>
/// What one host passes on between two others that cannot reach each other. All three, and iperf3, share this machine;
/// so the figure is per second of the relay's own processor time, and what arrived is printed beside it.
/// </summary>
internal static class RelayBench
{
    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Rounds; the medians count.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "Length of each measurement.",
        HelpName = "s",
        DefaultValueFactory = _ => 3,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Rounds.Between(1, 1000);
        Seconds.Between(1, 60);
        return new Benchmark(
            "relay", "What a host of the switch passes on for two others, per core.", [Rounds, Seconds], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (!Environment.IsPrivilegedProcess) throw new BenchException("needs root for network namespaces and TAPs");
        try
        {
            await using var under = await Underlay.BuildAsync(run.Time, run.Cancel);
            await using var system = new RelayedSwitch();
            await system.StartAsync(under, run.Cancel);
            return await MeasureAsync(run, under, system);
        }
        catch (ProcessFailedException failed)
        {
            throw new BenchException(failed.Message);
        }
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, Underlay under, RelayedSwitch system)
    {
        var iperf = new Iperf(under);
        await iperf.RunAsync(system, streams: 1, seconds: 1, run.Cancel);
        List<double> perCore = [], mbps = [];
        for (var round = 0; round < run.Parse.GetValue(Rounds); round++)
        {
            var (bytes, cpu) = (await system.BytesRelayedAsync(run.Cancel), system.Relay.CpuSeconds);
            mbps.Add((await iperf.RunAsync(system, 1, run.Parse.GetValue(Seconds), run.Cancel)).Mbps);
            var (passed, spent) = (
                await system.BytesRelayedAsync(run.Cancel) - bytes, system.Relay.CpuSeconds - cpu);
            perCore.Add(spent > 0 ? passed * 8 / 1e9 / spent : 0);
            run.Note($"round {round + 1}: {mbps[^1]:0} Mbit/s, {perCore[^1]:0.0} Gbit per second of the relay");
        }

        var tunnel = await system.TunnelAsync(run.Cancel);
        var figures = new Figures
        {
            Failure = tunnel.Path.StartsWith("relayed", StringComparison.Ordinal)
                ? null : $"the path was {tunnel.Path} and not relayed",
        };
        figures.Add("relay_gbps_per_core", Samples.Median(perCore), "Gbit passed on per second of processor time");
        figures.Add("relay_tcp1_mbps", Samples.Median(mbps), "TCP x1 between the ends, all on this machine, Mbit/s");
        figures.Add("relay_rss_mb", system.Relay.ResidentBytes / (double)(1 << 20), "memory of the relay, MiB");
        figures.Add("rounds", mbps.Count, "rounds");
        return figures;
    }
}
