using System.Diagnostics;
using System.Text.Json;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>The production server as a child process on loopback; started again when it was killed.</summary>
internal sealed class SimServer(string directory, int apiPort, int fabricPort) : IAsyncDisposable
{
    private const int LastLines = 5;
    private Process? _process;

    /// <summary>Path of its API socket.</summary>
    public string Socket => Path.Combine(directory, "api.sock");

    private string LogPath => Path.Combine(directory, "server.log");

    private string ConfigPath => Path.Combine(directory, "site.json");

    /// <summary>Writes the configuration and starts it.</summary>
    public void Start()
    {
        File.WriteAllText(ConfigPath, JsonSerializer.Serialize(new
        {
            name = "sim",
            dataDirectory = Path.Combine(directory, "data"),
            apiSocket = Socket,
            apiListen = $"127.0.0.1:{apiPort}",
            fabricListen = $"127.0.0.1:{fabricPort}",
            fabricNames = new[] { "127.0.0.1" },
        }));
        _process = Launch();
    }

    /// <summary>SIGKILL, then a new one.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        await EndAsync(cancel);
        _process = Launch();
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

    private async Task EndAsync(CancellationToken cancel)
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync(cancel);
        _process.Dispose();
        _process = null;
    }

    private Process Launch()
    {
        var program = Environment.ProcessPath ?? throw new DemoFailedException("The program's own path is not known.");
        var own = Path.GetFileNameWithoutExtension(program) == "vio"
            ? Array.Empty<string>()
            : [Path.Combine(AppContext.BaseDirectory, "vio.dll")];
        // The shell only joins output and log file; it is replaced by the server, so the signal reaches that.
        string[] script = ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", LogPath];
        var start = new ProcessStartInfo("sh", [.. script, program, .. own, "server", "--config", ConfigPath]);
        var process = Process.Start(start) ?? throw new DemoFailedException("The server could not be started.");
        PidRecord.Of(process.Id)?.Save(Path.Combine(directory, SimRemains.Server));
        return process;
    }
}
