using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>
/// Removes everything of a lab, whatever state it is in: alive, half made, or left by a starter that was killed. Each
/// step may be repeated.
/// </summary>
internal sealed class LabCleanup(ProcessRunner runner, TimeProvider time)
{
    private static readonly TimeSpan TermTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillTime = TimeSpan.FromSeconds(10);
    private readonly Signals _signals = new(runner, time);

    /// <summary>Cleans, then counts what is left.</summary>
    /// <exception cref="ArgumentException">The id is not one; nothing was touched.</exception>
    public async Task<LabInventory> RunAsync(string id, string baseDirectory, CancellationToken cancel)
    {
        if (!LabOptions.IsId(id))
        {
            throw new ArgumentException($"'{id}' is not a lab id", nameof(id));
        }

        var root = Path.Combine(baseDirectory, id);
        var linksBefore = (LabRecord.Load(root)?.LinksBefore ?? [.. LabInventory.LinkNames()]).ToHashSet();
        await EndSupervisorAsync(Path.Combine(root, "pids", LabInstance.SupervisorRecord), cancel);
        await EndProcessesAsync(id, cancel);
        await new LabNetwork(runner).RemoveAsync(id, cancel);
        var groups = Cgroups.Detect();
        await _signals.WaitAsync(() => groups.TryRemove(LabPlan.PrefixOf(id)), KillTime, cancel);
        RemoveFiles(root, baseDirectory);
        return LabInventory.Take(id, baseDirectory, linksBefore);
    }

    private async Task EndSupervisorAsync(string record, CancellationToken cancel)
    {
        if (PidRecord.Load(record) is { IsAlive: true } supervisor && supervisor.Pid != Environment.ProcessId)
        {
            // SIGKILL, not a request: it would restart what is ended below, and has nothing that this does not clean.
            Signals.Kill(supervisor);
            await _signals.WaitAsync(() => !supervisor.IsAlive, KillTime, cancel);
        }
    }

    private async Task EndProcessesAsync(string id, CancellationToken cancel)
    {
        foreach (var process in LabInventory.FindProcesses(id))
        {
            await _signals.TerminateAsync(process, cancel);
        }

        await _signals.WaitAsync(() => LabInventory.FindProcesses(id).Count == 0, TermTime, cancel);
        await _signals.WaitAsync(
            () =>
            {
                var left = LabInventory.FindProcesses(id);
                foreach (var process in left)
                {
                    Signals.Kill(process);
                }

                return left.Count == 0;
            },
            KillTime,
            cancel);
    }

    private static void RemoveFiles(string root, string baseDirectory)
    {
        // Through a mount that stayed, deleting would reach files that are not the lab's.
        var mounted = File.ReadAllLines("/proc/self/mountinfo")
            .Any(line => line.Split(' ')[4].StartsWith(root + "/", StringComparison.Ordinal));
        if (mounted)
        {
            return;
        }

        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        if (File.Exists(LabPlan.LogOf(root)))
        {
            File.Delete(LabPlan.LogOf(root));
        }

        // Mount points made on the way are removed with the last lab: while another lab lives, its mounts stand on
        // them.
        if (Directory.Exists(baseDirectory) && !Directory.EnumerateFileSystemEntries(baseDirectory).Any())
        {
            string[] shared = [baseDirectory, "/var/lib/vio", "/etc/vio"];
            foreach (var path in shared.Where(path =>
                Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any()))
            {
                Directory.Delete(path);
            }
        }
    }
}
