using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace VioActors.Runtime.Sql;

/// <summary>
/// One PostgreSQL database with the schema <c>vio</c>. A commit is one call of a function in one round trip, never
/// cancelled by us. Whatever else ends it, the outcome is asked for afterwards.
/// </summary>
internal sealed class PostgresDatabase : ISqlDatabase
{
    private static readonly IReadOnlyDictionary<string, string> Statements = SqlFiles.StatementsOf("Postgres");

    private readonly NpgsqlDataSource _source;
    private readonly string _name;
    private NpgsqlConnection? _presence;

    private PostgresDatabase(NpgsqlDataSource source, string name)
    {
        _source = source;
        _name = name;
    }

    /// <summary>Connects, checks what is there and brings the schema up to date.</summary>
    /// <exception cref="StoreUnavailableException">See <see cref="PostgresErrors"/> and
    /// <see cref="PostgresSchema"/>.</exception>
    public static async Task<PostgresDatabase> OpenAsync(string connection, TimeProvider time)
    {
        var (source, name) = PostgresConnection.SourceOf(connection);
        var database = new PostgresDatabase(source, name);
        try
        {
            await database.CallAsync(async open =>
            {
                await new PostgresSchema(open, name, time).PrepareAsync();
                return true;
            });
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Notes in a new store where it lives; every later connection compares.</summary>
    public Task NoteAsync() => RunAsync("SELECT vio.note_cluster()");

    public Task<IReadOnlyList<T>> QueryAsync<T>(
        string statement, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters) =>
        CallAsync<IReadOnlyList<T>>(async connection =>
        {
            await using var command = Command(connection, statement, parameters);
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<T>();
            while (await reader.ReadAsync())
                rows.Add(read(reader));
            return rows;
        });

    public Task<int> ExecuteAsync(string statement, params (string Name, object? Value)[] parameters) =>
        CallAsync(async connection =>
        {
            await using var command = Command(connection, statement, parameters);
            return await command.ExecuteNonQueryAsync();
        });

    public Task<bool> ExecuteBothAsync(
        (string Statement, (string Name, object? Value)[] Parameters) first,
        (string Statement, (string Name, object? Value)[] Parameters) second) => CallAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var one = Command(connection, first.Statement, first.Parameters);
        var did = await one.ExecuteNonQueryAsync() > 0;
        if (did)
        {
            await using var other = Command(connection, second.Statement, second.Parameters);
            await other.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
        return did;
    });

    public Task<object?> RunAsync(string sql) => CallAsync(async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    });

    /// <summary>
    /// All batches in one transaction; when one of them is not taken, each in its own, so that its neighbours are.
    /// </summary>
    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches, int shardCount)
    {
        var together = await TryAsync(batches, shardCount);
        if (together.Verdict == CommitVerdict.Committed || batches.Count == 1)
            return [.. batches.Select(_ => together)];
        var outcomes = new List<CommitOutcome>(batches.Count);
        foreach (var batch in batches)
            outcomes.Add(await TryAsync([batch], shardCount));
        return outcomes;
    }

    /// <summary>Over the session whose end tells the others that this process is gone. One call at a time.</summary>
    public async Task MeetAsync(params (string Name, object? Value)[] me)
    {
        try
        {
            _presence ??= await _source.OpenConnectionAsync();
            await using var meet = Command(_presence, "meet", me);
            await meet.ExecuteNonQueryAsync();
            await using var forget = Command(_presence, "forget-servers", []);
            await forget.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException e)
        {
            if (_presence is { } broken) await broken.DisposeAsync();
            _presence = null;
            throw PostgresErrors.Translate(_name, e);
        }
    }

    public async Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease)
    {
        var renewed = await QueryAsync(
            "renew", row => row.GetInt32(0), ("lease", lease.Ticks),
            ("shards", tokens.Select(token => token.Shard).ToArray()),
            ("generations", tokens.Select(token => token.Generation).ToArray()),
            ("epochs", tokens.Select(token => token.Epoch).ToArray()),
            ("owners", tokens.Select(token => token.Owner).ToArray()));
        return [.. tokens.Select(token => renewed.Contains(token.Shard))];
    }

    public async Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(
        IReadOnlyList<(ActorKey Actor, string Schema)> actors)
    {
        var histories = new HistoryReader(actors);
        await QueryAsync(
            "load-actors", row => histories.Add((int)row.GetInt64(0) - 1, row),
            ("actors", actors.Select(one => one.Actor.ToString()).ToArray()),
            ("schemas", actors.Select(one => one.Schema).ToArray()));
        return histories.All;
    }

    /// <summary>The smallest commit: it is answered when the standby has it and all before it. Locks nothing.</summary>
    public Task ConfirmAsync() => RunAsync("SELECT pg_logical_emit_message(true, 'vio', '')");

    public Task<long> AdoptAsync(long above) => CallAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var disown = Command(connection, "disown-all", []);
        await disown.ExecuteNonQueryAsync();
        await using var adopt = Command(connection, "adopt", [("above", above)]);
        var generation = (long)(await adopt.ExecuteScalarAsync())!;
        await transaction.CommitAsync();
        return generation;
    });

    public async ValueTask DisposeAsync()
    {
        if (_presence is { } presence) await presence.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection connection, string statement, (string Name, object? Value)[] parameters)
    {
        var command = new NpgsqlCommand(Statements[statement], connection);
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    private Task<CommitOutcome> TryAsync(IReadOnlyList<ShardBatch> batches, int shardCount) =>
        CallAsync(async connection =>
        {
            var columns = new CommitColumns(batches, shardCount);
            await using var command = new NpgsqlCommand { Connection = connection };
            command.CommandText = $"SELECT commit_batches({columns.Bind(command.Parameters)})";
            try
            {
                await command.ExecuteNonQueryAsync();
                return CommitOutcome.Committed;
            }
            catch (PostgresException e) when (PostgresErrors.VerdictOf(e) is { } verdict)
            {
                return new CommitOutcome(verdict, e.MessageText);
            }
        });

    private async Task<T> CallAsync<T>(Func<NpgsqlConnection, Task<T>> call)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync();
            return await call(connection);
        }
        catch (Exception e) when (e is NpgsqlException or FileNotFoundException or UnauthorizedAccessException)
        {
            throw PostgresErrors.Translate(_name, e);
        }
    }
}
