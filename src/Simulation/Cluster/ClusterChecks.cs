using System.Text.Json;
using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>What must hold at the end of every run, read from the store and from the servers.</summary>
internal sealed class ClusterChecks(
    SimCluster cluster, ClusterLedger ledger, ClusterChaos chaos, TimeSpan? atOnce, bool moves)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly Limits _limits = cluster.Limits;
    private int _letters;

    private IReadOnlyList<JournalRow> Journal => cluster.Store.JournalAfter(0);

    private List<(JournalRow Row, Booked Event)> Booked =>
        [.. Journal.Select(row => (row, (Booked)BankMessages.Codec.Decode(row.Event.Body)))];

    /// <summary>One owner at a time, the history of each actor without gaps, everything once.</summary>
    /// <exception cref="SimViolationException">Names the first broken rule.</exception>
    public async Task HistoryAsync()
    {
        foreach (var actor in Journal.GroupBy(row => row.Event.Actor)) CheckHistory(actor.Key, [.. actor]);
        var booked = Booked;
        CheckOperations(booked);
        CheckMoney(booked);
        CheckAlarms(booked);
        await CheckLettersAsync(booked);
        Require(
            cluster.Work.Wrong.Count == 0,
            $"no work begins without the right to: {cluster.Work.Wrong.FirstOrDefault()}");
        if (atOnce is not null) CheckCalm(booked);
        if (atOnce is not null && !moves) CheckStill();
    }

    /// <summary>Soon the state of every actor is what its events make.</summary>
    public async Task StatesAsync()
    {
        var bank = new BankActor();
        var start = cluster.Time.GetTimestamp();
        foreach (var actor in Journal.GroupBy(row => row.Event.Actor))
        {
            var folded = Shown(actor.Aggregate(
                bank.Initial(actor.Key),
                (state, row) => bank.Evolve(state, BankMessages.Codec.Decode(row.Event.Body))));
            while (Shown(await ReadAsync(cluster[0]!.System, actor.Key)) is var read && read != folded)
            {
                Require(
                    cluster.Time.GetElapsedTime(start) < Soon,
                    $"the state of {actor.Key} is what its events make: {read} is read, {folded} is stored; {cluster}");
                await Task.Delay(Pause, cluster.Time);
            }
        }
    }

    /// <summary>What no bank could digest was digested later, once.</summary>
    public async Task EndAsync()
    {
        var booked = Booked;
        foreach (var (row, one) in booked.Where(one => one.Event.What == "poison"))
            Require(
                booked.Count(end => end.Event.Op == $"digested {one.Op}") == 1,
                $"{one.Op}, which {row.Event.Actor} sent, is digested once when it can be");
        var left = await cluster.Store.ReadDeadLettersAsync(int.MaxValue);
        Require(
            left.Count == _letters && left.All(letter => letter.Body.Name == "bank.hoard/1"),
            $"a letter is delivered again, or given up again: {left.Count} of {_letters} are left");
    }

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

    // What was acknowledged is there once; what was started outside ended once.
    private void CheckOperations(List<(JournalRow Row, Booked Event)> booked)
    {
        var times = booked.CountBy(one => (one.Row.Event.Actor, one.Event.Op)).ToDictionary();
        foreach (var ((actor, op), count) in times) Require(count == 1, $"{op} of {actor} happens once");
        foreach (var done in ledger.Acknowledged)
            Require(times.ContainsKey(done), $"{done.Op} of {done.Bank} was acknowledged and is stored");
        foreach (var op in ledger.GivenUp)
            Require(!booked.Exists(one => one.Event.Op == op), $"{op} was given up and is not stored");
        foreach (var (row, one) in booked.Where(one => one.Event.What is "poison" or "order"))
        {
            var end = one.What == "poison" ? $"bounced {one.Op}" : $"over {one.Op}";
            Require(times.ContainsKey((row.Event.Actor, end)), $"{one.What} {one.Op} of {row.Event.Actor} ends");
        }
    }

    private static void CheckMoney(List<(JournalRow Row, Booked Event)> booked)
    {
        var paid = -booked.Where(one => one.Event.What == "pay").Sum(one => (long)one.Event.Amount);
        var credited = booked.Where(one => one.Event.What == "credit").Sum(one => (long)one.Event.Amount);
        Require(paid == credited, "what one bank sends another receives");
    }

    // Every alarm that was set last rings, and none early; banks say themselves when one rings twice or as not set.
    private void CheckAlarms(List<(JournalRow Row, Booked Event)> booked)
    {
        var set = booked.Where(one => one.Event.What is "alarm" or "silence")
            .GroupBy(one => (one.Row.Event.Actor, one.Event.Other));
        foreach (var alarm in set.Where(alarm => alarm.Last().Event.What == "alarm"))
            Require(
                booked.Exists(one => one.Event.What == "rang" && one.Event.Number == alarm.Last().Event.Number
                    && (one.Row.Event.Actor, one.Event.Other) == alarm.Key),
                $"alarm {alarm.Key} rings");
        foreach (var (row, rang) in booked.Where(one => one.Event.What == "rang"))
        {
            var late = row.Event.At - new DateTimeOffset(rang.Number, TimeSpan.Zero);
            Require(chaos.SetsClocks || late >= TimeSpan.Zero, $"{rang.Op} is not early by {-late}");
            Require(!(late > atOnce / 2), $"without faults {rang.Op} is not late by {late}");
        }
    }

    // A message that cannot be digested becomes one letter, however often its turn ran; no other does.
    private async Task CheckLettersAsync(List<(JournalRow Row, Booked Event)> booked)
    {
        var letters = await cluster.Store.ReadDeadLettersAsync(int.MaxValue);
        var other = letters.FirstOrDefault(letter => letter.Body.Name is not ("bank.venom/1" or "bank.hoard/1"));
        Require(other is null, $"no message is given up: {other?.Reason}");
        Require(
            letters.Count(letter => letter.Body.Name == "bank.venom/1")
                == booked.Count(one => one.Event.What == "poison"),
            "every message that is given up is kept, once");
        _letters = letters.Count(letter => letter.Body.Name == "bank.hoard/1");
        Require(_letters >= ledger.GivenUp.Count, "every request that is given up is kept");
    }

    // Without faults nothing waits for a poll, is tried again, or is drawn into doubt.
    private void CheckCalm(List<(JournalRow Row, Booked Event)> booked)
    {
        Require(cluster.Store.FencedBatches == 0, "without faults no commit is fenced");
        var sent = booked.Where(one => one.Event.What == "pay")
            .ToDictionary(one => (one.Row.Event.Actor.Id, one.Event.Other, one.Event.Number), one => one.Row.Event.At);
        foreach (var (row, credit) in booked.Where(one => one.Event.What == "credit"))
        {
            var at = sent[(credit.Other, row.Event.Actor.Id, credit.Number + (credit.Number % 2))];
            var late = row.Event.At - at;
            Require(!(late > atOnce), $"without faults {credit.Op} arrives at once, not after {late}");
        }
    }

    // A shard that moves begins its work and its tries anew.
    private void CheckStill()
    {
        Require(cluster.Work.Runs.Values.All(runs => runs == 1), "without faults work runs once");
        foreach (var tries in Enumerable.Range(0, cluster.Count).SelectMany(server => cluster[server]!.Bank.Tries))
            Require(
                tries.Value == _limits.Attempts, $"{tries.Key} is tried {_limits.Attempts} times, not {tries.Value}");
    }

    private static string Shown(BankState? state) => JsonSerializer.Serialize(state);

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
