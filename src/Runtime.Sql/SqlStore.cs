using System.Data.Common;

namespace VioActors.Runtime.Sql;

/// <summary>
/// The store on a SQL database: a SQLite file for one server, or PostgreSQL for several. Thread-safe.
/// </summary>
public sealed class SqlStore : IStore
{
    /// <summary>A lease that is over, whatever the database's clock does.</summary>
    private static readonly TimeSpan Ended = TimeSpan.FromDays(-1);

    private readonly ISqlDatabase _database;

    private SqlStore(ISqlDatabase database, int shardCount)
    {
        _database = database;
        ShardCount = shardCount;
    }

    /// <inheritdoc/>
    public int ShardCount { get; }

    /// <summary>
    /// Opens a SQLite file, or makes it: WAL, synchronous=FULL, one connection under an exclusive lock, the system's
    /// libsqlite3. Leases of an earlier process end at once: the lock proves that it is gone.
    /// </summary>
    /// <param name="path">The file; <c>-wal</c> lies beside it while open.</param>
    /// <param name="time">The store's clock.</param>
    /// <param name="shardCount">Virtual shards of a new store; an old one keeps its number.</param>
    /// <exception cref="StoreInUseException">Another process has it open.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened, or a newer version wrote it.</exception>
    public static async Task<SqlStore> OpenSqliteAsync(string path, TimeProvider time, int shardCount = 16)
    {
        var database = await SqliteDatabase.OpenAsync(path, time);
        return await OpenAsync(database, shardCount, () => EndLeasesAsync(database));
    }

    /// <summary>
    /// Opens a PostgreSQL database (15 or newer) and brings the schema <c>vio</c> up to date. Several servers may have
    /// it open; its clock alone compares leases.
    /// </summary>
    /// <param name="connection">As Npgsql takes it: <c>Host=..;Database=..;Username=..</c>.</param>
    /// <param name="time">This machine's clock, which must be near the database's.</param>
    /// <param name="shardCount">Virtual shards of a new store; an old one keeps its number.</param>
    /// <exception cref="StoreUnavailableException">It cannot be reached, is read-only, or a newer version wrote
    /// it.</exception>
    public static async Task<SqlStore> OpenPostgresAsync(string connection, TimeProvider time, int shardCount = 16)
    {
        var database = await PostgresDatabase.OpenAsync(connection, time);
        return await OpenAsync(database, shardCount, database.NoteAsync);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardToken>> ClaimAsync(IReadOnlyList<int> shards, string owner, TimeSpan lease)
    {
        var claimed = await _database.QueryAsync(
            "claim", row => new ShardToken(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), owner),
            ("owner", owner), ("lease", lease.Ticks), ("shards", shards.ToArray()));
        return [.. claimed.OrderBy(token => token.Shard)];
    }

