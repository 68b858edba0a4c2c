using System.Text.Json.Nodes;

namespace VioActors.Runtime.Tests;

public sealed class FormatTests : IAsyncDisposable
{
    private static readonly ActorKey A = Ledger.Key("a");
    private static readonly Upcaster NotedOne = new("ledger.noted/1", "ledger.noted/2", node =>
    {
        node["text"] = node["note"]?.DeepClone();
        return node;
    });

    private readonly Site _site = new();

    [Theory]
    [InlineData("""ledger.added/1 {"amount":5}""")]
    [InlineData("""ledger.noted/2 {"text":"hello"}""")]
    [InlineData(
        """runtime.refused/1 {"message":{"name":"ledger.add/1","body":{"amount":7}},""" +
        """
        "refusal":{"code":"c","reason":"r","remedy":"m","facts":{}}}
        """)]
    public void GoldenBodiesAreReadAndWrittenTheSame(string golden)
    {
        var body = new Body(golden.Split(' ')[0], golden[(golden.IndexOf(' ') + 1)..]);
        Assert.Equal(body, Ledger.Codec.Encode(Ledger.Codec.Decode(body)));
    }

    [Fact]
    public void AnOldVersionIsReadThroughItsUpcaster()
    {
        var codec = Ledger.NewCodec(NotedOne);
        Assert.Equal(new Noted("hello"), codec.Decode(new Body("ledger.noted/1", """{"note":"hello"}""")));
        Assert.Throws<UnknownNameException>(() => Ledger.Codec.Decode(new Body("ledger.noted/1", "{}")));
        Assert.Throws<ArgumentException>(() => Ledger.NewCodec(NotedOne with { To = "ledger.nowhere/1" }));
        Assert.Throws<ArgumentException>(() => Ledger.NewCodec(
            new Upcaster("a/1", "b/1", n => n), new Upcaster("b/1", "a/1", n => n)));
    }

    [Fact]
    public async Task AnUnknownEventStopsThatActorAndLeavesItsJournalAlone()
    {
        var token = (await _site.Store.ClaimAsync(ShardMap.Of(A, 4), "older", TimeSpan.FromSeconds(10)))!.Value;
        var row = new EventRow(A, 1, new Body("ledger.from-the-future/9", "{}"), "me", "turn",
            DateTimeOffset.UnixEpoch);
        await _site.Store.CommitAsync([new ShardBatch(token, 1, [TurnWrites.None with { Events = [row] }])]);
        await _site.Store.ReleaseAsync(token);
        var system = await _site.StartAsync();
        var result = await system.AskAsync(A, new Add(1), "me");
        Assert.Equal("actor-quarantined", result.Refusal?.Code);
        Assert.Contains("ledger.from-the-future/9", result.Refusal?.Reason);
        await Assert.ThrowsAsync<ActorQuarantinedException>(() => system.ReadAsync<LedgerState>(A));
        Assert.True((await system.AskAsync(Ledger.Key("b"), new Forward("a", 1), "me")).IsDone);
        Assert.Contains("ledger/a", system.Stats.Quarantined.Keys);
        Assert.Equal(row, Assert.Single(await _site.JournalAsync()).Event);
        // The message waits in the inbox for a version that can read the journal.
        Assert.Single((await _site.Store.LoadShardAsync(ShardMap.Of(A, 4))).Inbox);
    }

    [Fact]
    public async Task ASnapshotShortensTheLoadAndIsIgnoredWhenTheStateHasAnotherShape()
    {
        var schema = new ActorShell<LedgerState>(_site.Ledger).Schema;
        var system = await _site.StartAsync(Site.Fast with { SnapshotEvery = 10 });
        for (var i = 0; i < 25; i++)
            await system.AskAsync(A, new Add(1), "me");
        var histories = await _site.Store.LoadActorsAsync([(A, schema), (A, "another schema")]);
        Assert.Equal((20L, 5), (histories[0].Snapshot!.Seq, histories[0].Tail.Count));
        Assert.Equal(25, histories[1].Tail.Count);
        Assert.NotEqual(schema, StateSchema.Of(typeof(Renamed.LedgerState)));
        system = await _site.RestartAsync(system);
        Assert.Equal(25, (await system.ReadAsync<LedgerState>(A))!.Total);
    }

    [Fact]
    public async Task ALargeStateIsWrittenAgainWhenItsEventsWeighAsMuch()
    {
        var limits = Site.Fast with { SnapshotEvery = 1 };
        var system = await _site.StartAsync(limits);
        var schema = new ActorShell<LedgerState>(_site.Ledger).Schema;
        await system.AskAsync(A, new Note(new string('x', 1000)), "me");
        var chars = (await _site.Store.LoadActorsAsync([(A, schema)]))[0].Snapshot!.Json.Length;
        Assert.True(chars > 1000);
        system = await _site.RestartAsync(system, limits); // who reads it counts on from there
        var weight = 0;
        for (var seq = 2; weight < chars; seq++)
        {
            Assert.Equal(1, (await _site.Store.LoadActorsAsync([(A, schema)]))[0].Snapshot!.Seq);
            await system.AskAsync(A, new Add(1), "me");
            weight += (await _site.JournalAsync())[seq - 1].Event.Body.Json.Length;
        }

        Assert.True((await _site.Store.LoadActorsAsync([(A, schema)]))[0].Snapshot!.Seq > 10);
    }

    [Fact]
    public async Task AnIdleActorLeavesMemoryAndComesBack()
    {
        var system = await _site.StartAsync(Site.Fast with { PassivateAfter = TimeSpan.FromMilliseconds(20) });
        await system.AskAsync(A, new Add(5), "me");
        await Site.EventuallyAsync(() => Task.FromResult(system.Stats.LoadedActors), loaded => loaded == 0);
        Assert.Equal(new Total(6), (await system.AskAsync(A, new Add(1), "me")).Reply);
    }

    [Fact]
    public void ShardsOfKeysNeverChange() =>
        Assert.Equal([7, 14, 1], new[] { "a", "b", "c" }.Select(id => ShardMap.Of(Ledger.Key(id), 16)));

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static class Renamed
    {
        public sealed record LedgerState(int Sum, System.Collections.Immutable.ImmutableArray<string> Notes);
    }
}
