using VioActors.Bench.Servers;

namespace VioActors.EndToEnd.Postgres;

/// <summary>One PostgreSQL for the tests of a class.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private PostgresInstance? _instance;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (PostgresInstance.Missing is null) _instance = await PostgresInstance.StartAsync();
    }

    /// <summary>A fresh, empty database; skips the test where there is no PostgreSQL.</summary>
    public Task<string> NewDatabaseAsync()
    {
        if (PostgresInstance.Missing is { } missing) Assert.Skip(missing);
        return _instance!.NewDatabaseAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_instance is not null) await _instance.DisposeAsync();
    }
}
