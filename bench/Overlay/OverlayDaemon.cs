using System.Diagnostics;
using VioActors.Daemon.Shell;

namespace VioActors.Bench.Overlay;

/// <summary>A program that runs in a namespace: what it costs, and its last words when it ends by itself.</summary>
internal sealed class OverlayDaemon
{
    private const double TicksPerSecond = 100;
    private const int LastLines = 5;
    private readonly Process _process;

    /// <summary>Starts it; both its outputs go to the log.</summary>
    public OverlayDaemon(string space, string log, IReadOnlyList<string> command)
    {
        Log = log;
        // ip, sh and nice are replaced by the program, so the pid is its own.
        string[] script = ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log];
        string[] words = ["netns", "exec", space, "sh", .. script, .. OverlayPriority.Command, .. command];
        _process = Process.Start(new ProcessStartInfo("ip", words))
            ?? throw new BenchException($"{command[0]} could not be started.");
    }

    /// <summary>Path of its log.</summary>
    public string Log { get; }

    /// <summary>Processor seconds since its start, user and system.</summary>
    public double CpuSeconds
    {
        get
        {
            var fields = StatFields();
            return fields.Length == 0 ? 0 : (double.Parse(fields[11]) + double.Parse(fields[12])) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory now, bytes; 0 when it ended.</summary>
    public long ResidentBytes => StatFields() is { Length: > 21 } fields
        ? long.Parse(fields[21]) * Environment.SystemPageSize : 0;

    /// <summary>Throws with its last words when it ended.</summary>
    /// <exception cref="BenchException">It did.</exception>
    public void CheckAlive()
    {
        if (_process.HasExited) throw new BenchException($"it ended with {_process.ExitCode}: {LastWords}");
    }

    /// <summary>The end of its log, in one line.</summary>
    public string LastWords =>
        File.Exists(Log) ? string.Join(" | ", File.ReadLines(Log).TakeLast(LastLines)) : "";

    /// <summary>Kills it, by its own pid; nothing happens when it ended.</summary>
    public async Task EndAsync(TimeSpan patience, TimeProvider time)
    {
        using (_process)
        {
            if (_process.HasExited) return;
            _process.Kill();
            using var limit = new CancellationTokenSource(patience, time);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It hangs in the kernel; its namespace is deleted all the same.
            }
        }
    }

    // After the name, which may hold anything but ends with the last bracket: field 0 is the state.
    private string[] StatFields()
    {
        var path = $"/proc/{_process.Id}/stat";
        if (_process.HasExited || PidRecord.Of(_process.Id) is null) return [];
        var line = File.ReadAllText(path);
        return line[(line.LastIndexOf(')') + 2)..].Split(' ');
    }
}
