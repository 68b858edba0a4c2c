using VioActors.TestKit;

namespace VioActors.Runtime.Tests;

public sealed class HotActorsTests : IAsyncDisposable
{
    private readonly Site _site = new();

    [Fact]
    public void TheLongestTurnsAreKeptForAFewMinutesEachActorOnce()
    {
        var time = new ManualTime();
        var hot = new HotActors(time);
        for (var ms = 1; ms <= 100; ms++)
            Turn(hot, time, $"a{ms % 50}", ms);
        hot.Refresh();
        Assert.Equal(Enumerable.Range(0, 16).Select(i => 100.0 - i), Longest(hot));
        Assert.Equal(Ledger.Key("a0"), hot.View.Slow[0].Actor);
        Turn(hot, time, "a0", 95);
        hot.Refresh();
        Assert.Equal(100, Longest(hot)[0]);
        time.Advance(TimeSpan.FromMinutes(5));
        hot.Refresh();
        Turn(hot, time, "late", 2);
        hot.Refresh();
        Assert.Equal(100, Longest(hot)[0]);
        time.Advance(TimeSpan.FromMinutes(5));
        hot.Refresh();
        Assert.Equal([2.0], Longest(hot));
        time.Advance(TimeSpan.FromMinutes(5));
        hot.Refresh();
        Assert.Same(HotView.Empty, hot.View);
    }

    [Fact]
    public void TheLongestMailboxesAreThereWhateverTheOrderInWhichTheyGrew()
    {
        var random = new Random(1);
        var shell = new ActorShell<LedgerState>(_site.Ledger);
        for (var round = 0; round < 100; round++)
        {
            var hot = new HotActors(new ManualTime());
            ActorSlot[] slots = [.. Enumerable.Range(0, 60).Select(i => new ActorSlot(Ledger.Key($"a{i}"), shell))];
            for (var message = 0; message < 3000; message++)
                Add(hot, slots[Math.Min(random.Next(60), random.Next(60))]);
            hot.Refresh();
            var longest = slots.Select(slot => slot.Mailbox.Count).OrderDescending().Where(depth => depth > 8).Take(16);
            Assert.Equal(longest, hot.View.Mailboxes.Select(one => one.Depth));
            slots[0].Mailbox.Clear();
            hot.Refresh();
            Assert.DoesNotContain(hot.View.Mailboxes, one => one.Actor == slots[0].Key);
        }
    }

    [Fact]
    public async Task ASystemShowsWhoWaitsAndWhoIsSlow()
    {
        var system = await _site.StartAsync(Site.Fast with { TurnsPerBatch = 1 });
        await system.AskAsync(Ledger.Key("a"), new Add(1), "me");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _site.Store.Faults.Before = operation => operation == "commit" ? gate.Task : Task.CompletedTask;
        var asked = Enumerable.Range(0, 50).Select(_ => system.AskAsync(Ledger.Key("a"), new Add(1), "me")).ToList();
        var view = await Site.EventuallyAsync(() => Task.FromResult(system.Hot), hot => hot.Mailboxes.Length > 0);
        Assert.Equal(Ledger.Key("a"), view.Mailboxes.Single().Actor);
        gate.SetResult();
        await Task.WhenAll(asked);
        await Site.EventuallyAsync(() => Task.FromResult(system.Hot), hot => hot.Mailboxes.IsEmpty);
        Assert.All(system.Hot.Slow, slow => Assert.Equal("ledger.add/1", slow.Message));
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static double[] Longest(HotActors hot) => [.. hot.View.Slow.Select(one => one.Longest.TotalMilliseconds)];

    private static void Turn(HotActors hot, ManualTime time, string actor, int ms)
    {
        hot.Begin();
        time.Advance(TimeSpan.FromMilliseconds(ms));
        if (hot.End() is { } took)
            hot.Note(new SlowActor(Ledger.Key(actor), "ledger.add/1", took, time.GetUtcNow()));
    }

    private static void Add(HotActors hot, ActorSlot slot)
    {
        slot.Mailbox.AddLast(new AskWork(new Ask(slot.Key, new Add(1), "me", "request")));
        hot.Waits(slot);
    }
}
