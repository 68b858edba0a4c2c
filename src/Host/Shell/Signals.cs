using System.Diagnostics;
using System.Globalization;

namespace VioActors.Daemon.Shell;

/// <summary>Ends processes that may not be our children, checked by pid and start time first.</summary>
internal sealed class Signals(ProcessRunner runner, TimeProvider time)
{
    /// <summary>Asks a process to end (SIGTERM); nothing happens when it is gone.</summary>
    public async Task TerminateAsync(PidRecord process, CancellationToken cancel = default)
    {
        if (process.IsAlive)
        {
            // The shell's own kill: minimal systems lack the program. An exit code says only that it was gone already.
            var pid = process.Pid.ToString(CultureInfo.InvariantCulture);
            await runner.TryAsync(new ProcessCommand("sh", "-c", "kill -TERM \"$1\"", "sh", pid), cancel);
        }
    }

    /// <summary>Ends a process with SIGKILL; nothing happens when it is gone.</summary>
    public static void Kill(PidRecord process)
    {
        if (!process.IsAlive)
        {
            return;
        }

        try
        {
            using var target = Process.GetProcessById(process.Pid);
            target.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // It ended between the check and the signal.
        }
    }

    /// <summary>Waits until a condition holds; false when the time is over first.</summary>
    public async Task<bool> WaitAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancel = default)
    {
        for (var started = time.GetTimestamp(); !condition();)
        {
            if (time.GetElapsedTime(started) > patience)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancel);
        }

        return true;
    }
}
