using System.CommandLine;
using VioActors.Bench.Servers;
using VioActors.Bench.Turns;
using VioActors.Runtime;

namespace VioActors.Bench.Recover;

/// <summary>How long a server needs to have many actors in memory again: a snapshot and some events each.</summary>
internal static class RecoverBench
{
    /// <summary>In each tail: with a snapshot after one more, twice as many and one leave just these.</summary>
    private const int Events = 10;

    private const int Together = 2000;
    private const string Postgres = "postgres";

    private static readonly Option<int> Actors = new("--actors")
    {
        Description = "How many actors.",
        HelpName = "n",
        DefaultValueFactory = _ => 100_000,
    };

    private static readonly Option<string> Store = new("--store")
    {
        Description = "sqlite or postgres.",
        HelpName = "store",
        DefaultValueFactory = _ => Postgres,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Actors.Between(1, 10_000_000);
        Store.AcceptOnlyFromAmong("sqlite", Postgres);
        return new Benchmark(
            "recover", "Time to load actors from a snapshot and 10 events each.", [Actors, Store], RunAsync);
    }

    private static async Task<Figures> RunAsync(BenchRun run)
    {
        var directory = Directory.CreateTempSubdirectory("vio-bench-").FullName;
        try
        {
            await using var stores = await TurnStores.StartAsync(
                run.Parse.GetValue(Store) == Postgres, directory, run.Time);
            return await MeasureAsync(run, stores, run.Parse.GetValue(Actors));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, TurnStores stores, int actors)
    {
        var address = await stores.NewAsync();
        var (turns, made) = (0L, run.Time.GetTimestamp());
        await using (var store = await stores.OpenAsync(address))
        await using (var system = NewSystem(store, run.Time))
        {
            await system.StartAsync(run.Cancel);
            foreach (var some in Enumerable.Range(0, actors).Chunk(Together))
            {
                for (var i = 0; i < (2 * Events) + 1; i++)
                    await EachAsync(some, actor => system.AskAsync(
                        CounterActor.Key(actor), new Increment(1), "bench", null, run.Cancel));
            }

            turns = system.Stats.Turns;
        }

        run.Note($"{turns} turns written in {run.Time.GetElapsedTime(made).TotalSeconds:0.0} s");
        await using var again = await stores.OpenAsync(address);
        await using var recovered = NewSystem(again, run.Time);
        var started = run.Time.GetTimestamp();
        await recovered.StartAsync(run.Cancel);
        long total = 0;
        foreach (var some in Enumerable.Range(0, actors).Chunk(Together))
            await EachAsync(some, async actor => Interlocked.Add(
                ref total,
                (await recovered.ReadAsync<CounterState>(CounterActor.Key(actor), run.Cancel))?.Total ?? 0));
        var seconds = run.Time.GetElapsedTime(started).TotalSeconds;
        var figures = new Figures();
        figures.Add("actors", actors, $"with a snapshot and {Events} events each");
        figures.Add("seconds", seconds, "from the start of the system until all are in memory and were read");
        figures.Add("loaded", recovered.Stats.LoadedActors, "control: actors in memory at the end");
        if (total != turns || recovered.Stats.LoadedActors != actors)
            figures.Failure = $"{turns} turns were written and {total} were read.";
        return figures;
    }

    private static async Task EachAsync<T>(int[] actors, Func<int, Task<T>> call) =>
        await Task.WhenAll(actors.Select(call));

    private static ActorSystem NewSystem(IStore store, TimeProvider time) => new ActorSystem(
        store, CounterActor.Codec(), ActorSystem.NewIncarnation(), time,
        new Limits { SnapshotEvery = Events + 1, MailboxDepth = 1000 }).AddActor(new CounterActor());
}
