using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>What must hold at the end of every run, read from the store and from a server.</summary>
internal static class ClusterChecks
{
    private const int All = 1_000_000;
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <exception cref="SimViolationException">Names the first broken rule.</exception>
    public static async Task CheckAsync(SimCluster cluster, ClusterScenario scenario)
    {
        var journal = await cluster.Store.ReadJournalAsync(0, All);
        var letters = await cluster.Store.ReadDeadLettersAsync(1);
        Require(letters.Count == 0, $"no message is given up: {letters.FirstOrDefault()?.Reason}");
        foreach (var actor in journal.GroupBy(row => row.Event.Actor))
            CheckHistory(actor.Key, [.. actor]);
        var booked = journal.Select(row => (row.Event.Actor, Event: (Booked)BankActor.Codec.Decode(row.Event.Body)))
            .ToList();
        CheckOperations(booked, scenario);
        CheckMoney(booked);
        Require(
            cluster.Work.Stale.Count == 0,
            $"no work begins on a server that does not own its actor: {cluster.Work.Stale.FirstOrDefault()}");
        await CheckStatesAsync(cluster, journal);
    }

    // One owner at a time, and the history of each actor without gaps.
    private static void CheckHistory(ActorKey actor, IReadOnlyList<JournalRow> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            Require(rows[i].Event.Seq == i + 1, $"events of {actor} have no gap");
            Require(
                i == 0 || PlaceOf(rows[i]).CompareTo(PlaceOf(rows[i - 1])) >= 0,
                $"no event of {actor} comes from an owner that another has followed");
        }
    }

    private static (long, long) PlaceOf(JournalRow row) => (row.Generation, row.Epoch);

    // What was acknowledged is there once; what was started outside or set as an alarm ended once.
    private static void CheckOperations(List<(ActorKey Actor, Booked Event)> booked, ClusterScenario scenario)
    {
        var times = booked.CountBy(one => (one.Actor, one.Event.Op)).ToDictionary();
        foreach (var ((actor, op), count) in times)
            Require(count == 1, $"{op} of {actor} happens once");
        foreach (var done in scenario.Acknowledged)
            Require(times.ContainsKey(done), $"{done.Op} of {done.Bank} was acknowledged and is stored");
        foreach (var (actor, one) in booked.Where(one => one.Event.What is "alarm" or "order"))
        {
            var end = one.What == "alarm" ? $"rang {one.Op}" : $"worked {one.Op}";
            Require(times.ContainsKey((actor, end)), $"{one.What} {one.Op} of {actor} ends");
        }
    }

    private static void CheckMoney(List<(ActorKey Actor, Booked Event)> booked)
    {
        var paid = -booked.Where(one => one.Event.What == "pay").Sum(one => (long)one.Event.Amount);
        var credited = booked.Where(one => one.Event.What == "credit").Sum(one => (long)one.Event.Amount);
        Require(paid == credited, "what one bank sends another receives");
    }

    // Soon after the last fault every shard has an owner that knows all of its history.
    private static async Task CheckStatesAsync(SimCluster cluster, IReadOnlyList<JournalRow> journal)
    {
        var bank = new BankActor();
        var start = cluster.Time.GetTimestamp();
        foreach (var actor in journal.GroupBy(row => row.Event.Actor))
        {
            var folded = actor.Aggregate(
                bank.Initial(actor.Key), (state, row) => bank.Evolve(state, BankActor.Codec.Decode(row.Event.Body)));
            while (await ReadAsync(cluster[0]!.System, actor.Key) is var read
                && (read?.Balance != folded.Balance || read.Done.Count != folded.Done.Count))
            {
                Require(
                    cluster.Time.GetElapsedTime(start) < Soon,
                    $"the state of {actor.Key} is what its events make: {read?.Balance} and {read?.Done.Count} "
                        + $"operations are read, {folded.Balance} and {folded.Done.Count} are stored; {cluster}");
                await Task.Delay(Pause, cluster.Time);
            }
        }
    }

    private static async Task<BankState?> ReadAsync(ActorSystem system, ActorKey actor)
    {
        try
        {
            return await system.ReadAsync<BankState>(actor);
        }
        catch (NotServingException)
        {
            return null;
        }
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds) throw new SimViolationException($"Not so: {rule}");
    }
}
