using Npgsql;
using VioActors.Runtime.Sql;

namespace VioActors.Daemon.Server;

/// <summary>Where the store is: a SQLite file for one server, or a PostgreSQL database that several share.</summary>
internal sealed record StoreAddress
{
    private const string DataSource = "Data Source=";

    private StoreAddress(string? path, string? postgres) => (Path, Postgres) = (path, postgres);

    /// <summary>The SQLite file; null for PostgreSQL.</summary>
    public string? Path { get; }

    /// <summary>PostgreSQL's address, <c>Host=..;Database=..</c>; null for SQLite.</summary>
    public string? Postgres { get; }

    /// <summary>Whether a secret stands in it.</summary>
    public bool HasPassword
    {
        get
        {
            try
            {
                return Postgres is not null && new NpgsqlConnectionStringBuilder(Postgres).Password is not null;
            }
            catch (ArgumentException)
            {
                // What is wrong with it is said when it is opened.
                return Postgres!.Contains("password", StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>
    /// Reads the option <c>store</c>: a path, <c>Data Source=path</c>, or <c>Host=..;Database=..</c>.
    /// </summary>
    /// <param name="text">Null for <c>site.db</c> in the data directory.</param>
    /// <param name="dataDirectory">The server's directory.</param>
    public static StoreAddress Of(string? text, string dataDirectory) => text switch
    {
        null => new(System.IO.Path.Combine(dataDirectory, "site.db"), null),
        _ when text.StartsWith(DataSource, StringComparison.OrdinalIgnoreCase) =>
            new(text[DataSource.Length..].Trim(), null),
        _ when text.Contains('=') => new(null, text),
        _ => new(text, null),
    };

    /// <summary>Opens it, or makes it.</summary>
    /// <exception cref="Runtime.StoreUnavailableException">As <see cref="SqlStore"/> says.</exception>
    public Task<SqlStore> OpenAsync(TimeProvider clock) =>
        Postgres is null ? SqlStore.OpenSqliteAsync(Path!, clock) : SqlStore.OpenPostgresAsync(Postgres, clock);
}
