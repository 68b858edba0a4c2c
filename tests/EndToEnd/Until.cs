namespace VioActors.EndToEnd;

/// <summary>Waits for a condition with a bounded deadline; the failure says what was waited for.</summary>
internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(string what, Func<bool> holds, int seconds = 60) =>
        TrueAsync(() => what, () => Task.FromResult(holds()), seconds);

    public static Task TrueAsync(string what, Func<Task<bool>> holds, int seconds = 60) =>
        TrueAsync(() => what, holds, seconds);

    /// <summary>The same, with words made when it failed, so that they can say what was seen last.</summary>
    public static async Task TrueAsync(Func<string> what, Func<Task<bool>> holds, int seconds = 60)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !await holds();)
        {
            if (TimeProvider.System.GetElapsedTime(started).TotalSeconds > seconds)
                throw new TimeoutException($"Not within {seconds} s: {what()}");
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