    /// <inheritdoc/>
    public async Task<ClusterView> MeetAsync(ServerRow me, TimeSpan lease)
    {
        await _database.MeetAsync(
            ("incarnation", me.Incarnation), ("name", me.Name), ("address", me.Address), ("draining", me.IsDraining),
            ("rates", string.Join(',', me.Rates)), ("lease", lease.Ticks));
        var servers = await _database.QueryAsync("servers", StoreRows.Server);
        var shards = await _database.QueryAsync(
            "owners", row => new ShardSeen(row.GetInt32(0), row.GetString(1), row.GetBoolean(2)));
        return new ClusterView([.. servers], [.. shards]);
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string incarnation) => _database.ExecuteAsync("leave", ("incarnation", incarnation));

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease) =>
        _database.RenewAsync(tokens, lease);

    /// <inheritdoc/>
    public Task ReleaseAsync(IReadOnlyList<ShardToken> tokens) => _database.RenewAsync(tokens, Ended);

    /// <inheritdoc/>
    public async Task<Resolution?> ResolveAsync(ShardToken token)
    {
        var found = await _database.QueryAsync(
            "resolve", row => new Resolution(token with { Epoch = row.GetInt64(0) }, row.GetInt64(1)), Of(token));
        return found.Count == 0 ? null : found[0];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches) =>
        _database.CommitAsync(batches, ShardCount);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardContents>> LoadShardsAsync(IReadOnlyList<int> shards)
    {
        var inbox = await LoadAsync("load-inbox", StoreRows.Inbox, shards);
        var timers = await LoadAsync("load-timers", StoreRows.Timer, shards);
        var effects = await LoadAsync("load-effects", StoreRows.Effect, shards);
        return [.. shards.Select(shard =>
            new ShardContents([.. inbox[shard]], [.. timers[shard]], [.. effects[shard]]))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<InboxRow>> LoadInboxAsync(IReadOnlyList<int> shards) =>
        [.. (await LoadAsync("load-inbox", StoreRows.Inbox, shards)).SelectMany(rows => rows)];

    /// <inheritdoc/>
    public Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(IReadOnlyList<(ActorKey Actor, string Schema)> actors) =>
        _database.LoadActorsAsync(actors);

    /// <inheritdoc/>
    public async Task<ResultRow?> FindResultAsync(ActorKey actor, string principal, string key)
    {
        var found = await _database.QueryAsync(
            "find-result", row => Result(row, actor, principal, key),
            ("actor", actor.ToString()), ("principal", principal), ("key", key));
        return found.Count == 0 ? null : found[0];
    }

    /// <inheritdoc/>
    public Task ForgetResultsAsync(DateTimeOffset before) =>
        _database.ExecuteAsync("forget-results", ("before", before.UtcTicks));

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long after, int max) =>
        _database.QueryAsync("read-journal", StoreRows.Journal, ("after", after), ("max", max));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(int max) =>
        _database.QueryAsync("read-dead-letters", StoreRows.DeadLetter, ("max", max));

    /// <inheritdoc/>
    public Task<bool> RetryDeadLetterAsync(DeadLetter letter, string id) => _database.ExecuteBothAsync(
        ("drop-dead-letter", [("id", letter.Id)]),
        ("send",
        [
            ("shard", ShardMap.Of(letter.Actor, ShardCount)), ("id", id), ("receiver", letter.Actor.ToString()),
            ("sender", letter.Sender?.ToString()), ("name", letter.Body.Name), ("json", letter.Body.Json),
            ("principal", letter.Principal),
        ]));

    /// <inheritdoc/>
    public async Task<bool> DropDeadLetterAsync(string id) =>
        await _database.ExecuteAsync("drop-dead-letter", ("id", id)) > 0;

    /// <inheritdoc/>
    public Task DisownAsync(string incarnation) => _database.ExecuteBothAsync(
        ("leave", [("incarnation", incarnation)]), ("disown", [("incarnation", incarnation)]));

    /// <inheritdoc/>
    public async Task<StorePoint> PointAsync() =>
        (await _database.QueryAsync(
            "point", row => new StorePoint(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2))))[0];

    /// <inheritdoc/>
    public Task ConfirmAsync() => _database.ConfirmAsync();

    /// <inheritdoc/>
    public Task<long> AdoptAsync(long above = 0) => _database.AdoptAsync(above);

    /// <summary>Whose data this is; empty for nobody's yet.</summary>
    public async Task<string> LabelAsync() => (await _database.QueryAsync("label", row => row.GetString(0)))[0];

    /// <summary>Makes it that one's data, unless it is somebody's already.</summary>
    /// <returns>Whose it is now.</returns>
    public async Task<string> LabelAsync(string label)
    {
        await _database.ExecuteAsync("set-label", ("label", label));
        return await LabelAsync();
    }

    /// <summary>Copies a store in a SQLite file into a new file, while work goes on.</summary>
    /// <exception cref="NotSupportedException">It is PostgreSQL, which has its own tools.</exception>
    /// <exception cref="StoreUnavailableException">The copy cannot be written.</exception>
    public Task BackupSqliteAsync(string path, CancellationToken cancel) => _database is SqliteDatabase file
        ? SqliteBackup.CopyAsync(file, path, cancel)
        : throw new NotSupportedException("PostgreSQL is copied by pg_dump.");

    /// <summary>The newest token of every shard, whoever holds it.</summary>
    public Task<IReadOnlyList<ShardToken>> ReadTokensAsync() => _database.QueryAsync(
        "tokens", row => new ShardToken(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3)));

    /// <summary>Closes the database; a file's lock is given up.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Runs SQL of a test, such as a pragma that limits the size of the file.</summary>
    internal Task<object?> RunAsync(string sql) => _database.RunAsync(sql);

    /// <summary>Rows by the shard in their first column.</summary>
    private async Task<ILookup<int, T>> LoadAsync<T>(
        string statement, Func<DbDataReader, T> read, IReadOnlyList<int> shards) =>
        (await _database.QueryAsync(
            statement, row => (Shard: row.GetInt32(0), Row: read(row)), ("shards", shards.ToArray())))
            .ToLookup(one => one.Shard, one => one.Row);

    private static async Task<SqlStore> OpenAsync(ISqlDatabase database, int shardCount, Func<Task> prepare)
    {
        try
        {
            await database.ExecuteAsync("add-site", ("shards", shardCount));
            var count = (await database.QueryAsync("count-shards", row => row.GetInt32(0)))[0];
            await database.ExecuteAsync("add-shards", ("count", count));
            await prepare();
            return new SqlStore(database, count);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static async Task EndLeasesAsync(SqliteDatabase database)
    {
        await database.ExecuteAsync("end-leases");
        await database.ExecuteAsync("end-servers");
    }

    private static (string, object?)[] Of(ShardToken token) =>
    [
        ("shard", token.Shard), ("generation", token.Generation), ("epoch", token.Epoch), ("owner", token.Owner),
    ];

    private static ResultRow Result(DbDataReader row, ActorKey actor, string principal, string key) => new(
        actor, principal, key, row.GetString(0),
        row.IsDBNull(1) ? null : new Body(row.GetString(1), row.GetString(2)), StoreRows.Time(row, 3));
}
