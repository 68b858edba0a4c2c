using Npgsql;

namespace VioActors.Runtime.Sql;

/// <summary>How connections are made: bounded in number and in every kind of waiting, on both sides.</summary>
internal static class PostgresConnection
{
    /// <summary>
    /// Settings of each session. A client that froze must not hold locks, and a client that is gone must be noticed:
    /// the kernel's own limits are hours.
    /// </summary>
    private const string Session =
        "-c search_path=vio -c statement_timeout=5s -c idle_in_transaction_session_timeout=2s -c synchronous_commit=on "
        + "-c tcp_user_timeout=5s -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
        + "-c client_connection_check_interval=1s";

    /// <summary>A source of connections, and the database's name for messages, without secrets.</summary>
    /// <exception cref="StoreUnavailableException">The text is no connection string.</exception>
    public static (NpgsqlDataSource Source, string Name) SourceOf(string connection)
    {
        try
        {
            var given = new NpgsqlConnectionStringBuilder(connection);
            given.Options = $"{Session} {given.Options}".TrimEnd();
            given.MaxPoolSize = Math.Min(given.MaxPoolSize, 16);
            given.MaxAutoPrepare = 64;
            given.AutoPrepareMinUsages = 2;
            // Over the statement's own limit, so that the database and not this side decides.
            given.CommandTimeout = 10;
            // A command out of time has no known outcome. Cancelled, a commit that waits for a synchronous standby
            // would be answered as done while only the primary has it.
            given.CancellationTimeout = -1;
            given.Timeout = Math.Min(given.Timeout, 5);
            given.ApplicationName ??= "vio server";
            var source = new NpgsqlDataSourceBuilder(given.ConnectionString);
            source.UsePhysicalConnectionInitializer(_ => throw new NotSupportedException("Only async."), NoteAsync);
            return (source.Build(), $"{given.Host}:{given.Port}/{given.Database}");
        }
        catch (ArgumentException e)
        {
            throw new StoreUnavailableException(
                "(PostgreSQL)", $"its address is not understood: {e.Message}",
                "Write it as Host=..;Database=..;Username=..", e);
        }
    }

    /// <summary>Every new connection looks whether this is still the cluster it was.</summary>
    private static async Task NoteAsync(NpgsqlConnection connection)
    {
        await using var known = new NpgsqlCommand("SELECT to_regproc('vio.note_cluster') IS NOT NULL", connection);
        if (!(bool)(await known.ExecuteScalarAsync())!)
            return;
        await using var note = new NpgsqlCommand("SELECT vio.note_cluster()", connection);
        await note.ExecuteScalarAsync();
    }
}
