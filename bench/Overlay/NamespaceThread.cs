using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Overlay;

/// <summary>Runs measuring code on a thread of its own inside a network namespace.</summary>
internal static class NamespaceThread
{
    /// <summary>Runs it; what it throws comes out of the task.</summary>
    public static Task<T> RunAsync<T>(string space, Func<T> body)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                OverlayPriority.Raise();
                NetworkNamespace.Enter(Underlay.PathOf(space));
                done.SetResult(body());
            }
            catch (Exception failed)
            {
                done.SetException(failed as BenchException ?? new BenchException($"in {space}: {failed.Message}"));
            }
        })
        { IsBackground = true, Name = "overlay-bench" };
        thread.Start();
        return done.Task;
    }
}
