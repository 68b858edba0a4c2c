using System.CommandLine;
using Microsoft.Win32.SafeHandles;

namespace VioActors.Bench.Turns;

/// <summary>Durable turns per second of the runtime on a store, beside what the disk itself can do.</summary>
internal static class TurnsBench
{
    private const int PageBytes = 4096;
    private const string Postgres = "postgres";

    private static readonly TurnLoad[] Loads =
    [
        new("one", 1, 1, "one actor, one caller"),
        new("busy", 1, 64, "one actor, 64 callers"),
        new("many", 64, 64, "64 actors, one caller each"),
        new("wide", 100_000, 512, "100,000 actors, 512 callers that go round"),
    ];

    private static readonly Option<string> Store = new("--store")
    {
        Description = "sqlite: a file, synchronous=FULL. postgres: a PostgreSQL of its own, given some memory.",
        HelpName = "store",
        DefaultValueFactory = _ => "sqlite",
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Rounds; the loads alternate, and figures are medians over rounds.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "Length of each load in each round.",
        HelpName = "s",
        DefaultValueFactory = _ => 1.5,
    };

    private static readonly Option<string> Directory = new("--dir")
    {
        Description = "Where the database is made, and deleted again. Default: the directory of temporary files.",
        HelpName = "path",
        DefaultValueFactory = _ => Path.GetTempPath(),
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Store.AcceptOnlyFromAmong("sqlite", Postgres);
        Rounds.Between(1, 1000);
        Seconds.Between(0.1, 600);
        return new Benchmark(
            "turns", "Durable turns per second of the actor runtime on SQLite or PostgreSQL.",
            [Store, Rounds, Seconds, Directory], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("vio-bench-").FullName;
        if (run.Parse.GetResult(Directory) is { Implicit: false })
        {
            System.IO.Directory.Delete(directory);
            directory = Path.Combine(
                Path.GetFullPath(run.Parse.GetRequiredValue(Directory)), Path.GetFileName(directory));
            System.IO.Directory.CreateDirectory(directory);
        }

        try
        {
            return await MeasureAsync(run, directory);
        }
        finally
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, string directory)
    {
        var length = TimeSpan.FromSeconds(run.Parse.GetValue(Seconds));
        var rounds = Loads.ToDictionary(load => load.Name, _ => new List<TurnRound>());
        var flushes = new List<double>();
        await using var stores = await TurnStores.StartAsync(
            run.Parse.GetValue(Store) == Postgres, directory, run.Time);
        // Round 0 warms the code up and does not count.
        for (var round = 0; round <= run.Parse.GetValue(Rounds); round++)
        {
            var flush = FlushesPerSecond(Path.Combine(directory, $"flush{round}"), length / 3, run.Time);
            if (round > 0) flushes.Add(flush);
            foreach (var load in Loads)
            {
                var measured = await load.RunAsync(stores, length, run.Time, run.Cancel);
                run.Note($"round {round}, {load.Name}: {measured.PerSecond:0} turns/s, p50 {measured.P50Ms:0.00} ms");
                if (round > 0) rounds[load.Name].Add(measured);
            }
        }

        return Summarise(rounds, flushes, new DriveInfo(directory).DriveFormat);
    }

    private static Figures Summarise(
        Dictionary<string, List<TurnRound>> rounds, List<double> flushes, string fileSystem)
    {
        var figures = new Figures();
        figures.Add("file_system", fileSystem, "where the database was");
        var wide = rounds["wide"];
        figures.Add("turns_per_s", Samples.Median(wide.Select(one => one.PerSecond)), Loads[^1].Meaning);
        figures.Add("ack_p50_ms", Samples.Median(wide.Select(one => one.P50Ms)), "median wait for the durable answer");
        figures.Add("ack_p99_ms", Samples.Median(wide.Select(one => one.P99Ms)), "99th percentile of it");
        figures.Add(
            "gen0", Samples.Median(wide.Select(one => one.Gen0 * 10_000.0 / one.Turns)),
            "garbage collections of generation 0 per 10,000 turns, callers included");
        figures.Add(
            "flushes_per_s", Samples.Median(flushes), "control: 4 KiB appended and flushed, without any of our code");
        foreach (var load in Loads)
        {
            var all = rounds[load.Name];
            var perSecond = Samples.Median(all.Select(one => one.PerSecond));
            figures.Add($"{load.Name}_turns_per_s", perSecond, load.Meaning);
            figures.Add(
                $"{load.Name}_p50_ms", Samples.Median(all.Select(one => one.P50Ms)),
                    "median wait for the durable answer");
            figures.Add($"{load.Name}_p99_ms", Samples.Median(all.Select(one => one.P99Ms)), "99th percentile of it");
            figures.Add(
                $"{load.Name}_turns_per_batch",
                Samples.Median(all.Select(one => (double)one.Turns / Math.Max(1, one.Commits))),
                "turns that shared a batch; there is one per shard");
            figures.Add($"{load.Name}_per_flush", perSecond / Samples.Median(flushes), "turns/s over flushes/s");
        }

        return figures;
    }

    // What every durable commit waits for, whatever writes it.
    private static double FlushesPerSecond(string file, TimeSpan length, TimeProvider time)
    {
        using SafeFileHandle handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write);
        var page = new byte[PageBytes];
        var count = 0;
        var started = time.GetTimestamp();
        for (; time.GetElapsedTime(started) < length; count++)
        {
            RandomAccess.Write(handle, page, (long)count * PageBytes);
            RandomAccess.FlushToDisk(handle);
        }

        return count / time.GetElapsedTime(started).TotalSeconds;
    }
}
