using System.Collections.Concurrent;

namespace VioActors.Switch.DataPlane;

/// <summary>One dedicated thread in a network namespace that does slow work one by one, at most 16 waiting.</summary>
internal sealed class WorkThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = new(16);

    public WorkThread(string name, string? networkNamespace) =>
        NetworkNamespace.Start(name, networkNamespace, () =>
        {
            foreach (Action item in _work.GetConsumingEnumerable())
                item();
        });

    /// <summary>Runs a function on the thread.</summary>
    /// <exception cref="InvalidOperationException">16 others wait already.</exception>
    public Task<T> RunAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool added = _work.TryAdd(() =>
        {
            try
            {
                result.TrySetResult(function());
            }
            catch (Exception e)
            {
                result.TrySetException(e);
            }
        });
        return added ? result.Task
            : throw new InvalidOperationException("16 requests are waiting for the ports already; try again.");
    }

    public void Dispose() => _work.CompleteAdding();
}
