namespace VioActors.Simulation.Cluster;

/// <summary>
/// Whether a server's process runs: everything that enters or leaves it passes here. One that is frozen lets things
/// pass when it wakes; one that is dead never does.
/// </summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _ended = new();
    private TaskCompletionSource _open = NewSource();
    private readonly List<Action> _deferred = [];

    /// <summary>An open gate.</summary>
    public Gate() => _open.SetResult();

    /// <summary>Its process was killed.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Its process stands still.</summary>
    public bool IsFrozen => !_open.Task.IsCompleted;

    /// <summary>Completes when its process is killed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Returns when the process runs; never when it is dead.</summary>
    public async Task PassAsync()
    {
        while (IsFrozen || IsDead)
            await (IsDead ? NewSource() : _open).Task;
    }

    /// <summary>Runs what a timer wants, now or at the thaw.</summary>
    public void Pass(Action action)
    {
        if (IsFrozen) _deferred.Add(action);
        else if (!IsDead) action();
    }

    /// <summary>SIGSTOP.</summary>
    public void Freeze()
    {
        if (!IsFrozen) _open = NewSource();
    }

    /// <summary>SIGCONT.</summary>
    public void Thaw()
    {
        if (!_open.TrySetResult()) return;
        var late = _deferred.ToList();
        _deferred.Clear();
        late.ForEach(Pass);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        IsDead = true;
        _deferred.Clear();
        _open.TrySetResult();
        _ended.TrySetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
