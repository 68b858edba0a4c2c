namespace VioActors.Host.Tests.Server;

/// <summary>Waits for a condition with a bounded deadline.</summary>
internal static class Until
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TestSite.Deadline, "The condition did not become true in time.");
            await Task.Delay(Step, TimeProvider.System, CancellationToken.None);
        }
    }
}
