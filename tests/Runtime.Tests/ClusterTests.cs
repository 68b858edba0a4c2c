using System.Collections.Concurrent;

namespace VioActors.Runtime.Tests;

public sealed class ClusterTests : IAsyncDisposable
{
    private static readonly ActorKey A = Ledger.Key("a");
    private readonly Site _site = new();
    private readonly Peers _peers = new();

    [Fact]
    public async Task AStandbyStartsWarmAndPassesRequestsOn()
    {
        var first = await StartAsync("one");
        var second = await StartAsync("two");
        Assert.Equal((4, 0), (first.Stats.ShardsOwned, second.Stats.ShardsOwned));
        Assert.True(second.Stats.IsServing, second.Stats.Reason);
        Assert.Equal(new Total(1), (await second.AskAsync(A, new Add(1), "me")).Reply);
        Assert.Equal(new Total(3), (await second.AskAsync(A, new Add(2), "me", "key")).Reply);
        Assert.Equal(new Total(3), (await first.AskAsync(A, new Add(2), "me", "key")).Reply);
        Assert.Equal(3, (await second.ReadAsync<LedgerState>(A))!.Total);
        Assert.Null(await second.ReadAsync<LedgerState>(Ledger.Key("nobody")));
        Assert.Equal("too-much", (await second.AskAsync(A, new Add(Ledger.Limit + 1), "me")).Refusal?.Code);
        Assert.True(_peers.Forwarded >= 3);
    }

    [Fact]
    public async Task WhenTheOwnerIsGoneTheStandbyTakesOverWithoutWaitingForTheLease()
    {
        var first = await StartAsync("one");
        var second = await StartAsync("two");
        await first.AskAsync(A, new Add(1), "me");
        _peers.Cut("one");
        first.Abandon();
        var incarnation = second.Cluster.Servers.Single(seen => seen.Server.Name == "one").Server.Incarnation;
        _site.Store.NoticeEnd(incarnation);
        var result = await Site.EventuallyAsync(
            () => second.AskAsync(A, new Add(1), "me", "again"), one => one.IsDone);
        Assert.Equal(new Total(2), result.Reply);
        Assert.Equal(4, second.Stats.ShardsOwned);
    }

    [Fact]
    public async Task ADrainedServerHandsOverWhileWorkGoesOn()
    {
        var first = await StartAsync("one");
        var second = await StartAsync("two");
        for (var i = 0; i < 200; i++)
        {
            if (i == 50) first.Drain(true);
            var key = $"k{i}";
            await Site.EventuallyAsync(
                () => (i % 2 == 0 ? first : second).AskAsync(A, new Add(1), "me", key), one => one.IsDone);
        }
        await Site.EventuallyAsync(() => Task.FromResult(first.Stats.ShardsOwned), owned => owned == 0);
        Assert.Equal(200, (await second.ReadAsync<LedgerState>(A))!.Total);
        Assert.True(first.Stats.IsServing, first.Stats.Reason);
    }

    /// <summary>Looks are rare here, so that only the hints can be what makes it quick.</summary>
    [Fact]
    public async Task AllShardsAreHandedOverInOneReleaseAndOneClaim()
    {
        var rare = Site.Fast with { RenewEvery = TimeSpan.FromSeconds(2), LookEvery = TimeSpan.FromSeconds(2) };
        var first = await StartAsync("one", rare);
        var second = await StartAsync("two", rare);
        await first.AskAsync(A, new Add(1), "me");
        var calls = new ConcurrentQueue<string>();
        _site.Store.Faults.Before = operation =>
        {
            calls.Enqueue(operation);
            return Task.CompletedTask;
        };
        var start = TimeProvider.System.GetTimestamp();
        first.Drain(true);
        await Site.EventuallyAsync(
            () => Task.FromResult((first.OwnerOf(A)?.Name, second.LoadedShards.Length)), seen => seen == ("two", 4));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        Assert.Equal(["claim", "load-shards", "release"], calls.Where(call =>
            call is "claim" or "release" or "load-shards").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ByLoadTheShardsOfOneBusyServerAreSharedWithTheNext()
    {
        var byLoad = Site.Fast with
        {
            Placement = ShardPlacement.ByLoad,
            SpreadHold = TimeSpan.FromMilliseconds(50),
            SpreadCooldown = TimeSpan.FromMilliseconds(50),
        };
        var first = await StartAsync("one", byLoad);
        Assert.Equal(4, first.Stats.ShardsOwned);
        var second = await StartAsync("two", byLoad);
        await Site.EventuallyAsync(
            () => Task.FromResult((first.Stats.ShardsOwned, second.Stats.ShardsOwned)), owned => owned == (2, 2));
        var busy = Ledger.Key("busy");
        for (var i = 0; i < 500; i++)
            await Site.EventuallyAsync(() => second.AskAsync(busy, new Add(1), "me"), one => one.IsDone);
        await Site.EventuallyAsync(
            () => Task.FromResult((Seen(first, busy), Seen(second, busy))), seen => seen is ( > 0, > 0));
        Assert.Equal(500, (await first.ReadAsync<LedgerState>(busy))!.Total);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MessagesCrossServersWithHintsAndWithout(bool loseHints)
    {
        _peers.LoseHints = loseHints;
        var spread = Site.Fast with { Placement = ShardPlacement.Spread };
        var first = await StartAsync("one", spread);
        var second = await StartAsync("two", spread);
        await Site.EventuallyAsync(
            () => Task.FromResult((first.Stats.ShardsOwned, second.Stats.ShardsOwned)), owned => owned == (2, 2));
        for (var i = 0; i < 60; i++)
        {
            var (from, key) = ($"from{i % 7}", $"k{i}");
            await Site.EventuallyAsync(
                () => first.AskAsync(Ledger.Key(from), new Forward($"to{i % 5}", 1), "me", key), one => one.IsDone);
        }
        await Site.EventuallyAsync(
            async () =>
            {
                var sum = 0;
                for (var i = 0; i < 5; i++)
                    sum += (await second.ReadAsync<LedgerState>(Ledger.Key($"to{i}")))?.Total ?? 0;
                return sum;
            },
            sum => sum == 60);
        Assert.Empty(await first.ReadDeadLettersAsync());
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static int Seen(ActorSystem system, ActorKey actor) => system.Cluster.RateOf(system.ShardOf(actor));

    private Task<ActorSystem> StartAsync(string name, Limits? limits = null) => _site.StartAsync(
        limits, place: new ServerPlace(name, () => name, _peers), started: system => _peers.Add(name, system));
}
