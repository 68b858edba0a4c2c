namespace VioActors.Libvirt.Calls;

/// <summary>One native call on its way: waiting, running, finished, or given up by its caller.</summary>
/// <remarks>The caller may stop waiting at any time; a native call that runs cannot be stopped, so its late result is
/// disposed and its late failure swallowed.</remarks>
internal sealed class PendingCall<T>(Func<T> body) : IPendingCall
{
    private const int Waiting = 0;
    private const int Running = 1;
    private const int GivenUp = 2;
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int state;
    private int abandoned;

    /// <summary>Ends with the call.</summary>
    internal Task<T> Task => completion.Task;

    /// <summary>The caller stops waiting.</summary>
    /// <returns>True when the call had not begun and never will.</returns>
    internal bool Abandon()
    {
        Volatile.Write(ref abandoned, 1);
        return Interlocked.CompareExchange(ref state, GivenUp, Waiting) == Waiting;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        if (Interlocked.CompareExchange(ref state, Running, Waiting) != Waiting)
            return;
        try
        {
            var result = body();
            completion.SetResult(result);
            if (Volatile.Read(ref abandoned) == 1)
                (result as IDisposable)?.Dispose();
        }
        catch (Exception failure)
        {
            completion.SetException(failure);
            _ = completion.Task.Exception; // observed: nobody may be waiting any more
        }
    }
}

/// <summary>A call of any result type, as a worker sees it.</summary>
internal interface IPendingCall
{
    /// <summary>Runs the call unless its caller gave up; never throws.</summary>
    void Execute();
}
