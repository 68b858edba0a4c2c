using VioActors.Simulation;
using VioActors.TestKit;

namespace VioActors.Runtime.Tests;

public sealed class CrashTests : IAsyncDisposable
{
    private static readonly ActorKey A = Ledger.Key("a");
    private readonly Site _site = new();

    [Theory]
    [InlineData(CommitFault.FailBefore, 0)]
    [InlineData(CommitFault.FailAfter, 1)]
    [InlineData(CommitFault.FailLate, 0)]
    public async Task AnUnknownOutcomeIsReadBackBeforeAnythingElse(CommitFault fault, int expected)
    {
        var system = await _site.StartAsync();
        var hits = 0;
        _site.Store.Faults.OnCommit = _ => Interlocked.Increment(ref hits) == 1 ? fault : CommitFault.None;
        var result = await system.AskAsync(A, new Add(1), "me");
        Assert.Equal(expected == 1, result.IsDone);
        Assert.Equal(expected == 0, result.Busy is not null);
        Assert.Equal(expected, (await _site.JournalAsync()).Count);
        await UntilDoneAsync(system, new Add(1));
        Assert.Equal(expected + 1, (await system.ReadAsync<LedgerState>(A))!.Total);
    }

    [Fact]
    public async Task WhileTheStoreIsAwayCallersHearBusyAndLaterItGoesOn()
    {
        var system = await _site.StartAsync();
        _site.Store.Faults.OnCommit = _ => CommitFault.Refuse;
        var result = await system.AskAsync(A, new Add(1), "me");
        Assert.Contains("unavailable", result.Busy?.Reason);
        // A look at the store that works makes it serve again for a moment.
        await Site.EventuallyAsync(
            async () => (await system.AskAsync(A, new Add(1), "me"), system.Stats).Stats, stats => !stats.IsServing);
        _site.Store.Faults.OnCommit = _ => CommitFault.None;
        await UntilDoneAsync(system, new Add(1));
        Assert.Equal(1, (await system.ReadAsync<LedgerState>(A))!.Total);
        await Site.EventuallyAsync(() => Task.FromResult(system.Stats), stats => stats.IsServing);
    }

    /// <summary>
    /// Crashes at every commit, before or after it is stored, with messages between actors under way.
    /// </summary>
    [Fact]
    public async Task CrashesLoseNothingAndDoubleNothing()
    {
        const int Messages = 40;
        var sent = 0;
        var crashes = 0;
        var commits = 0;
        var system = await _site.StartAsync();
        while (sent < Messages)
        {
            var fault = ++crashes % 2 == 0 ? CommitFault.FailAfter : CommitFault.FailBefore;
            var dying = system;
            var left = crashes % 3;
            _site.Store.Faults.OnCommit = _ =>
            {
                Interlocked.Increment(ref commits);
                if (left-- > 0)
                    return CommitFault.None;
                dying.Abandon();
                return fault;
            };
            // The key makes the repetition after an unknown outcome safe.
            while (sent < Messages && await SendAsync(system, $"key-{sent}"))
                sent++;
            _site.Store.Faults.OnCommit = _ => CommitFault.None;
            system = await _site.RestartAsync(system);
        }
        await Site.EventuallyAsync(
            async () => (await Task.WhenAll(Enumerable.Range(0, 4).Select(_site.Store.LoadShardAsync))).Sum(c =>
                c.Inbox.Count),
            waiting => waiting == 0);
        Assert.Equal(Messages, (await system.ReadAsync<LedgerState>(Ledger.Key("b")))!.Total);
        Assert.True(crashes > 5, $"The control: only {crashes} crashes in {commits} commits.");
        Assert.Empty(await system.ReadDeadLettersAsync());
    }

    [Fact]
    public async Task AStaleOwnerCannotCommitAndDropsItsMemory()
    {
        var stale = await _site.StartAsync(
            Site.Fast with { RenewEvery = TimeSpan.FromSeconds(2), LookEvery = TimeSpan.FromSeconds(2) });
        await stale.AskAsync(A, new Add(1), "me");
        _site.Store.ExpireLeases();
        var system = await _site.StartAsync();
        Assert.Equal(new Total(11), (await system.AskAsync(A, new Add(10), "me")).Reply);
        // The old owner still believes; its memory says 1.
        var result = await stale.AskAsync(A, new Add(100), "me");
        Assert.NotNull(result.Busy);
        Assert.Equal(11, (await system.ReadAsync<LedgerState>(A))!.Total);
        Assert.Equal([1L, 2L], (await _site.JournalAsync()).Select(row => row.Event.Seq));
        await Assert.ThrowsAsync<NotServingException>(() => stale.ReadAsync<LedgerState>(A));
    }

    [Fact]
    public async Task WhoWaitsAtAShardThatIsClaimedAnewHearsOfIt()
    {
        var system = await _site.StartAsync(Site.Fast with { RenewEvery = TimeSpan.FromSeconds(2) });
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _site.Store.Faults.Before = operation =>
        {
            if (operation != "commit") return Task.CompletedTask;
            begun.TrySetResult();
            return goOn.Task;
        };
        var sent = system.AskAsync(A, new Add(1), "me");
        await begun.Task.WaitAsync(Site.Deadline);
        var waits = system.AskAsync(A, new Add(2), "me");
        // As when the session of a server that lives has ended: its shards are free, and it claims them again.
        _site.Store.ExpireLeases();
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => sent.WaitAsync(Site.Deadline));
        Assert.True((await waits.WaitAsync(Site.Deadline)).IsElsewhere);
        goOn.SetResult();
        var result = await Site.EventuallyAsync(() => system.AskAsync(A, new Add(4), "me"), one => one.IsDone);
        Assert.Equal(new Total(4), result.Reply);
    }

    [Fact]
    public async Task AGracefulStopGivesTheShardsUp()
    {
        var system = await _site.StartAsync();
        await system.AskAsync(A, new Add(1), "me");
        await system.DisposeAsync();
        Assert.NotNull((await system.AskAsync(A, new Add(1), "me")).Busy);
        var next = await _site.StartAsync();
        Assert.Equal(4, next.Stats.ShardsOwned);
        Assert.Equal(new Total(2), (await next.AskAsync(A, new Add(1), "me")).Reply);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static async Task<bool> SendAsync(ActorSystem system, string key)
    {
        try
        {
            return (await system.AskAsync(A, new Forward("b", 1), "me", key)).IsDone;
        }
        catch (OutcomeUnknownException)
        {
            return false;
        }
    }

    private static Task<AskResult> UntilDoneAsync(ActorSystem system, object message) =>
        Site.EventuallyAsync(() => system.AskAsync(A, message, "me"), result => result.IsDone);
}
