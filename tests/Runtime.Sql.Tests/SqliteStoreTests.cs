using VioActors.TestKit;

namespace VioActors.Runtime.Sql.Tests;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly ActorKey A = new("note", "a");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vio-sqlite-");

    private string File => Path.Combine(_folder.FullName, "site.db");

    [Fact]
    public async Task ASecondOpenerIsToldWhichFileAndWhatToDo()
    {
        await using var store = await OpenAsync();
        var error = await Assert.ThrowsAsync<StoreInUseException>(OpenAsync);
        Assert.Contains(File, error.Message);
        Assert.Contains("Stop the other server", error.Message);
    }

    [Fact]
    public async Task AfterAReopenLeasesAreOverAndEverythingIsThere()
    {
        await using (var store = await OpenAsync())
        await using (var system = await StartAsync(store))
        {
            Assert.True((await system.AskAsync(A, new NoteText("one"), "me")).IsDone);
            // As after a kill: nothing is released.
            system.Abandon();
        }
        await using var again = await OpenAsync();
        await using var next = await StartAsync(again);
        Assert.True((await next.AskAsync(A, new NoteText("two"), "me")).IsDone);
        Assert.Equal("one two", (await next.ReadAsync<NoteState>(A))!.Text);
        Assert.Equal([1L, 2L], (await again.ReadJournalAsync(0, 10)).Select(row => row.Event.Seq));
    }

    [Fact]
    public async Task AFullDiskIsSaidAndSurvived()
    {
        await using var store = await OpenAsync();
        await using var system = await StartAsync(store);
        await system.AskAsync(A, new NoteText("before"), "me");
        await store.RunAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        var pages = Convert.ToInt64(await store.RunAsync("PRAGMA page_count"));
        await store.RunAsync($"PRAGMA max_page_count = {pages}");
        var large = new NoteText(new string('x', 1_000_000));
        var busy = await UntilAsync(system, large, result => result.Busy?.Reason.Contains("disk is full") == true);
        Assert.Contains(File, busy.Busy!.Reason);
        Assert.Contains("Free space", busy.Busy.Reason);
        await store.RunAsync("PRAGMA max_page_count = 1000000");
        await UntilAsync(system, new NoteText("after"), result => result.IsDone);
        Assert.Equal("before after", (await system.ReadAsync<NoteState>(A))!.Text);
    }

    [Fact]
    public async Task AFileOfANewerVersionIsRefusedUntouched()
    {
        await using (var store = await OpenAsync())
            await store.RunAsync("PRAGMA user_version = 99");
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(OpenAsync);
        Assert.Contains("its schema is 99", error.Message);
    }

    [Fact]
    public async Task AMissingDirectoryIsNamed()
    {
        var path = Path.Combine(_folder.FullName, "missing", "site.db");
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => SqlStore.OpenSqliteAsync(path,
            TimeProvider.System));
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public async Task TheNumberOfShardsIsThatOfTheFile()
    {
        await using (var store = await SqlStore.OpenSqliteAsync(File, TimeProvider.System, shardCount: 3))
            Assert.Equal(3, store.ShardCount);
        await using var again = await SqlStore.OpenSqliteAsync(File, TimeProvider.System, shardCount: 16);
        Assert.Equal(3, again.ShardCount);
    }

    [Fact]
    public async Task TheFileIsDurableAndExclusive()
    {
        await using var store = await OpenAsync();
        Assert.Equal("wal", await store.RunAsync("PRAGMA journal_mode"));
        Assert.Equal(2L, await store.RunAsync("PRAGMA synchronous"));
        Assert.Equal("exclusive", await store.RunAsync("PRAGMA locking_mode"));
        Assert.True(Version.Parse((string)(await store.RunAsync("SELECT sqlite_version()"))!) >= new Version(3, 40));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<AskResult> UntilAsync(ActorSystem system, NoteText message, Func<AskResult, bool> holds)
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var result = await system.AskAsync(A, message, "me");
            if (holds(result))
                return result;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }
        throw new ConformanceException("The condition never held.");
    }

    private static async Task<ActorSystem> StartAsync(IStore store)
    {
        var codec = new MessageCodec([("note.text/1", typeof(NoteText)), ("note.written/1", typeof(NoteWritten))]);
        var system = new ActorSystem(store, codec, ActorSystem.NewIncarnation(), TimeProvider.System);
        await system.AddActor(new Notes()).StartAsync();
        return system;
    }

    private Task<SqlStore> OpenAsync() => SqlStore.OpenSqliteAsync(File, TimeProvider.System);

    public sealed record NoteText(string Text);

    public sealed record NoteWritten(string Text);

    public sealed record NoteState(string Text);

    private sealed class Notes : IActor<NoteState>
    {
        public string Kind => "note";

        public NoteState Initial(ActorKey self) => new("");

        public Decision Decide(NoteState state, object message, in TurnInfo info) =>
            Decision.Nothing.Record(new NoteWritten(((NoteText)message).Text));

        public NoteState Evolve(NoteState state, object @event) =>
            new($"{state.Text} {((NoteWritten)@event).Text}".Trim());
    }
}
