using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>What must hold at the end of every run, read from the store and from a server.</summary>
internal static class ClusterChecks
{
    private const int All = 1_000_000;

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
                i == 0 || (rows[i].Generation, rows[i].Epoch).CompareTo((rows[i - 1].Generation, rows[i - 1].Epoch)) >= 0,
                $"no event of {actor} comes from an owner that another has followed");
        }
    }

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

    private static async Task CheckStatesAsync(SimCluster cluster, IReadOnlyList<JournalRow> journal)
    {
        var bank = new BankActor();
        var life = cluster[0]!;
        foreach (var actor in journal.GroupBy(row => row.Event.Actor))
        {
            var folded = actor.Aggregate(
                bank.Initial(actor.Key), (state, row) => bank.Evolve(state, BankActor.Codec.Decode(row.Event.Body)));
            var read = await life.System.ReadAsync<BankState>(actor.Key);
            Require(read is not null && read.Balance == folded.Balance && read.Done.Count == folded.Done.Count,
                $"the state of {actor.Key} is what its events make");
        }
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds) throw new SimViolationException($"Not so: {rule}");
    }
}
