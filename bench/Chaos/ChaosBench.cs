using System.CommandLine;
using System.Security.Cryptography;
using VioActors.Bench.Servers;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;

namespace VioActors.Bench.Chaos;

/// <summary>
/// Real server processes and a real PostgreSQL that are killed, frozen and cut off, while clients write and a node
/// moves: whether anything that was acknowledged is lost, done twice, or a node runs twice.
/// </summary>
internal static class ChaosBench
{
    private const int Clients = 4;
    private const int MostFaults = 3;

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

    private static Task<Figures> RunAsync(BenchRun run) => RunAsync(
        run, run.Parse.GetValue(Cycles), run.Parse.GetValue(Seed) ?? RandomNumberGenerator.GetInt32(1, 1_000_000));

    private static async Task<Figures> RunAsync(BenchRun run, int cycles, int seed)
    {
        if (PostgresInstance.Missing is { } missing) throw new BenchException(missing);
        run.Note($"seed {seed}");
        await using var postgres = await PostgresInstance.StartAsync();
        var store = await postgres.NewDatabaseAsync();
        await using var cluster = await ServerCluster.StartAsync(store, servers: 2, hosts: 2, run.Time, run.Cancel);
        var faults = new ChaosFaults(cluster, postgres, store, new Random(seed), run);
        ChaosClient[] clients = [.. Enumerable.Range(1, Clients).Select(n => new ChaosClient(cluster, n, run))];
        var ledger = new ChaosLedger(store, clients);
        var moves = new ChaosMoves(cluster, run);
        await moves.CreateAsync();
        var random = new Random(seed);
        for (var cycle = 1; cycle <= cycles; cycle++)
        {
            run.Note($"cycle {cycle}");
            await CycleAsync(faults, clients, moves, random.Next(1, MostFaults + 1), run);
            await ledger.CheckAsync();
            moves.Check();
        }

        var figures = new Figures();
        figures.Add("seed", seed, "repeats the faults, not their timing");
        figures.Add("cycles", cycles, "faults, then a check of everything");
        figures.Add("lost", ledger.Lost, "acknowledged writes that are not stored");
        figures.Add("doubled", ledger.Doubled, "writes that are stored twice");
        var (lost, doubled) = await ledger.ControlAsync();
        figures.Add("lost_control", lost, "control: the same check after one write was taken out of a copy");
        figures.Add("doubled_control", doubled, "control: the same check after more writes than were made");
        figures.Add("acknowledged", clients.Sum(one => one.Acknowledged), "writes that were acknowledged");
        figures.Add("unknown", clients.Sum(one => one.Unknown), "writes whose outcome the client never learned");
        figures.Add("moves", moves.Ended, "moves that ended, done or failed");
        figures.Add("violations", moves.Violations, "nodes that ran twice, or not at all");
        foreach (var (name, times) in faults.Done)
            figures.Add($"fault_{name.Replace(' ', '_')}", times, "times");
        if (ledger.Lost + ledger.Doubled + moves.Violations > 0 || lost != 1 || doubled != 1)
            figures.Failure = "Something was lost or doubled, or a control did not find it. "
                + $"Try again with: ./vio bench chaos --seed {seed}";
        return figures;
    }

    private static async Task CycleAsync(
        ChaosFaults faults, ChaosClient[] clients, ChaosMoves moves, int strikes, BenchRun run)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(run.Cancel);
        var working = Task.WhenAll([.. clients.Select(one => one.RunAsync(stop.Token)), moves.RunAsync(stop.Token)]);
        for (var strike = 0; strike < strikes; strike++) await faults.StrikeAsync();
        await stop.CancelAsync();
        await working;
    }
}
