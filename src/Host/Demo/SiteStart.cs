using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>Waits for a site that is starting, whose API may not answer yet.</summary>
internal static class SiteStart
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="holds">Asks; a call that the API did not answer counts as no.</param>
    /// <param name="patience">Longest time.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null when the answer was yes; what the last one was when the time is over.</returns>
    public static async Task<string?> UntilAsync(
        Func<Task<bool>> holds, TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        var last = "it answers no";
        for (var started = time.GetTimestamp(); time.GetElapsedTime(started) < patience;)
        {
            try
            {
                if (await holds()) return null;
            }
            catch (CliException notYet)
            {
                last = notYet.Message;
            }

            await Task.Delay(Pause, time, cancel);
        }

        return last;
    }
}
