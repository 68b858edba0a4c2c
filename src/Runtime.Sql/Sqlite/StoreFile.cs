using Microsoft.Data.Sqlite;

namespace VioActors.Runtime.Sql;

/// <summary>A SQLite file that nobody has open, as a store.</summary>
/// <param name="Label">Whose data it is; empty for nobody's yet.</param>
/// <param name="Generation">The site's generation.</param>
/// <param name="Position">Of the journal's last event.</param>
public sealed record StoreFile(string Label, long Generation, long Position)
{
    private const int FirstWithLabel = 3;

    /// <summary>Looks the whole file over.</summary>
    /// <exception cref="StoreUnavailableException">It is damaged, no store, or a newer version's.</exception>
    public static StoreFile Inspect(string path)
    {
        SystemSqlite.Bind(path);
        var target = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            Mode = SqliteOpenMode.ReadWrite,
        };
        using var file = new SqliteConnection(target.ToString());
        try
        {
            file.Open();
            var schema = Convert.ToInt32(Run(file, "PRAGMA user_version"));
            var known = SqlFiles.MigrationsOf("Sqlite").Count;
            if (schema > known)
                throw new StoreUnavailableException(
                    path, $"its schema is {schema} and this version knows {known}", "Use the version that wrote it.");
            const string tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('site', 'event')";
            if (schema == 0 || (long)Run(file, tables)! < 2)
                throw new StoreUnavailableException(path, "it is no store of VioActors", "Name a backup of one.");
            if (Run(file, "PRAGMA integrity_check(1)") is not "ok" and var damage)
                throw new StoreUnavailableException(path, $"it is damaged: {damage}", "Use another backup.");
            return new StoreFile(
                schema < FirstWithLabel ? "" : (string)Run(file, "SELECT label FROM site")!,
                (long)Run(file, "SELECT generation FROM site")!,
                (long)Run(file, "SELECT coalesce(max(position), 0) FROM event")!);
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException(
                path, $"it cannot be read as a store: {e.Message}", "Name a backup of one.", e);
        }
    }

    private static object? Run(SqliteConnection file, string sql)
    {
        using var command = file.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
