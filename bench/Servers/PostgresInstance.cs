using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Servers;

/// <summary>
/// A PostgreSQL of our own in a temporary directory: a unix socket and no network. It ends, by its own pid, with this
/// object.
/// </summary>
internal sealed class PostgresInstance : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private static readonly ProcessRunner Runner = new(TimeProvider.System);
    private readonly DirectoryInfo _root = System.IO.Directory.CreateTempSubdirectory("vio-pg-");
    private readonly string _settings;
    private int _databases;

    private PostgresInstance(string settings) => _settings = settings;

    /// <summary>Why there is none here; null when there is.</summary>
    public static string? Missing =>
        !System.Environment.IsPrivilegedProcess ? "needs root to start PostgreSQL as its own user"
        : File.Exists($"{Programs}/initdb") ? null : $"{Programs}/initdb is missing (postgresql-15)";

    /// <summary>Whether it was started and not stopped.</summary>
    public bool IsRunning => File.Exists(Path.Combine(Data, "postmaster.pid"));

    private string Data => Path.Combine(_root.FullName, "data");

    /// <summary>Makes one and starts it.</summary>
    /// <param name="isSynced">Whether making it reaches the disk first; commits always do.</param>
    /// <param name="settings">More options of the server, as on its command line.</param>
    public static Task<PostgresInstance> StartAsync(bool isSynced = false, string settings = "")
    {
        string[] sync = isSynced ? [] : ["--no-sync"];
        return MakeAsync(settings, made => AsPostgresAsync(
            "initdb", ["-D", made.Data, "-A", "trust", "-U", "postgres", .. sync, "-E", "UTF8", "--locale=C"]));
    }

    /// <summary>Makes another that follows this one, and starts it.</summary>
    /// <param name="name">What <c>synchronous_standby_names</c> may call it.</param>
    public Task<PostgresInstance> StandbyAsync(string name) => MakeAsync(_settings, made => AsPostgresAsync(
        "pg_basebackup", "-D", made.Data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d",
        $"host={_root.FullName} user=postgres application_name={name}"));

    private static async Task<PostgresInstance> MakeAsync(string settings, Func<PostgresInstance, Task> fillAsync)
    {
        var made = new PostgresInstance(settings);
        try
        {
            File.SetUnixFileMode(made._root.FullName, (UnixFileMode)0b111_101_101);
            await Runner.RunAsync(new ProcessCommand("chown", "postgres", made._root.FullName));
            await fillAsync(made);
            await made.StartAsync();
            return made;
        }
        catch
        {
            made._root.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Starts it again and waits until it answers.</summary>
    public Task StartAsync() => AsPostgresAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_root.FullName, "log"), "-o",
        $"-c listen_addresses= -c unix_socket_directories={_root.FullName} -c max_connections=60 {_settings}", "start");

    /// <summary>Stops it: smart, fast or immediate.</summary>
    public Task StopAsync(string mode) => AsPostgresAsync("pg_ctl", "-D", Data, "-w", "-m", mode, "stop");

    /// <summary>Makes a standby the primary, and waits until it is.</summary>
    public Task PromoteAsync() => AsPostgresAsync("pg_ctl", "-D", Data, "-w", "promote");

    /// <summary>Its socket.</summary>
    public EndPoint Socket => new UnixDomainSocketEndPoint(Path.Combine(_root.FullName, ".s.PGSQL.5432"));

    /// <summary>Where its socket lies.</summary>
    public string Directory => _root.FullName;

    /// <summary>How to reach a database of it.</summary>
    public string ConnectionTo(string database) => $"Host={Directory};Username=postgres;Database={database}";

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
        // It may have been stopped on purpose.
        if (IsRunning) await StopAsync("immediate");
        _root.Delete(recursive: true);
    }

    private static Task AsPostgresAsync(string program, params string[] arguments) => Runner.RunAsync(
        new ProcessCommand("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", $"{Programs}/{program}",
            .. arguments]));
}
