using VioActors.Runtime;
using VioActors.Runtime.Sql;

namespace VioActors.Bench.Turns;

/// <summary>A closed loop: every caller asks, waits for the durable answer, and asks again.</summary>
/// <param name="Name">Prefix of its figures.</param>
/// <param name="Actors">Counters that share the load.</param>
/// <param name="Callers">Requests that wait at the same time.</param>
/// <param name="Meaning">In words.</param>
internal sealed record TurnLoad(string Name, int Actors, int Callers, string Meaning)
{
    /// <summary>First turns of actors that are asked at the same time.</summary>
    private const int WarmTogether = 2000;

    /// <summary>
    /// Runs it on a fresh store; then opens the store again and compares with what was acknowledged.
    /// </summary>
    public async Task<TurnRound> RunAsync(
        TurnStores stores, TimeSpan length, TimeProvider time, CancellationToken cancel)
    {
        TurnRound round;
        var address = await stores.NewAsync();
        await using (var store = await stores.OpenAsync(address))
        {
            await using var system = NewSystem(store, time);
            await system.StartAsync(cancel);
            // The first turn of each actor loads it; that is not what is measured here.
            foreach (var some in Enumerable.Range(0, Actors).Chunk(WarmTogether))
            {
                var warm = await Task.WhenAll(some.Select(
                    actor => system.AskAsync(CounterActor.Key(actor), new Increment(1), "bench", null, cancel)));
                if (!warm.All(one => one.IsDone)) throw new BenchException("A first turn was not taken.");
            }

            var (commits, gen0) = (system.Stats.Commits, GC.CollectionCount(0));
            var started = time.GetTimestamp();
            var callers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(
                caller => Task.Run(() => CallAsync(system, caller, started, length, time, cancel), cancel)));
            var took = time.GetElapsedTime(started).TotalSeconds;
            double[] waits = [.. callers.SelectMany(one => one)];
            round = new TurnRound(
                waits.Length, waits.Length / took, Samples.Percentile(waits, 0.5), Samples.Percentile(waits, 0.99),
                system.Stats.Commits - commits, GC.CollectionCount(0) - gen0);
        }

        var kept = await CountAsync(stores, address, time, cancel);
        return kept == round.Turns + Actors
            ? round
            : throw new BenchException($"{round.Turns + Actors} turns were acknowledged, {kept} are in the store.");
    }

    private static ActorSystem NewSystem(SqlStore store, TimeProvider time) =>
        new ActorSystem(store, CounterActor.Codec(), ActorSystem.NewIncarnation(), time).AddActor(new CounterActor());

    private async Task<List<double>> CallAsync(
        ActorSystem system, int caller, long started, TimeSpan length, TimeProvider time, CancellationToken cancel)
    {
        var waits = new List<double>();
        // Callers share the actors; one with several goes from each to the next.
        var mine = caller % Actors;
        while (time.GetElapsedTime(started) < length)
        {
            cancel.ThrowIfCancellationRequested();
            var asked = time.GetTimestamp();
            var key = CounterActor.Key(mine);
            mine = mine + Callers < Actors ? mine + Callers : caller % Actors;
            var result = await system.AskAsync(key, new Increment(1), "bench", null, cancel);
            if (!result.IsDone) throw new BenchException($"A turn was not taken: {result.Busy?.Reason}");
            waits.Add(time.GetElapsedTime(asked).TotalMilliseconds);
        }

        return waits;
    }

    // What was acknowledged must be read back by a process that knows nothing: a new system over the same file.
    private async Task<long> CountAsync(
        TurnStores stores, string address, TimeProvider time, CancellationToken cancel)
    {
        await using var store = await stores.OpenAsync(address);
        await using var system = NewSystem(store, time);
        await system.StartAsync(cancel);
        long total = 0;
        foreach (var some in Enumerable.Range(0, Actors).Chunk(WarmTogether))
        {
            var read = await Task.WhenAll(some.Select(
                actor => system.ReadAsync<CounterState>(CounterActor.Key(actor), cancel)));
            total += read.Sum(state => state?.Total ?? 0);
        }

        return total;
    }
}

/// <summary>One round of one load.</summary>
/// <param name="Turns">Acknowledged.</param>
/// <param name="PerSecond">Turns per second.</param>
/// <param name="P50Ms">Median wait for the durable answer.</param>
/// <param name="P99Ms">99th percentile of it.</param>
/// <param name="Commits">Batches they took.</param>
/// <param name="Gen0">Garbage collections of generation 0 meanwhile.</param>
internal sealed record TurnRound(long Turns, double PerSecond, double P50Ms, double P99Ms, long Commits, int Gen0);
