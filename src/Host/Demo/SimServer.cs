using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>The production server as a child process on loopback; started again when it was killed.</summary>
/// <param name="directory">Everything of it lies here.</param>
/// <param name="apiPort">Of its API over TLS.</param>
/// <param name="fabricPort">Where agents and other servers connect.</param>
/// <param name="name">Its name among several.</param>
/// <param name="store">The store that several share; null for a file of its own.</param>
internal sealed class SimServer(
    string directory, int apiPort, int fabricPort, string name = "s1", string? store = null) : IAsyncDisposable
{
    private const int LastLines = 5;
    private static readonly ProcessRunner Runner = new(TimeProvider.System);
    private Process? _process;

    /// <summary>Its name among several.</summary>
    public string Name => name;

    /// <summary>Where agents and other servers reach it.</summary>
    public string Fabric => $"127.0.0.1:{fabricPort}";

    /// <summary>Path of its API socket.</summary>
    public string Socket => Path.Combine(directory, "api.sock");

    private string LogPath => Path.Combine(directory, "server.log");

    private string DataPath => Path.Combine(directory, "data");

    private string ConfigPath => Path.Combine(directory, "site.json");

    /// <summary>Writes the configuration and starts it.</summary>
    public void Start()
    {
        File.WriteAllText(ConfigPath, JsonSerializer.Serialize(new
        {
            name = "sim",
            serverName = name,
            store,
            dataDirectory = DataPath,
            apiSocket = Socket,
            apiListen = $"127.0.0.1:{apiPort}",
            fabricListen = $"127.0.0.1:{fabricPort}",
            fabricNames = new[] { "127.0.0.1" },
        }));
        _process = Launch();
    }

    /// <summary>Makes this a server of the same site as another: who has the keys is the site.</summary>
    public void TakeKeysOf(SimServer other)
    {
        Directory.CreateDirectory(DataPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in (string[])["site-ca.key", "site-ca.pem"])
            File.Copy(Path.Combine(other.DataPath, file), Path.Combine(DataPath, file));
    }

    /// <summary>SIGKILL, then a new one.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        await EndAsync(cancel);
        _process = Launch();
    }

    /// <summary>SIGSTOP or SIGCONT.</summary>
    public Task SignalAsync(string signal) => Runner.RunAsync(
        new ProcessCommand("sh", "-c", "kill -$1 $2", "sh", signal, $"{_process!.Id}"));

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await SignalAsync("TERM");
        await _process!.WaitForExitAsync(cancel);
    }

    /// <summary>SIGKILL.</summary>
    public async Task EndAsync(CancellationToken cancel)
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync(cancel);
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await EndAsync(CancellationToken.None);

    /// <summary>Its process id; null while it is down.</summary>
    public int? Pid => _process is { HasExited: false } alive ? alive.Id : null;

    /// <summary>Whether the process is there.</summary>
    public bool IsAlive => Pid is not null;

    /// <summary>Throws with the server's last words when it ended by itself.</summary>
    /// <exception cref="DemoFailedException">It did.</exception>
    public void CheckAlive()
    {
        if (IsAlive) return;
        var said = File.Exists(LogPath) ? File.ReadLines(LogPath).TakeLast(LastLines) : [];
        throw new DemoFailedException($"The server ended: {string.Join(' ', said)}");
    }

    private Process Launch()
    {
        // Whatever program this is, vio lies beside it; its runtime is ours: ROOT/shared/Microsoft.NETCore.App/VERSION.
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        string[] program = [Path.Combine(root, "dotnet"), Path.Combine(AppContext.BaseDirectory, "vio.dll")];
        // The shell only joins output and log file; it is replaced by the server, so the signal reaches that.
        string[] script = ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", LogPath];
        var start = new ProcessStartInfo("sh", [.. script, .. program, "server", "--config", ConfigPath]);
        var process = Process.Start(start) ?? throw new DemoFailedException("The server could not be started.");
        PidRecord.Of(process.Id)?.Save(Path.Combine(directory, SimRemains.Server));
        return process;
    }
}
