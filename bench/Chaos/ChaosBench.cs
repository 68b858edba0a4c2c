using System.CommandLine;
using System.Security.Cryptography;
using VioActors.Bench.Servers;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;

namespace VioActors.Bench.Chaos;

/// <summary>
/// Real server processes and a real PostgreSQL that are killed, frozen, cut off, failed over and put back to an older
/// copy, while clients write and a node moves: whether anything that was acknowledged is lost, done twice, or a node
/// runs twice.
/// </summary>
internal static class ChaosBench
{
    private static readonly Option<int> Cycles = new("--cycles")
    {
        Description = "How many: faults, then a check of everything.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<int?> Seed = new("--seed")
    {
        Description = "Draws the faults. Default: fresh, and printed.",
        HelpName = "s",
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Cycles.Between(1, 1_000_000);
        return new Benchmark(
            "chaos", "Real servers and PostgreSQL killed, frozen and cut off: nothing lost, nothing done twice.",
            [Cycles, Seed], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        if (PostgresInstance.Missing is { } missing) throw new BenchException(missing);
        var (cycles, seed) = (
            run.Parse.GetValue(Cycles), run.Parse.GetValue(Seed) ?? RandomNumberGenerator.GetInt32(1, 1_000_000));
        run.Note($"seed {seed}");
        await using var site = await ChaosSite.StartAsync(run.Time, run.Cancel);
        var chaos = new ChaosCycles(site, new ChaosDice(seed, site.Cluster.Servers.Count, run), run);
        try
        {
            await chaos.RunAsync(cycles);
            var figures = new Figures();
            figures.Add("seed", seed, "repeats the faults, not their timing");
            await chaos.TellAsync(figures);
            if (figures.Failure is { } failure) figures.Failure = $"{failure} {await AgainAsync(seed, cycles, site)}";
            return figures;
        }
        catch (Exception stuck) when (stuck is BenchException or DemoFailedException or CliException)
        {
            throw new BenchException($"{stuck.Message} {await AgainAsync(seed, cycles, site)}");
        }
    }

    private static async Task<string> AgainAsync(int seed, int cycles, ChaosSite site) =>
        $"Logs and a dump of the store are in {await site.KeepAsync()}. "
        + $"Try again with: ./vio bench chaos --cycles {cycles} --seed {seed}";
}
