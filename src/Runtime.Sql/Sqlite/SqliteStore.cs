using Microsoft.Data.Sqlite;

namespace VioActors.Runtime.Sql;

/// <summary>
/// The store in one SQLite file, for one server: WAL, synchronous=FULL, one connection under an exclusive lock. The
/// system's libsqlite3 does the work. Thread-safe.
/// </summary>
public sealed class SqliteStore : IStore
{
    private readonly SqliteDatabase _database;
    private readonly BatchWriter _writer;

    private SqliteStore(SqliteDatabase database, int shardCount)
    {
        _database = database;
        _writer = new BatchWriter(database, shardCount);
        ShardCount = shardCount;
    }

    /// <inheritdoc/>
    public int ShardCount { get; }

    /// <summary>
    /// Opens the file, or makes it. Leases of an earlier process end at once: the lock proves that it is gone.
    /// </summary>
    /// <param name="path">The file; <c>-wal</c> lies beside it while open.</param>
    /// <param name="time">The store's clock.</param>
    /// <param name="shardCount">Virtual shards of a new store; an old one keeps its number.</param>
    /// <exception cref="StoreInUseException">Another process has it open.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened, or a newer version wrote it.</exception>
    public static async Task<SqliteStore> OpenAsync(string path, TimeProvider time, int shardCount = 16)
    {
        var database = await SqliteDatabase.OpenAsync(path, time);
        try
        {
            var count = await database.CallAsync(() => database.InTransaction(() => Found(database, shardCount)));
            return new SqliteStore(database, count);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<ShardToken?> ClaimAsync(int shard, string owner, TimeSpan lease) => _database.CallAsync(() =>
    {
        using var reader = _database.Statement(
            "claim", ("$owner", owner), ("$lease", lease.Ticks), ("$shard", shard)).ExecuteReader();
        return reader.Read() ? new ShardToken(shard, reader.GetInt64(0), reader.GetInt64(1), owner) : (ShardToken?)null;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease) =>
        _database.CallAsync<IReadOnlyList<bool>>(() => _database.InTransaction(() => tokens.Select(token =>
            _database.Statement(
                "renew", ("$lease", lease.Ticks), ("$shard", token.Shard), ("$generation", token.Generation),
                ("$epoch", token.Epoch), ("$owner", token.Owner)).ExecuteNonQuery() == 1).ToList()));

    /// <inheritdoc/>
    public Task ReleaseAsync(ShardToken token) =>
        _database.CallAsync(() => OfToken("release", token).ExecuteNonQuery());

    /// <inheritdoc/>
    public Task<long?> ReadLastBatchAsync(ShardToken token) =>
        _database.CallAsync(() => (long?)OfToken("last-batch", token).ExecuteScalar());

    /// <inheritdoc/>
    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches) =>
        _database.CallAsync<IReadOnlyList<CommitOutcome>>(() =>
            _database.InTransaction(() => batches.Select(_writer.Write).ToList()));

    /// <inheritdoc/>
    public Task<ShardContents> LoadShardAsync(int shard) => _database.CallAsync(() => new ShardContents(
        Rows(_database.Statement("load-inbox", ("$shard", shard)), SqliteRows.Inbox),
        Rows(_database.Statement("load-timers", ("$shard", shard)), SqliteRows.Timer),
        Rows(_database.Statement("load-effects", ("$shard", shard)), SqliteRows.Effect)));

    /// <inheritdoc/>
    public Task<ActorHistory> LoadActorAsync(ActorKey actor, string schema) => _database.CallAsync(() =>
    {
        var key = actor.ToString();
        var snapshot = Rows(
            _database.Statement("load-snapshot", ("$actor", key), ("$schema", schema)),
            row => new SnapshotRow(actor, row.GetInt64(0), row.GetString(1), row.GetString(2))).FirstOrDefault();
        var tail = _database.Statement("load-events", ("$actor", key), ("$seq", snapshot?.Seq ?? 0));
        return new ActorHistory(snapshot, Rows(tail, SqliteRows.Event));
    });

    /// <inheritdoc/>
    public Task<ResultRow?> FindResultAsync(ActorKey actor, string principal, string key) =>
        _database.CallAsync(() => Rows(
            _database.Statement("find-result", ("$actor", actor.ToString()), ("$principal", principal), ("$key", key)),
            row => new ResultRow(
                actor, principal, key, row.GetString(0),
                row.IsDBNull(1) ? null : new Body(row.GetString(1), row.GetString(2)),
                SqliteRows.Time(row, 3))).FirstOrDefault());

    /// <inheritdoc/>
    public Task ForgetResultsAsync(DateTimeOffset before) => _database.CallAsync(() =>
        _database.Statement("forget-results", ("$before", before.UtcTicks)).ExecuteNonQuery());

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long after, int max) =>
        _database.CallAsync<IReadOnlyList<JournalRow>>(() => Rows(
            _database.Statement("read-journal", ("$after", after), ("$max", max)),
            row => new JournalRow(row.GetInt64(7), SqliteRows.Event(row), row.GetInt64(8), row.GetInt64(9))));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(int max) =>
        _database.CallAsync<IReadOnlyList<DeadLetter>>(() => Rows(
            _database.Statement("read-dead-letters", ("$max", max)), SqliteRows.DeadLetter));

    /// <inheritdoc/>
    public Task<long> RaiseGenerationAsync() => _database.CallAsync(() => _database.InTransaction(() =>
    {
        _database.Statement("disown-all").ExecuteNonQuery();
        return (long)_database.Statement("raise-generation").ExecuteScalar()!;
    }));

    /// <summary>Closes the file and gives its lock up.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Runs SQL of a test, such as a pragma that limits the size of the file.</summary>
    internal Task<object?> RunAsync(string sql) => _database.CallAsync(() => _database.Run(sql));

    private static int Found(SqliteDatabase database, int shardCount)
    {
        database.Statement("add-site", ("$shards", shardCount)).ExecuteNonQuery();
        var count = Convert.ToInt32(database.Statement("count-shards").ExecuteScalar());
        for (var shard = 0; shard < count; shard++)
            database.Statement("add-shard", ("$shard", shard)).ExecuteNonQuery();
        database.Statement("end-leases").ExecuteNonQuery();
        return count;
    }

    private static List<T> Rows<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private SqliteCommand OfToken(string statement, ShardToken token) => _database.Statement(
        statement, ("$shard", token.Shard), ("$generation", token.Generation), ("$epoch", token.Epoch),
        ("$owner", token.Owner));
}
