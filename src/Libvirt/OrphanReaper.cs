using System.Globalization;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>
/// For whoever starts libvirtd without an init that reaps promptly (labs in containers). libvirtd waits until a QEMU it
/// ended is gone, and a zombie is not: each probe of QEMU then takes 15 s. QEMU puts itself into the background, so its
/// end is told to this process once it is a subreaper. Any other orphan is taken after a second, which is long after
/// whoever started a child here would have.
/// </summary>
public static class OrphanReaper
{
    private const string Qemu = "qemu-system";
    private const int ParentField = 1;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan OthersAfter = TimeSpan.FromSeconds(1);
    private static int started;

    /// <summary>Begins, once per process, for the rest of its life.</summary>
    public static void Start(TimeProvider time)
    {
        if (Interlocked.Exchange(ref started, 1) != 0) return;
        if (NativeProcess.prctl(NativeProcess.SetChildSubreaper, 1, 0, 0, 0) == 0) _ = RunAsync(time);
    }

    private static async Task RunAsync(TimeProvider time)
    {
        var seen = new Dictionary<int, long>();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync())
        {
            var ended = AnyEnded() ? Ended() : [];
            foreach (var gone in seen.Keys.Where(pid => !ended.ContainsKey(pid)).ToList()) seen.Remove(gone);
            foreach (var (pid, name) in ended)
            {
                seen.TryAdd(pid, time.GetTimestamp());
                if (name.StartsWith(Qemu, StringComparison.Ordinal) || time.GetElapsedTime(seen[pid]) > OthersAfter)
                    Reap(pid);
            }
        }
    }

    // NoWait leaves the child to whoever waits for it.
    private static bool AnyEnded() =>
        NativeProcess.waitid(
            NativeProcess.AllChildren, 0, out var info,
            NativeProcess.Exited | NativeProcess.NoHang | NativeProcess.NoWait) == 0
        && info.Pid != 0;

    /// <summary>Zombies whose parent is this process, with their names.</summary>
    private static Dictionary<int, string> Ended()
    {
        var ended = new Dictionary<int, string>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid)
                && EndedName(directory) is { } name)
                ended[pid] = name;
        }
        return ended;
    }

    private static string? EndedName(string directory)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var (open, close) = (stat.IndexOf('('), stat.LastIndexOf(')'));
            var fields = stat[(close + 2)..].Split(' ');
            var ours = fields[ParentField] == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            return fields[0] == "Z" && ours ? stat[(open + 1)..close] : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A pid that is no child of ours is refused by the kernel.
    private static void Reap(int pid) => _ = NativeProcess.waitpid(pid, out _, NativeProcess.NoHang);
}
