namespace VioActors.Actors.Host.Agent;

/// <summary>The tasks that run, so that an owner can wait for their end. Thread-safe.</summary>
internal sealed class WorkInHand
{
    private readonly HashSet<Task> _tasks = [];
    private readonly Lock _gate = new();

    public Task<T> Track<T>(Task<T> task)
    {
        lock (_gate) _tasks.Add(task);
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    public Task EndedAsync()
    {
        lock (_gate) return Task.WhenAll(_tasks.ToArray()).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task task)
    {
        lock (_gate) _tasks.Remove(task);
    }
}
