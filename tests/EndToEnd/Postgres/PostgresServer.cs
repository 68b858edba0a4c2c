using System.Globalization;
using Npgsql;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Postgres;

/// <summary>
/// A PostgreSQL of our own in a temporary directory: a unix socket and no network. It ends, by its own pid, with this
/// object.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private static readonly ProcessRunner Runner = new(TimeProvider.System);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("vio-pg-");
    private int _databases;

    /// <summary>Why there is none here; null when there is.</summary>
    public static string? Missing =>
        !System.Environment.IsPrivilegedProcess ? "needs root to start PostgreSQL as its own user"
        : File.Exists($"{Programs}/initdb") ? null : $"{Programs}/initdb is missing (postgresql-15)";

    private string Data => Path.Combine(_root.FullName, "data");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Missing is not null) return;
        File.SetUnixFileMode(_root.FullName, (UnixFileMode)0b111_101_101);
        await Runner.RunAsync(new ProcessCommand("chown", "postgres", _root.FullName));
        await AsPostgresAsync("initdb", "-D", Data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C");
        await StartAsync();
    }

    /// <summary>Starts it and waits until it answers.</summary>
    public Task StartAsync() => AsPostgresAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_root.FullName, "log"), "-o",
        $"-c listen_addresses= -c unix_socket_directories={_root.FullName} -c max_connections=60", "start");

    /// <summary>Stops it: smart, fast or immediate.</summary>
    public Task StopAsync(string mode) => AsPostgresAsync("pg_ctl", "-D", Data, "-w", "-m", mode, "stop");

    /// <summary>How to reach a database of it.</summary>
    public string ConnectionTo(string database) =>
        $"Host={_root.FullName};Username=postgres;Database={database}";

    /// <summary>A fresh, empty database; how to reach it.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = "t" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        await RunAsync(ConnectionTo("postgres"), $"CREATE DATABASE {name}");
        return ConnectionTo(name);
    }

    /// <summary>Runs SQL beside the store.</summary>
    public static async Task<object?> RunAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create($"{connection};Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Missing is null) await StopAsync("immediate");
        _root.Delete(recursive: true);
    }

    private static Task AsPostgresAsync(string program, params string[] arguments) => Runner.RunAsync(
        new ProcessCommand("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", $"{Programs}/{program}",
            .. arguments]));
}
