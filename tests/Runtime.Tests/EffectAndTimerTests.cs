using VioActors.TestKit;

namespace VioActors.Runtime.Tests;

public sealed class EffectAndTimerTests : IAsyncDisposable
{
    private static readonly ActorKey A = Ledger.Key("a");
    private readonly ManualTime _time = new();
    private readonly Site _site = new();

    [Fact]
    public async Task AnEffectStartsAfterTheCommitAndItsResultIsATurn()
    {
        var system = await _site.StartAsync();
        await system.AskAsync(A, new StartWork("w1", "dig"), "me");
        Assert.Equal(["done dig for me"], (await Site.NotesAsync(system, "a", 1))!.Notes);
        Assert.Empty((await _site.Store.LoadShardAsync(ShardMap.Of(A, 4))).Effects);
    }

    [Fact]
    public async Task AnEffectRunsAgainUnderTheSameIdAfterACrash()
    {
        var stuck = new TaskCompletionSource<object>();
        _site.Work.Run = (_, _) => stuck.Task;
        var system = await _site.StartAsync();
        await system.AskAsync(A, new StartWork("w1", "dig"), "me");
        await Site.EventuallyAsync(() => Task.FromResult(_site.Work.Started.Count), count => count == 1);
        _site.Work.Run = (work, _) => Task.FromResult<object>(new WorkDone(work.What));
        system = await _site.RestartAsync(system);
        await Site.NotesAsync(system, "a", 1);
        Assert.Equal(["w1", "w1"], _site.Work.Started);
        // The first run ends late, in a system that is gone: nobody hears.
        stuck.SetResult(new WorkDone("late"));
        Assert.Equal(["done dig for me"], (await system.ReadAsync<LedgerState>(A))!.Notes);
    }

    [Fact]
    public async Task ACancelledEffectStopsAndItsResultDoesNotArrive()
    {
        _site.Work.Run = async (work, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            return new WorkDone(work.What);
        };
        var system = await _site.StartAsync();
        await system.AskAsync(A, new StartWork("w1", "dig"), "me");
        await Site.EventuallyAsync(() => Task.FromResult(_site.Work.Started.Count), count => count == 1);
        await system.AskAsync(A, new StopWork("w1"), "me");
        await Site.EventuallyAsync(() => Task.FromResult(_site.Work.Cancelled.Count), count => count == 1);
        await Site.EventuallyAsync(() => Task.FromResult(system.Stats.EffectsRunning), running => running == 0);
        Assert.Null(await system.ReadAsync<LedgerState>(A));
        Assert.Empty((await _site.Store.LoadShardAsync(ShardMap.Of(A, 4))).Effects);
    }

    [Fact]
    public async Task AHandlerThatThrowsIsAMessageWithItsCode()
    {
        _site.Work.Run = (_, _) => throw new EffectException("no-shovel", "The shovel is gone.");
        var system = await _site.StartAsync();
        await system.AskAsync(A, new StartWork("w1", "dig"), "me");
        Assert.Equal(["failed w1 no-shovel The shovel is gone."], (await Site.NotesAsync(system, "a", 1))!.Notes);
    }

    [Fact]
    public async Task EffectsOfOneKindAreBounded()
    {
        var running = 0;
        var most = 0;
        _site.Work.Run = async (work, cancel) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return new WorkDone(work.What);
        };
        var system = await _site.StartAsync(Site.Fast with { EffectsPerKind = 2 });
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => system.AskAsync(A, new StartWork($"w{i}", "dig"),
            "me")));
        await Site.NotesAsync(system, "a", 50);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task ATimerFiresOnceNeverEarlyAndSurvivesACrash()
    {
        await using var site = new Site(_time);
        var system = await site.StartAsync(new Limits());
        await system.AskAsync(A, new SetAlarm("tea", 60), "me");
        await system.AskAsync(A, new SetAlarm("cleared", 60), "me");
        await system.AskAsync(A, new SetAlarm("moved", 60), "me");
        await system.AskAsync(A, new SetAlarm("moved", 120), "me");
        await system.AskAsync(A, new ClearAlarm("cleared"), "me");
        system = await site.RestartAsync(system, new Limits());
        _time.Advance(TimeSpan.FromSeconds(59.999));
        await system.AskAsync(A, new Note("early"), "me");
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(["early", "rang tea"], (await Site.NotesAsync(system, "a", 2))!.Notes);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(["early", "rang tea", "rang moved"], (await Site.NotesAsync(system, "a", 3))!.Notes);
        system = await site.RestartAsync(system, new Limits());
        _time.Advance(TimeSpan.FromHours(1));
        await system.AskAsync(A, new Note("late"), "me");
        Assert.Equal(["early", "rang tea", "rang moved", "late"], (await Site.NotesAsync(system, "a", 4))!.Notes);
    }

    [Fact]
    public async Task ATurnKnowsSinceWhenItsServerDecides()
    {
        await using var site = new Site(_time);
        var system = await site.StartAsync(new Limits());
        var first = _time.GetUtcNow();
        foreach (var _ in (int[])[1, 2])
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await system.AskAsync(A, new Question(), "me");
            Assert.Equal(first, site.Ledger.Since);
        }
        system = await site.RestartAsync(system, new Limits());
        await system.AskAsync(A, new Question(), "me");
        Assert.Equal(first.AddSeconds(4), site.Ledger.Since);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();
}
