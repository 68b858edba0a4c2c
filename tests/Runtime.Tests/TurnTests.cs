using VioActors.Simulation;

namespace VioActors.Runtime.Tests;

public sealed class TurnTests : IAsyncDisposable
{
    private static readonly ActorKey A = Ledger.Key("a");
    private readonly Site _site = new();

    [Fact]
    public async Task AReplyTellsWhatIsDurable()
    {
        var system = await _site.StartAsync();
        var result = await system.AskAsync(A, new Add(5), "me");
        Assert.Equal(new Total(5), result.Reply);
        var row = Assert.Single(await _site.JournalAsync());
        Assert.Equal(("ledger.added/1", "me", 1L), (row.Event.Body.Name, row.Event.Principal, row.Event.Seq));
        Assert.Equal(5, (await system.ReadAsync<LedgerState>(A))!.Total);
        Assert.Null(await system.ReadAsync<LedgerState>(Ledger.Key("nobody")));
    }

    [Fact]
    public async Task NothingLeavesBeforeTheCommit()
    {
        var atStore = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var system = await _site.StartAsync();
        _site.Store.Faults.Before = async operation =>
        {
            if (operation == "commit")
            {
                atStore.TrySetResult();
                await goOn.Task;
            }
        };
        var add = system.AskAsync(A, new Add(5), "me");
        await atStore.Task.WaitAsync(Site.Deadline);
        // This question runs on the image ahead of the commit, so its answer must wait for it too.
        var question = system.AskAsync(A, new Question(), "me");
        Assert.Null(await system.ReadAsync<LedgerState>(A));
        Assert.False(add.IsCompleted || question.IsCompleted);
        goOn.SetResult();
        Assert.Equal(new Total(5), (await add).Reply);
        Assert.Equal(new Total(5), (await question).Reply);
    }

    [Fact]
    public async Task ARefusalChangesNothing()
    {
        var system = await _site.StartAsync();
        var result = await system.AskAsync(A, new Add(Ledger.Limit + 1), "me");
        Assert.Equal("too-much", result.Refusal?.Code);
        Assert.Empty(await _site.JournalAsync());
    }

    [Fact]
    public async Task MessagesArriveOnceInOrderWithTheirPrincipal()
    {
        var system = await _site.StartAsync();
        var asks = Enumerable.Range(1, 500).Select(i => system.AskAsync(A, new Forward("b", i), "me")).ToList();
        await Task.WhenAll(asks);
        await Site.EventuallyAsync(
            () => system.ReadAsync<LedgerState>(Ledger.Key("b")), state => state?.Total >= 500 * 501 / 2);
        var events = (await _site.JournalAsync()).Where(row => row.Event.Actor == Ledger.Key("b")).ToList();
        Assert.Equal(Enumerable.Range(1, 500), events.Select(row =>
            ((Added)Ledger.Codec.Decode(row.Event.Body)).Amount));
        Assert.All(events, row => Assert.Equal("me", row.Event.Principal));
    }

    [Fact]
    public async Task ManyTurnsShareACommit()
    {
        var system = await _site.StartAsync();
        var goOn = new TaskCompletionSource();
        _site.Store.Faults.Before = operation => operation == "commit" ? goOn.Task : Task.CompletedTask;
        var asks = Enumerable.Range(1, 200).Select(_ => system.AskAsync(A, new Add(1), "me")).ToList();
        goOn.SetResult();
        await Task.WhenAll(asks);
        Assert.InRange(system.Stats.Commits, 1, 20);
        Assert.Equal(200, (await system.ReadAsync<LedgerState>(A))!.Total);
    }

    [Fact]
    public async Task ASenderHearsThatItsMessageWasRefused()
    {
        var system = await _site.StartAsync();
        await system.AskAsync(A, new Forward("b", Ledger.Limit + 1), "me");
        var state = await Site.NotesAsync(system, "a", 1);
        Assert.Equal(["refused Add { Amount = 1000001 } too-much"], state!.Notes);
    }

