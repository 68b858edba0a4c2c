using System.Collections.Concurrent;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Calls;

/// <summary>A few threads of our own for calls that block in C, so that a hung libvirtd never eats the thread
/// pool.</summary>
/// <remarks>Threads start when needed, are at most <paramref name="threads"/>, and end when the queue is closed. A
/// thread stuck in libvirt is a background thread: it does not keep the process alive.</remarks>
internal sealed class NativeWorkers(string name, int threads, int queueLimit, TimeProvider time) : IDisposable
{
    private readonly BlockingCollection<IPendingCall> queue = new(queueLimit);
    private readonly Lock gate = new();
    private int started;
    private int open; // calls accepted and not yet finished

    /// <summary>Runs <paramref name="body"/> on a worker and waits at most <paramref name="limit"/> for it.</summary>
    /// <param name="call">Named in failures.</param>
    /// <param name="body">The native call; runs once or, when given up before it began, never.</param>
    /// <param name="limit">Time allowed, waiting for a thread included.</param>
    /// <param name="onStuck">Called when the limit passed while the call was running.</param>
    /// <param name="cancel">Stops the waiting only; the call itself goes on.</param>
    internal async Task<T> RunAsync<T>(
        CallName call, Func<T> body, TimeSpan limit, Action? onStuck, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var pending = new PendingCall<T>(body);
        Enqueue(pending, call);
        try
        {
            return await pending.Task.WaitAsync(limit, time, cancel);
        }
        catch (TimeoutException) when (!pending.Task.IsFaulted)
        {
            if (pending.Abandon())
                throw new LibvirtException(LibvirtFailure.Timeout, call,
                    $"no free thread within {limit.TotalSeconds} s; the call was not begun");
            onStuck?.Invoke();
            throw new LibvirtException(LibvirtFailure.Timeout, call,
                $"no answer within {limit.TotalSeconds} s; observe the host over a new connection before acting again");
        }
        catch (OperationCanceledException)
        {
            pending.Abandon();
            throw;
        }
    }

    private void Enqueue(IPendingCall pending, CallName call)
    {
        lock (gate)
        {
            if (queue.IsAddingCompleted)
                throw new LibvirtException(LibvirtFailure.ConnectionLost, call, "the connection was closed by us");
            if (!queue.TryAdd(pending))
                throw new LibvirtException(LibvirtFailure.Busy, call, $"{queueLimit} calls wait already; retry later");
            open++;
            if (started < threads && open > started)
                new Thread(Work) { IsBackground = true, Name = $"libvirt-{name}-{++started}" }.Start();
        }
    }

    private void Work()
    {
        foreach (var pending in queue.GetConsumingEnumerable())
        {
            pending.Execute();
            lock (gate)
                open--;
        }
    }

    /// <summary>Takes no more calls; those accepted still run. Does not wait.</summary>
    public void Dispose()
    {
        lock (gate)
            queue.CompleteAdding();
    }
}
