using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace VioActors.Runtime.Sql;

/// <summary>
/// One SQLite file: one connection, and one thread that owns it, since every call may wait for the disk. Statements are
/// prepared once. The exclusive lock keeps a second process out.
/// </summary>
internal sealed class SqliteDatabase : ISqlDatabase
{
    private const int MaxQueued = 4096;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int CannotLock = 3850; // extended; what a file opened on a read-only disk ends in
    private const int Full = 13;
    private const int CannotOpen = 14;

    private static readonly IReadOnlyDictionary<string, string> Statements = SqlFiles.StatementsOf("Sqlite");
    private static readonly IReadOnlyList<string> Migrations = SqlFiles.MigrationsOf("Sqlite");

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private readonly BlockingCollection<Action> _calls = new(MaxQueued);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SqliteDatabase(string path, TimeProvider time)
    {
        _path = path;
        SystemSqlite.Bind(path);
        var target = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 };
        _connection = new SqliteConnection(target.ToString());
        // An embedded database has the clock of its process.
        _connection.CreateFunction("now_ticks", () => time.GetUtcNow().UtcTicks);
        // Whoever held the file before is known to be gone: its leases ended when we opened it.
        _connection.CreateFunction("is_gone", (string _) => false);
        new Thread(Serve) { IsBackground = true, Name = "sqlite" }.Start();
    }

    /// <summary>Opens or makes the file, takes its lock and brings its tables up to date.</summary>
    public static async Task<SqliteDatabase> OpenAsync(string path, TimeProvider time)
    {
        var database = new SqliteDatabase(Path.GetFullPath(path), time);
        try
        {
            await database.CallAsync(database.Prepare);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs a call on the connection's thread. Errors of SQLite come out as the store's typed exceptions.
    /// </summary>
    public Task<T> CallAsync<T>(Func<T> call)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _calls.Add(() => Complete(done, call));
        }
        catch (InvalidOperationException)
        {
            done.SetException(new StoreUnavailableException(_path, "it is closed", "Open it again."));
        }
        return done.Task;
    }

    public Task<IReadOnlyList<T>> QueryAsync<T>(
        string statement, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters) =>
        CallAsync<IReadOnlyList<T>>(() =>
        {
            using var reader = Statement(statement, parameters).ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
                rows.Add(read(reader));
            return rows;
        });

    public Task<int> ExecuteAsync(string statement, params (string Name, object? Value)[] parameters) =>
        CallAsync(() => Statement(statement, parameters).ExecuteNonQuery());

    public Task<bool> ExecuteBothAsync(
        (string Statement, (string Name, object? Value)[] Parameters) first,
        (string Statement, (string Name, object? Value)[] Parameters) second) =>
        CallAsync(() => InTransaction(() =>
        {
            var did = Statement(first.Statement, first.Parameters).ExecuteNonQuery() > 0;
            if (did)
                Statement(second.Statement, second.Parameters).ExecuteNonQuery();
            return did;
        }));

    public Task<object?> RunAsync(string sql) => CallAsync(() => Run(sql));

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches, int shardCount) =>
        CallAsync<IReadOnlyList<CommitOutcome>>(() => InTransaction(() =>
        {
            var writer = new BatchWriter(this, shardCount);
            return batches.Select(writer.Write).ToList();
        }));

    public Task MeetAsync(params (string Name, object? Value)[] me) => ExecuteAsync("meet", me);

    public Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease) =>
        CallAsync<IReadOnlyList<bool>>(() => InTransaction(() => tokens.Select(token =>
            Statement(
                "renew", ("lease", lease.Ticks), ("shard", token.Shard), ("generation", token.Generation),
                ("epoch", token.Epoch), ("owner", token.Owner)).ExecuteNonQuery() == 1).ToList()));

    public Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(IReadOnlyList<(ActorKey Actor, string Schema)> actors) =>
        CallAsync<IReadOnlyList<ActorHistory>>(() =>
        {
            var histories = new HistoryReader(actors);
            for (var i = 0; i < actors.Count; i++)
            {
                using var row = Statement(
                    "load-actor", ("actor", actors[i].Actor.ToString()), ("schema", actors[i].Schema)).ExecuteReader();
                while (row.Read())
                    histories.Add(i, row);
            }
            return histories.All;
        });

    /// <summary>Whatever is read is on the disk.</summary>
    public Task ConfirmAsync() => Task.CompletedTask;

    public Task<long> AdoptAsync(long above) => CallAsync(() => InTransaction(() =>
    {
        Statement("disown-all").ExecuteNonQuery();
        return (long)Statement("adopt", ("above", above)).ExecuteScalar()!;
    }));

    /// <summary>The statement of that name with these parameters, ready to run. Connection's thread only.</summary>
    public SqliteCommand Statement(string name, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(name, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = Statements[name];
            foreach (var (key, _) in parameters)
                command.Parameters.Add(new SqliteParameter { ParameterName = "@" + key });
            _prepared.Add(name, command);
        }
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = parameters[i].Value switch
            {
                int[] list => JsonSerializer.Serialize(list), // for json_each
                var value => value ?? DBNull.Value,
            };
        return command;
    }

    /// <summary>
    /// Runs SQL that is not a named statement: transactions, pragmas, migrations. Connection's thread only.
    /// </summary>
    public object? Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Begins to copy everything into another connection's file. Connection's thread only.</summary>
    public sqlite3_backup BeginBackup(SqliteConnection to) =>
        raw.sqlite3_backup_init(to.Handle, "main", _connection.Handle, "main");

    /// <summary>Runs the work in one durable transaction. Connection's thread only.</summary>
    public T InTransaction<T>(Func<T> work)
    {
        Run("BEGIN IMMEDIATE");
        try
        {
            var result = work();
            Run("COMMIT");
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _calls.CompleteAdding();
        await _closed.Task;
    }

    private void RollBack()
    {
        try
        {
            Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself already (disk full, I/O error); the first error is the one to report.
        }
    }

    private void Serve()
    {
        foreach (var call in _calls.GetConsumingEnumerable())
            call();
        foreach (var command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
        _closed.SetResult();
    }

    private void Complete<T>(TaskCompletionSource<T> done, Func<T> call)
    {
        try
        {
            done.SetResult(call());
        }
        catch (SqliteException e)
        {
            done.SetException(Translate(e));
        }
        catch (Exception e)
        {
            // The caller awaits it; the thread serves the others.
            done.SetException(e);
        }
    }

    private bool Prepare()
    {
        _connection.Open();
        Run("PRAGMA locking_mode = EXCLUSIVE");
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL");
        Run("PRAGMA mmap_size = 0");
        Run("PRAGMA trusted_schema = OFF");
        var known = Migrations.Count;
        var version = Convert.ToInt32(Run("PRAGMA user_version"));
        if (version > known)
            throw new StoreUnavailableException(
                _path, $"its schema is {version} and this version knows {known}", "Start the version that wrote it.");
        // Also when nothing is missing: the write lock of this transaction is what keeps a second process out.
        return InTransaction(() =>
        {
            for (var next = version; next < known; next++)
                Run(Migrations[next]);
            Run($"PRAGMA user_version = {known}");
            return true;
        });
    }

    private StoreUnavailableException ReadOnlyFile(SqliteException e) => new(
        _path, "the file or its disk is read-only", "Mount its disk for writing, or let this user write there.", e);

    private Exception Translate(SqliteException e) => e.SqliteErrorCode switch
    {
        Busy or Locked => new StoreInUseException(
            _path, "Stop the other server, or give this one another file.", e),
        Full => new StoreUnavailableException(
            _path, "the disk is full", "Free space on its file system; the server goes on by itself.", e),
        ReadOnly => ReadOnlyFile(e),
        _ when e.SqliteExtendedErrorCode == CannotLock => ReadOnlyFile(e),
        CannotOpen => new StoreUnavailableException(
            _path, "it cannot be opened",
            "Make its directory, let this user write there, and mount its disk for writing.", e),
        _ => new StoreUnavailableException(
            _path, $"SQLite error {e.SqliteErrorCode}/{e.SqliteExtendedErrorCode}",
            "Check the disk and the file (sqlite3 FILE 'pragma integrity_check').", e),
    };
}
