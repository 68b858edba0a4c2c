using System.Collections.Concurrent;
using System.Diagnostics;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>
/// Starts the processes of a lab in their machines, watches them and starts them again with growing pauses. Thread-
/// safe. When it dies the processes go on; another process can end them by their records.
/// </summary>
internal sealed class LabSupervisor(
    LabPlan plan, Cgroups cgroups, Signals signals, TimeProvider time, IProgress<LabEvent> progress)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Watched> _watched = new();

    /// <summary>Starts a process; returns when it runs (not when it is ready).</summary>
    /// <exception cref="InvalidOperationException">A process of that name is watched already.</exception>
    /// <exception cref="LabException">The program could not be started.</exception>
    public void Start(LabProcess process)
    {
        var watched = new Watched(process);
        if (!_watched.TryAdd(process.Name, watched))
        {
            throw new InvalidOperationException($"'{process.Name}' is watched already");
        }

        watched.Loop = WatchAsync(watched, Spawn(watched));
    }

    /// <summary>The living process of that name, or null while it is down.</summary>
    public PidRecord? RecordOf(string name) =>
        _watched.TryGetValue(name, out var watched) && watched.Current is { IsAlive: true } record ? record : null;

    /// <summary>Names of the watched processes.</summary>
    public IReadOnlyCollection<string> Names => [.. _watched.Keys];

    /// <summary>Ends a process with SIGKILL, as a fault would; it comes back if it is one that restarts.</summary>
    /// <exception cref="LabException">No such process runs now.</exception>
    public async Task KillAsync(string name, CancellationToken cancel)
    {
        var record = RecordOf(name) ?? throw new LabException($"lab {plan.Id} runs no process '{name}' now");
        Signals.Kill(record);
        await signals.WaitAsync(() => !record.IsAlive, StopTime, cancel);
    }

    /// <summary>
    /// Ends a process for good: SIGTERM, then SIGKILL after five seconds. Nothing happens when it is not watched.
    /// </summary>
    public async Task StopAsync(string name, CancellationToken cancel)
    {
        if (!_watched.TryRemove(name, out var watched))
        {
            return;
        }

        await watched.Stopping.CancelAsync();
        if (watched.Current is { } record)
        {
            await signals.TerminateAsync(record, cancel);
            if (!await signals.WaitAsync(() => !record.IsAlive, StopTime, cancel))
            {
                Signals.Kill(record);
            }
        }

        await watched.Loop;
        File.Delete(PidFile(name));
    }

    /// <summary>Ends all processes, the last started machine's first.</summary>
    public Task StopAllAsync(CancellationToken cancel) =>
        Task.WhenAll(Names.Select(name => StopAsync(name, cancel)));

    /// <summary>The command line that becomes a program inside a machine.</summary>
    internal static IReadOnlyList<string> Enter(
        string log, IEnumerable<string> joinFiles, IEnumerable<string> command) =>
        ["-c", EmbeddedScript.Text("enter.sh"), "enter", log, .. joinFiles, "--", .. command];

    /// <summary>Starts a program with the lab's clean environment; its process id is that of the program.</summary>
    internal static Process Launch(
        LabPlan plan, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> extra)
    {
        var start = new ProcessStartInfo("sh", arguments) { WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["HOME"] = "/var/lib/vio";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment[LabPlan.Marker] = plan.Id;
        foreach (var (name, value) in extra)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new LabException("sh could not be started");
    }

    private Process Spawn(Watched watched)
    {
        var process = watched.Process;
        var machine = process.Machine;
        var holder = PidRecord.Load(PidFile(machine.Name + "/namespaces"))
            ?? throw new LabException($"machine {machine.Name} of lab {plan.Id} has no namespaces");
        var log = Path.Combine(plan.LogDirectory, process.Name.Replace('/', '-') + ".log");
        string[] command =
        [
            "nsenter", $"--target={holder.Pid}", "--mount", "--uts", "--net", "--cgroup", "--", .. process.FullCommand,
        ];
        var started = Launch(plan, Enter(log, cgroups.JoinFiles(machine.Namespace), command), process.Environment);
        watched.Current = PidRecord.Of(started.Id);
        watched.Current?.Save(PidFile(process.Name));
        return started;
    }

    private async Task WatchAsync(Watched watched, Process running)
    {
        var pause = FirstPause;
        while (true)
        {
            var startedAt = time.GetTimestamp();
            using (running)
            {
                await running.WaitForExitAsync(CancellationToken.None);
                watched.Current = null;
                if (watched.Stopping.IsCancellationRequested)
                {
                    return;
                }

                progress.Report(new LabEvent($"{watched.Process.Name} ended with {running.ExitCode}"));
            }

            if (!watched.Process.Restart)
            {
                return;
            }

            // A process that ran for a while failed by accident; one that fails at once would only burn the machine.
            pause = time.GetElapsedTime(startedAt) > LongestPause * 2 ? FirstPause : pause;
            try
            {
                await Task.Delay(pause, time, watched.Stopping.Token);
                running = Spawn(watched);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private string PidFile(string name) => Path.Combine(plan.PidDirectory, name.Replace('/', '-'));

    private sealed class Watched(LabProcess process)
    {
        private readonly Lock _gate = new();
        private PidRecord? _current;

        public LabProcess Process { get; } = process;

        public CancellationTokenSource Stopping { get; } = new();

        public Task Loop { get; set; } = Task.CompletedTask;

        public PidRecord? Current
        {
            get
            {
                lock (_gate)
                {
                    return _current;
                }
            }

            set
            {
                lock (_gate)
                {
                    _current = value;
                }
            }
        }
    }
}
