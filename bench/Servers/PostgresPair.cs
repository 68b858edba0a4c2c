using VioActors.Daemon.Shell;

namespace VioActors.Bench.Servers;

/// <summary>
/// A PostgreSQL and its synchronous standby: what a client is told that it is committed is on both disks.
/// </summary>
internal sealed class PostgresPair : IAsyncDisposable
{
    private const string Standby = "other";
    private const string Database = "site";
    // A standby that lost its primary asks again at once.
    private const string Settings = "-c wal_retrieve_retry_interval=200ms -c log_min_messages=log";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private PostgresInstance? _standby;

    private PostgresPair(PostgresInstance primary, TimeProvider time) => (Primary, _time) = (primary, time);

    /// <summary>Where the data is now.</summary>
    public PostgresInstance Primary { get; private set; }

    /// <summary>How to reach the site's database beside the servers' own connections.</summary>
    public string Store => Primary.ConnectionTo(Database);

    /// <summary>How to reach whichever of the two is the primary.</summary>
    public string StoreAtBoth =>
        $"Host={Primary.Directory},{_standby!.Directory};Username=postgres;Database={Database};"
            + "Target Session Attributes=primary";

    /// <summary>How a server reaches it through a relay.</summary>
    public static string StoreAt(Relay relay) =>
        $"Host=127.0.0.1;Port={relay.Port};Username=postgres;Database={Database}";

    /// <summary>Makes both and starts them, with an empty database.</summary>
    public static async Task<PostgresPair> StartAsync(TimeProvider time)
    {
        var pair = new PostgresPair(await PostgresInstance.StartAsync(settings: Settings), time);
        try
        {
            await PostgresInstance.RunAsync(pair.Primary.ConnectionTo("postgres"), $"CREATE DATABASE {Database}");
            // Before the copy, which needs the same when its turn comes.
            await pair.RunAsync($"ALTER SYSTEM SET synchronous_standby_names = '{Standby}'");
            await pair.FollowAsync();
            await pair.RunAsync("SELECT pg_reload_conf()");
            await pair.InSyncAsync();
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs SQL on the site's database.</summary>
    public Task<object?> RunAsync(string sql) => PostgresInstance.RunAsync(Store, sql);

    /// <summary>Writes the site's schema as SQL.</summary>
    public Task DumpAsync(string path) => new ProcessRunner(_time).RunAsync(new ProcessCommand(
        "pg_dump", "--schema=vio", "-h", Primary.Directory, "-U", "postgres", "-d", Database, "-f", path));

    /// <summary>Takes the site's schema out and puts in what was written as SQL.</summary>
    public async Task ReplaceAsync(string path)
    {
        await RunAsync("DROP SCHEMA vio CASCADE");
        await new ProcessRunner(_time).RunAsync(new ProcessCommand(
            "psql", "-q", "-h", Primary.Directory, "-U", "postgres", "-d", Database, "--set", "ON_ERROR_STOP=1", "-f",
            path));
    }

    /// <summary>Takes the standby away: from now on no commit is answered.</summary>
    public Task StopStandbyAsync() => _standby!.StopAsync("fast");

    /// <summary>It comes back.</summary>
    public async Task StartStandbyAsync()
    {
        await _standby!.StartAsync();
        await InSyncAsync();
    }

    /// <summary>
    /// The primary stops in the middle of everything, and the standby, running or not, becomes the primary.
    /// </summary>
    /// <param name="redirect">Called while the new one is still a standby.</param>
    public async Task FailOverAsync(Func<PostgresInstance, Task> redirect)
    {
        var (old, next) = (Primary, _standby!);
        await old.StopAsync("immediate");
        if (!next.IsRunning) await next.StartAsync();
        await redirect(next);
        await next.PromoteAsync();
        (Primary, _standby) = (next, null);
        await old.DisposeAsync();
        await FollowAsync();
        await InSyncAsync();
    }

    /// <summary>Waits until commits are answered again.</summary>
    /// <exception cref="BenchException">The standby does not follow.</exception>
    public async Task InSyncAsync()
    {
        for (var start = _time.GetTimestamp(); _time.GetElapsedTime(start) < Patience;)
        {
            if (await RunAsync("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") is 1L) return;
            await Task.Delay(Pause, _time);
        }
        throw new BenchException("The standby does not follow the primary.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_standby is not null) await _standby.DisposeAsync();
        await Primary.DisposeAsync();
    }

    private async Task FollowAsync() => _standby = await Primary.StandbyAsync(Standby);
}
