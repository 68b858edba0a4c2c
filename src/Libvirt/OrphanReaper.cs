using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>
/// For whoever starts libvirtd without an init that reaps promptly (labs in containers). libvirtd waits until a QEMU it ended
/// is gone, and a zombie is not: each probe of QEMU then takes 15 s. QEMU puts itself into the background, so its end is told
/// to this process once it is a subreaper. Other children are left to those who started them.
/// </summary>
public static class OrphanReaper
{
    private const string Prefix = "qemu-system";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static int started;

    /// <summary>Begins, once per process, for the rest of its life.</summary>
    public static void Start(TimeProvider time)
    {
        if (Interlocked.Exchange(ref started, 1) != 0) return;
        if (NativeProcess.prctl(NativeProcess.SetChildSubreaper, 1, 0, 0, 0) == 0) _ = RunAsync(time);
    }

    private static async Task RunAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync())
        {
            foreach (var pid in Ended()) Reap(pid);
        }
    }

    /// <summary>Children of ours that ended and are QEMU's. Asking for all of them at once would take others' children.</summary>
    private static List<int> Ended()
    {
        if (!AnyEnded()) return [];
        var ended = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var pid) && IsEndedQemu(directory)) ended.Add(pid);
        }
        return ended;
    }

    private static unsafe bool AnyEnded()
    {
        NativeProcess.SignalInfo info = default;
        // SAFETY: info is a siginfo_t on this stack; NoWait leaves the child to whoever waits for it.
        return NativeProcess.waitid(
            NativeProcess.AllChildren, 0, &info, NativeProcess.Exited | NativeProcess.NoHang | NativeProcess.NoWait) == 0
            && info.Pid != 0;
    }

    private static bool IsEndedQemu(string directory)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var (open, close) = (stat.IndexOf('('), stat.LastIndexOf(')'));
            return stat.AsSpan(close + 2).StartsWith("Z") && stat.AsSpan(open + 1).StartsWith(Prefix);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static unsafe void Reap(int pid)
    {
        int status;
        // SAFETY: status lives on this stack; a pid that is no child of ours is refused by the kernel.
        _ = NativeProcess.waitpid(pid, &status, NativeProcess.NoHang);
    }
}
