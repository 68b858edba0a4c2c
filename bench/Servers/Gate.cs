namespace VioActors.Bench.Servers;

/// <summary>Open or closed. Thread-safe.</summary>
internal sealed class Gate
{
    private volatile TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes it, open.</summary>
    public Gate() => Open();

    /// <summary>Completed while it is open.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Whoever comes from now on waits.</summary>
    public void Close()
    {
        if (_opened.Task.IsCompleted) _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Whoever waits goes on.</summary>
    public void Open() => _opened.TrySetResult();
}
