using VioActors.Bench.Servers;
using VioActors.Runtime.Sql;

namespace VioActors.Bench.Turns;

/// <summary>Where fresh stores of a bench come from, and how to open one again.</summary>
internal sealed class TurnStores : IAsyncDisposable
{
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly PostgresInstance? _postgres;
    private int _made;

    private TurnStores(string directory, TimeProvider time, PostgresInstance? postgres) =>
        (_directory, _time, _postgres) = (directory, time, postgres);

    /// <summary>SQLite files in a directory, or databases of a PostgreSQL of our own.</summary>
    public static async Task<TurnStores> StartAsync(bool isPostgres, string directory, TimeProvider time)
    {
        if (!isPostgres) return new TurnStores(directory, time, null);
        if (PostgresInstance.Missing is { } missing) throw new BenchException(missing);
        // What any installation would set for this machine; durability is left as it is.
        return new TurnStores(directory, time, await PostgresInstance.StartAsync(
            settings: "-c shared_buffers=512MB -c max_wal_size=4GB -c jit=off"));
    }

    /// <summary>The address of a new, empty store.</summary>
    public async Task<string> NewAsync() => _postgres is null
        ? Path.Combine(_directory, $"turns{++_made}.db")
        : await _postgres.NewDatabaseAsync();

    /// <summary>Opens one.</summary>
    public Task<SqlStore> OpenAsync(string address) => _postgres is null
        ? SqlStore.OpenSqliteAsync(address, _time)
        : SqlStore.OpenPostgresAsync(address, _time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
    }
}
