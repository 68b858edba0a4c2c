namespace VioActors.Bench.Overlay;

/// <summary>Bounded waiting by polling: what is waited for belongs to other programs.</summary>
internal static class OverlayWait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="BenchException">It does not come to hold.</exception>
    public static async Task UntilAsync(
        string what, TimeProvider time, Func<Task<bool>> holds, CancellationToken cancel)
    {
        for (var start = time.GetTimestamp(); !await holds();)
        {
            if (time.GetElapsedTime(start) > Patience)
                throw new BenchException($"waited {Patience.TotalSeconds:0} s until {what}");
            await Task.Delay(Pause, time, cancel);
        }
    }
}
