using Npgsql;

namespace VioActors.Runtime.Sql;

/// <summary>What must hold before a database is used, and its numbered migrations. One opener at a time.</summary>
internal sealed class PostgresSchema(NpgsqlConnection connection, string name, TimeProvider time)
{
    private const int OldestVersion = 150000;
    private const long MigrationLock = 0x76696f; // "vio"
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);
    private static readonly IReadOnlyList<string> Migrations = SqlFiles.MigrationsOf("Postgres");

    /// <summary>Checks, then migrates in one transaction.</summary>
    /// <exception cref="StoreUnavailableException">Too old a PostgreSQL, a standby, clocks too far apart, or a schema
    /// of a newer version.</exception>
    public async Task PrepareAsync()
    {
        await CheckAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync($"SELECT pg_advisory_xact_lock({MigrationLock})");
        var version = await VersionAsync();
        if (version > Migrations.Count)
            throw Refused(
                $"its schema is {version} and this version knows {Migrations.Count}",
                "Start the version that wrote it");
        for (var next = version; next < Migrations.Count; next++)
            await RunAsync(Migrations[next]);
        await RunAsync($"COMMENT ON SCHEMA vio IS '{Migrations.Count}'");
        await transaction.CommitAsync();
    }

    private async Task CheckAsync()
    {
        var version = Convert.ToInt32(await RunAsync("SELECT current_setting('server_version_num')"));
        if (version < OldestVersion)
            throw Refused($"it is PostgreSQL {version / 10000}", "Use PostgreSQL 15 or newer");
        if ((bool)(await RunAsync("SELECT pg_is_in_recovery()"))!)
            throw Refused("it is a standby", "Connect to the primary: Target Session Attributes=primary");
        var there = new DateTimeOffset((DateTime)(await RunAsync("SELECT clock_timestamp()"))!, TimeSpan.Zero);
        var here = time.GetUtcNow();
        if ((there - here).Duration() > ClockDifference)
            throw Refused($"its clock says {there:O} and this machine's {here:O}", "Set both by NTP");
    }

    private async Task<int> VersionAsync()
    {
        var noted = await RunAsync(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'vio'");
        return noted switch
        {
            null => 0,
            string text when int.TryParse(text, out var version) => version,
            _ => throw Refused("its schema vio is not ours", "Give VioActors a database of its own"),
        };
    }

    private async Task<object?> RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private StoreUnavailableException Refused(string reason, string remedy) => new(name, reason, $"{remedy}.");
}