    [Fact]
    public async Task APoisonedMessageIsRetriedThenKeptAndTheActorGoesOn()
    {
        var system = await _site.StartAsync();
        var result = await system.AskAsync(A, new Explode(OnlyOnce: false), "me");
        Assert.Equal("dead-letter", result.Refusal?.Code);
        var letter = Assert.Single(await system.ReadDeadLettersAsync());
        Assert.Equal((A, "ledger.explode/1", "me"), (letter.Actor, letter.Body.Name, letter.Principal));
        Assert.Contains("boom", letter.Reason);
        Assert.Equal(Site.Fast.Attempts, _site.Ledger.Decided[letter.Id]);
        Assert.True((await system.AskAsync(A, new Add(1), "me")).IsDone);
        Assert.True((await system.AskAsync(A, new Explode(OnlyOnce: true), "me")).IsDone);
    }

    [Fact]
    public async Task ARowThatCannotBeStoredIsFoundByBisection()
    {
        var system = await _site.StartAsync();
        var goOn = new TaskCompletionSource();
        _site.Store.Faults.Before = operation => operation == "commit" ? goOn.Task : Task.CompletedTask;
        var good = Enumerable.Range(1, 20).Select(_ => system.AskAsync(A, new Add(1), "me")).ToList();
        var bad = system.AskAsync(A, new Note(new string('x', Body.MaxJson)), "me");
        good.AddRange(Enumerable.Range(1, 20).Select(_ => system.AskAsync(A, new Add(1), "me")));
        goOn.SetResult();
        Assert.Equal("dead-letter", (await bad).Refusal?.Code);
        Assert.All(await Task.WhenAll(good), result => Assert.True(result.IsDone));
        Assert.Equal(40, (await system.ReadAsync<LedgerState>(A))!.Total);
    }

    [Fact]
    public async Task AFullMailboxSaysBusy()
    {
        var system = await _site.StartAsync(Site.Fast with { MailboxDepth = 10, TurnsPerBatch = 1 });
        var goOn = new TaskCompletionSource();
        _site.Store.Faults.Before = operation => operation == "commit" ? goOn.Task : Task.CompletedTask;
        var asks = Enumerable.Range(1, 30).Select(_ => system.AskAsync(A, new Add(1), "me")).ToList();
        var first = await await Task.WhenAny(asks).WaitAsync(Site.Deadline);
        Assert.Contains("its limit", first.Busy?.Reason);
        goOn.SetResult();
        var results = await Task.WhenAll(asks);
        Assert.Equal(results.Count(r => r.IsDone), (await system.ReadAsync<LedgerState>(A))!.Total);
        Assert.InRange(results.Count(r => r.IsDone), 10, 29);
    }

    [Fact]
    public async Task AnIdempotencyKeyRepeatsTheReplyAndRefusesAnotherBody()
    {
        var system = await _site.StartAsync();
        Assert.Equal(new Total(5), (await system.AskAsync(A, new Add(5), "me", "key")).Reply);
        Assert.Equal(new Total(5), (await system.AskAsync(A, new Add(5), "me", "key")).Reply);
        Assert.Equal("idempotency-conflict", (await system.AskAsync(A, new Add(6), "me", "key")).Refusal?.Code);
        Assert.Equal(new Total(10), (await system.AskAsync(A, new Add(5), "you", "key")).Reply);
        system = await _site.RestartAsync(system);
        Assert.Equal(new Total(5), (await system.AskAsync(A, new Add(5), "me", "key")).Reply);
        Assert.Equal(10, (await system.ReadAsync<LedgerState>(A))!.Total);
    }

    [Fact]
    public async Task TheJournalIsFollowedLiveAndResumed()
    {
        var system = await _site.StartAsync();
        await system.AskAsync(A, new Add(1), "me");
        await using var reader = system.ReadJournal(0, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        var next = reader.MoveNextAsync().AsTask();
        await system.AskAsync(A, new Add(2), "me");
        Assert.True(await next.WaitAsync(Site.Deadline));
        Assert.Equal((new Added(2), 2L), ((Added)reader.Current.Event!, reader.Current.Seq));
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();
}
