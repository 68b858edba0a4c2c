namespace VioActors.Runtime.Tests;

public sealed class HoldTests : IAsyncDisposable
{
    private const string Reason = "Something is not right.";
    private static readonly ActorKey A = Ledger.Key("a");
    private readonly Site _site = new();

    [Fact]
    public async Task WhatIsHeldAnswersReadsAndChangesNothing()
    {
        var system = await _site.StartAsync();
        Assert.Equal(new Total(1), (await system.AskAsync(A, new Add(1), "me")).Reply);
        await system.HoldAsync(Reason);
        Assert.Equal(Reason, (await system.AskAsync(A, new Add(1), "me")).Busy?.Reason);
        Assert.Equal((0, Reason), (system.Stats.ShardsOwned, system.Stats.Reason));
        Assert.Equal(1, (await system.ReadAsync<LedgerState>(A))!.Total);
        Assert.Null(await system.ReadAsync<LedgerState>(Ledger.Key("nobody")));
        Assert.Single(await _site.JournalAsync());

        await system.HoldAsync(null);
        var result = await Site.EventuallyAsync(() => system.AskAsync(A, new Add(1), "me", "key"), one => one.IsDone);
        Assert.Equal(new Total(2), result.Reply);
    }

    [Fact]
    public async Task AHoldBeforeTheStartKeepsEveryShardUnclaimed()
    {
        await (await _site.StartAsync()).DisposeAsync();
        var system = await _site.StartAsync(started: held => held.HoldAsync(Reason).Wait(Site.Deadline));
        Assert.Equal((0, Reason), (system.Stats.ShardsOwned, system.Stats.Reason));
        Assert.False(system.Stats.IsServing);
        await system.HoldAsync(null);
        await Site.EventuallyAsync(() => Task.FromResult(system.Stats), stats => stats.IsServing);
    }

    [Fact]
    public async Task TheOtherServerGetsWhatAHeldOneGivesUp()
    {
        var peers = new Peers();
        Task<ActorSystem> StartAsync(string name) => _site.StartAsync(
            place: new ServerPlace(name, () => name, peers), started: system => peers.Add(name, system));

        var first = await StartAsync("one");
        var second = await StartAsync("two");
        await first.HoldAsync(Reason);
        await Site.EventuallyAsync(() => Task.FromResult(second.Stats.ShardsOwned), owned => owned == 4);
        Assert.True((await second.AskAsync(A, new Add(1), "me")).IsDone);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();
}
