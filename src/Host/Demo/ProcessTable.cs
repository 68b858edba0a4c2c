using System.ComponentModel;
using System.Diagnostics;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Demo;

/// <summary>Looks at the machine's processes in /proc, not at any record of ours.</summary>
internal static class ProcessTable
{
    /// <summary>
    /// How many processes have <c>-uuid ID</c> among their arguments: the copies of a node that QEMU runs.
    /// </summary>
    public static int CountUuid(string uuid) => WithUuid(uuid).Count();

    /// <summary>The CPU time that these processes have got since their start.</summary>
    public static TimeSpan CpuTime(string uuid)
    {
        var sum = TimeSpan.Zero;
        foreach (var pid in WithUuid(uuid))
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                sum += process.TotalProcessorTime;
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It ended since it was listed.
            }
        }

        return sum;
    }

    /// <summary>
    /// The first process in a control group (by a part of its path) with this argument; null when there is none.
    /// </summary>
    public static PidRecord? Find(string cgroup, string argument) =>
        Pids().Where(
            pid => Text(pid, "cgroup").Contains(cgroup, StringComparison.Ordinal) && Arguments(pid).Contains(argument))
            .Select(PidRecord.Of)
            .FirstOrDefault(record => record is not null);

    private static IEnumerable<int> WithUuid(string uuid) =>
        Pids().Where(pid => Arguments(pid) is var words
            && words.Zip(words.Skip(1)).Any(pair => pair.First == "-uuid" && pair.Second == uuid));

    private static IEnumerable<int> Pids() =>
        Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
            .Where(pid => pid > 0);

    private static string[] Arguments(int pid) =>
        Text(pid, "cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
