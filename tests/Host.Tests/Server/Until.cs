using System.Runtime.CompilerServices;

namespace VioActors.Host.Tests.Server;

/// <summary>Waits for a condition with a bounded deadline; the failure shows the condition.</summary>
internal static class Until
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TestSite.Deadline,
                $"Not within {TestSite.Deadline.TotalSeconds} s: {what}");
            await Task.Delay(Step, TimeProvider.System, CancellationToken.None);
        }
    }
}
