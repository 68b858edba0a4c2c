using VioActors.Runtime;
using static VioActors.TestKit.ConformanceException;

namespace VioActors.TestKit;

/// <summary>
/// The promises of <see cref="IStore"/>, one case each. Every engine must pass the same list. A case gets a store of
/// its own, empty, on a clock that the case moves.
/// </summary>
/// <param name="open">Makes an empty store on that clock.</param>
/// <param name="setClock">Sets the clock of a store that has its own; told the time whenever it moves.</param>
public sealed class StoreConformance(
    Func<TimeProvider, Task<IStore>> open, Func<IStore, DateTimeOffset, Task>? setClock = null)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly ActorKey Alice = new("test", "alice");
    private static readonly ActorKey Bob = new("test", "bob");

    /// <summary>
    /// Name and body of each case; a body throws <see cref="ConformanceException"/> when the promise is broken.
    /// </summary>
    public IReadOnlyList<(string Name, Func<Task> Run)> Cases =>
    [
        ("a shard has one owner until its lease ends", () => OnStore(OneOwner)),
        ("a renewed lease runs on, a released one ends", () => OnStore(RenewAndRelease)),
        ("of several shards those that are free are claimed, and all are given up", () => OnStore(SeveralShards)),
        ("a stale owner cannot commit", () => OnStore(StaleOwner)),
        ("a batch number counts once and in order", () => OnStore(BatchNumbers)),
        ("a raised generation makes every token stale", () => OnStore(RaisedGeneration)),
        ("an event that does not follow the last is fenced", () => OnStore(EventFence)),
        ("a message is consumed once", () => OnStore(ConsumedOnce)),
        ("an effect and a timer end once", () => OnStore(EndedOnce)),
        ("a batch is stored whole or not at all", () => OnStore(AllOrNothing)),
        ("one fenced batch does not harm its neighbours", () => OnStore(Neighbours)),
        ("a row that can never be stored is rejected, not fenced", () => OnStore(DataError)),
        ("messages come back in sending order", () => OnStore(SendingOrder)),
        ("the journal has every event in commit order", () => OnStore(JournalOrder)),
        ("a snapshot of another schema is ignored and no event is lost", () => OnStore(Snapshots)),
        ("a result is kept under its key until it is forgotten", () => OnStore(Results)),
        ("dead letters come back newest first, and go back or away", () => OnStore(DeadLetters)),
        ("the shards of a server that counts as dead are free", () => OnStore(Disowned)),
        ("a store knows how far it is", () => OnStore(Point)),
    ];

    private async Task OnStore(Func<IStore, Clock, Task> body)
    {
        var time = new ManualTime();
        await using var store = await open(time);
        var clock = new Clock(time, now => setClock?.Invoke(store, now) ?? Task.CompletedTask);
        await clock.AdvanceAsync(TimeSpan.Zero);
        await body(store, clock);
    }

    private static async Task OneOwner(IStore store, Clock clock)
    {
        var first = await ClaimAsync(store, "one");
        RequireEqual(null, await store.ClaimAsync(first.Shard, "two", Lease), "claim while the lease runs");
        await clock.AdvanceAsync(Lease - TimeSpan.FromTicks(1));
        RequireEqual(null, await store.ClaimAsync(first.Shard, "two", Lease), "claim just before its end");
        await clock.AdvanceAsync(TimeSpan.FromTicks(1));
        var second = await ClaimAsync(store, "two");
        RequireEqual(true, second.Epoch > first.Epoch, "the epoch rises");
        RequireEqual(true, (await ClaimAsync(store, "two")).Epoch > second.Epoch, "an owner may claim again");
    }

    private static async Task RenewAndRelease(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        await clock.AdvanceAsync(Lease / 2);
        RequireSequence([true], await store.RenewAsync([token], Lease), "renewal by the owner");
        await clock.AdvanceAsync(Lease / 2);
        RequireEqual(null, await store.ClaimAsync(token.Shard, "two", Lease), "claim after the renewal");
        RequireSequence([false], await store.RenewAsync([token with { Owner = "two" }], Lease), "renewal by another");
        await store.ReleaseAsync(token with { Epoch = token.Epoch - 1 });
        RequireEqual(null, await store.ClaimAsync(token.Shard, "two", Lease), "claim after a stale release");
        await store.ReleaseAsync(token);
        RequireEqual(true, await store.ClaimAsync(token.Shard, "two", Lease) is not null, "claim after the release");
    }

    private static async Task SeveralShards(IStore store, Clock clock)
    {
        int[] all = [.. Enumerable.Range(0, store.ShardCount)];
        var first = await ClaimAsync(store, "one");
        var others = await store.ClaimAsync([.. all.Reverse()], "two", Lease);
        RequireSequence(
            all.Where(shard => shard != first.Shard), others.Select(token => token.Shard), "shards that were free");
        var stale = others[0] with { Epoch = others[0].Epoch - 1 };
        await store.ReleaseAsync([first, stale, .. others.Skip(1)]);
        var third = await store.ClaimAsync(all, "three", Lease);
        RequireSequence(
            all.Where(shard => shard != stale.Shard), third.Select(token => token.Shard), "shards that were given up");
        await MustAsync(store, third.Single(token => token.Shard == first.Shard), 1, Recorded(1) with
        {
            Sends = [new InboxRow("to-bob", Bob, Alice, Json("hello"), "me")],
        });
        var contents = await store.LoadShardsAsync(all);
        for (var shard = 0; shard < all.Length; shard++)
            RequireEqual(
                ShardMap.Of(Bob, all.Length) == shard ? 1 : 0, contents[shard].Inbox.Count, $"messages of {shard}");
    }

    private static async Task StaleOwner(IStore store, Clock clock)
    {
        var old = await ClaimAsync(store, "one");
        await MustAsync(store, old, 1, Recorded(1));
        await clock.AdvanceAsync(Lease);
        var token = await ClaimAsync(store, "two");
        await MustNotAsync(CommitVerdict.Fenced, store, old, 2, Recorded(2));
        foreach (var forged in new[]
        {
            token with { Owner = "one" }, token with { Epoch = old.Epoch },
            token with { Generation = token.Generation + 1 },
        })
            await MustNotAsync(CommitVerdict.Fenced, store, forged, 1, Recorded(2));
        RequireEqual(null, await store.ResolveAsync(old), "resolution of a stale token");
        await MustAsync(store, token, 1, Recorded(2));
    }

    private static async Task BatchNumbers(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        token = await ResolvedAsync(store, token, 0);
        await MustNotAsync(CommitVerdict.Fenced, store, token, 2, Recorded(1));
        await MustAsync(store, token, 1, Recorded(1));
        await MustNotAsync(CommitVerdict.Fenced, store, token, 1, Recorded(2));
        var next = await ResolvedAsync(store, token, 1);
        await MustNotAsync(CommitVerdict.Fenced, store, token, 2, Recorded(2));
        await MustAsync(store, next, 2, Recorded(2));
    }

    private static async Task RaisedGeneration(IStore store, Clock clock)
    {
        var old = await ClaimAsync(store, "one");
        var generation = await store.AdoptAsync();
        RequireEqual(old.Generation + 1, generation, "generation");
        await MustNotAsync(CommitVerdict.Fenced, store, old, 1, Recorded(1));
        RequireSequence([false], await store.RenewAsync([old], Lease), "renewal after the raise");
        RequireEqual(generation, (await ClaimAsync(store, "one")).Generation, "generation of a new claim");
    }

    private static async Task EventFence(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        await MustAsync(store, token, 1, Recorded(1));
        await MustNotAsync(CommitVerdict.Fenced, store, token, 2, Recorded(1));
        await MustNotAsync(CommitVerdict.Fenced, store, token, 2, Recorded(3));
        await MustAsync(store, token, 2, Recorded(2));
    }

    private static async Task ConsumedOnce(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        await MustAsync(store, token, 1, Sent("m1"));
        await MustAsync(store, token, 2, TurnWrites.None with { Consumed = "m1" });
        await MustNotAsync(CommitVerdict.Fenced, store, token, 3, TurnWrites.None with { Consumed = "m1" });
        RequireEqual(0, (await store.LoadShardAsync(token.Shard)).Inbox.Count, "messages left");
    }

    private static async Task EndedOnce(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        var effect = new EffectRow(Alice, "e", "work", Json("p"), "turn", "me");
        var timer = new TimerRow(Alice, "t", "id", clock.Now, Json("p"), "me");
        await MustAsync(store, token, 1, TurnWrites.None with { EffectsStarted = [effect], TimersSet = [timer] });
        var contents = await store.LoadShardAsync(token.Shard);
        RequireSequence([effect], contents.Effects, "effects");
        RequireSequence([timer], contents.Timers, "timers");
        await MustAsync(store, token, 2, TurnWrites.None with
        {
            EffectsEnded = [effect],
            TimersEnded = [timer],
            TimersSet = [timer with { Id = "new" }],
        });
        await MustNotAsync(CommitVerdict.Fenced, store, token, 3, TurnWrites.None with { EffectsEnded = [effect] });
        await MustNotAsync(
            CommitVerdict.Fenced, store, token, 3, TurnWrites.None with { TimersEnded = [timer with { Name = "x" }] });
        RequireEqual("new", (await store.LoadShardAsync(token.Shard)).Timers.Single().Id, "the timer set last");
    }

    private static async Task AllOrNothing(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        await MustNotAsync(
            CommitVerdict.Fenced, store, token, 1, Sent("m1"), Recorded(1),
            TurnWrites.None with { Consumed = "missing" });
        RequireEqual(0, (await store.LoadShardAsync(token.Shard)).Inbox.Count, "messages of a fenced batch");
        RequireEqual(0, (await store.ReadJournalAsync(0, 10)).Count, "events of a fenced batch");
        await ResolvedAsync(store, token, 0);
    }

    private static async Task Neighbours(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        var other = (await store.ClaimAsync((token.Shard + 1) % store.ShardCount, "one", Lease))!.Value;
        var outcomes = await store.CommitAsync(
        [
            new ShardBatch(other with { Owner = "two" }, 1, [Sent("m1")]),
            new ShardBatch(token, 1, [Recorded(1)]),
        ]);
        RequireSequence(
            [CommitVerdict.Fenced, CommitVerdict.Committed], outcomes.Select(outcome => outcome.Verdict), "verdicts");
        RequireEqual(1, (await store.ReadJournalAsync(0, 10)).Count, "events");
    }

    private static async Task DataError(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        var huge = new Body("test.huge/1", new string('x', Body.MaxJson + 1));
        await MustNotAsync(CommitVerdict.Rejected, store, token, 1, Recorded(1), Recorded(2, huge));
        await MustAsync(store, token, 1, Recorded(1));
    }

    private static async Task SendingOrder(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        await MustAsync(store, token, 1, Sent("m3", "m1"), Sent("m2"));
        await MustAsync(store, token, 2, Sent("m0"));
        var inbox = (await store.LoadShardAsync(token.Shard)).Inbox;
        RequireSequence(["m3", "m1", "m2", "m0"], inbox.Select(row => row.Id), "order");
        RequireEqual(new InboxRow("m3", Alice, Bob, Json("m3"), "me"), inbox[0], "the message");
    }

    private static async Task JournalOrder(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        for (var batch = 1; batch <= 3; batch++)
            await MustAsync(store, token, batch, Recorded((2 * batch) - 1), Recorded(2 * batch));
        var all = await store.ReadJournalAsync(0, 10);
        RequireSequence([1L, 2, 3, 4, 5, 6], all.Select(row => row.Event.Seq), "seqs");
        RequireSequence([token.Epoch], all.Select(row => row.Epoch).Distinct(), "epochs");
        var page = await store.ReadJournalAsync(all[1].Position, 2);
        RequireSequence([3L, 4], page.Select(row => row.Event.Seq), "a page after a position");
        RequireEqual(Event(3, Json("event")), page[0].Event, "the event");
    }

    private static async Task Snapshots(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        var snapshot = new SnapshotRow(Alice, 2, "v1", "{}");
        await MustAsync(store, token, 1, Recorded(1), Recorded(2) with { Snapshot = snapshot }, Recorded(3));
        var histories = await store.LoadActorsAsync([(Bob, "v1"), (Alice, "v1"), (Alice, "v2")]);
        RequireEqual(null, histories[0].Snapshot, "snapshot of an actor without a history");
        RequireSequence([], histories[0].Tail, "its events");
        RequireEqual(snapshot, histories[1].Snapshot, "snapshot");
        RequireSequence([3L], histories[1].Tail.Select(row => row.Seq), "events after the snapshot");
        RequireEqual(null, histories[2].Snapshot, "snapshot of another schema");
        RequireSequence([1L, 2, 3], histories[2].Tail.Select(row => row.Seq), "all events");
    }

    private static async Task Results(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        var result = new ResultRow(Alice, "me", "key", "hash", Json("reply"), clock.Now);
        await MustAsync(store, token, 1, TurnWrites.None with { Result = result });
        RequireEqual(result, await store.FindResultAsync(Alice, "me", "key"), "the result");
        RequireEqual(null, await store.FindResultAsync(Alice, "you", "key"), "the key of another principal");
        await MustNotAsync(CommitVerdict.Fenced, store, token, 2, TurnWrites.None with { Result = result });
        await store.ForgetResultsAsync(result.At);
        RequireEqual(result, await store.FindResultAsync(Alice, "me", "key"), "the result, not older than that");
        await store.ForgetResultsAsync(result.At.AddTicks(1));
        RequireEqual(null, await store.FindResultAsync(Alice, "me", "key"), "the forgotten result");
    }

    private static async Task DeadLetters(IStore store, Clock clock)
    {
        var token = await ClaimAsync(store, "one");
        var first = new DeadLetter("d1", Alice, Bob, Json("m"), "me", "why", clock.Now);
        var second = first with { Id = "d2", Sender = null };
        await MustAsync(
            store, token, 1, TurnWrites.None with { DeadLetter = first }, TurnWrites.None with { DeadLetter = second });
        RequireSequence([second, first], await store.ReadDeadLettersAsync(10), "dead letters");
        RequireEqual(1, (await store.ReadDeadLettersAsync(1)).Count, "the limit");
        RequireEqual(true, await store.RetryDeadLetterAsync(second, "again"), "a letter that goes back");
        RequireEqual(false, await store.RetryDeadLetterAsync(second, "again-2"), "a letter that went back already");
        RequireEqual(true, await store.DropDeadLetterAsync("d1"), "a letter that is dropped");
        RequireEqual(false, await store.DropDeadLetterAsync("d1"), "a letter that was dropped already");
        RequireSequence([], await store.ReadDeadLettersAsync(10), "dead letters at the end");
        RequireSequence(
            [new InboxRow("again", Alice, null, second.Body, "me")], (await store.LoadShardAsync(token.Shard)).Inbox,
            "the message that the letter became");
    }

    private static async Task Disowned(IStore store, Clock clock)
    {
        var me = new ServerRow("one", "s1", "here", IsDraining: false) { Rates = [0, 17] };
        await store.MeetAsync(me, Lease);
        var token = await ClaimAsync(store, "one");
        var seen = (await store.MeetAsync(me, Lease)).Servers.Single();
        RequireSequence([0, 17], seen.Server.Rates, "what a server says that it does");
        RequireEqual(null, await store.ClaimAsync(token.Shard, "two", Lease), "a claim while the owner lives");
        await store.DisownAsync("one");
        var view = await store.MeetAsync(me with { Incarnation = "two" }, Lease);
        RequireSequence(["two"], view.Servers.Select(seen => seen.Server.Incarnation), "the servers that are left");
        RequireEqual("two", (await store.ClaimAsync(token.Shard, "two", Lease))?.Owner, "the claim of a free shard");
        await MustNotAsync(CommitVerdict.Fenced, store, token, 1, Recorded(1));
    }

    private static async Task Point(IStore store, Clock clock)
    {
        RequireEqual(0, (await store.PointAsync()).Position, "the position before the first event");
        var token = await ClaimAsync(store, "one");
        await MustAsync(store, token, 1, Recorded(1));
        RequireEqual(new StorePoint(token.Generation, 1), await store.PointAsync(), "the point after one event");
        var adopted = await store.AdoptAsync(token.Generation + 5);
        RequireEqual(token.Generation + 6, adopted, "the generation above one that was seen");
        RequireEqual(new StorePoint(adopted, 1, adopted), await store.PointAsync(), "the point after an adoption");
        RequireEqual(adopted + 1, await store.AdoptAsync(1), "the generation above the store's own");
    }

    private static async Task<ShardToken> ResolvedAsync(IStore store, ShardToken token, long last)
    {
        var found = await store.ResolveAsync(token);
        RequireEqual(last, found?.LastBatch, "last batch of the token");
        RequireEqual(null, await store.ResolveAsync(token), "resolution of a token that was resolved");
        await MustNotAsync(CommitVerdict.Fenced, store, token, last + 1, Recorded(last + 1));
        return found!.Value.Token;
    }

    private static async Task<ShardToken> ClaimAsync(IStore store, string owner) =>
        await store.ClaimAsync(ShardMap.Of(Alice, store.ShardCount), owner, Lease)
        ?? throw new ConformanceException($"{owner} could not claim the shard.");

    private static async Task MustAsync(IStore store, ShardToken token, long number, params TurnWrites[] turns)
    {
        var outcome = (await store.CommitAsync([new ShardBatch(token, number, turns)])).Single();
        RequireEqual(CommitOutcome.Committed, outcome, $"batch {number}");
    }

    private static async Task MustNotAsync(
        CommitVerdict verdict, IStore store, ShardToken token, long number, params TurnWrites[] turns)
    {
        var outcome = (await store.CommitAsync([new ShardBatch(token, number, turns)])).Single();
        RequireEqual(verdict, outcome.Verdict, $"batch {number} of {token} ({outcome.Reason})");
    }

    private static Body Json(string word) => new($"test.{word}/1", $$"""{"word":"{{word}}"}""");

    private static EventRow Event(long seq, Body body) => new(Alice, seq, body, "me", $"turn-{seq}",
        DateTimeOffset.UnixEpoch);

    private static TurnWrites Recorded(long seq, Body? body = null) =>
        TurnWrites.None with { Events = [Event(seq, body ?? Json("event"))] };

    private static TurnWrites Sent(params string[] ids) =>
        TurnWrites.None with { Sends = [.. ids.Select(id => new InboxRow(id, Alice, Bob, Json(id), "me"))] };

    /// <summary>The store's clock and ours, moved together.</summary>
    private sealed class Clock(ManualTime time, Func<DateTimeOffset, Task> set)
    {
        public DateTimeOffset Now => time.GetUtcNow();

        public async Task AdvanceAsync(TimeSpan by)
        {
            time.Advance(by);
            await set(Now);
        }
    }
}
