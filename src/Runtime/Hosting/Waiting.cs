using System.Collections.Concurrent;

namespace VioActors.Runtime;

/// <summary>
/// Callers who wait for an answer, so that all of them hear of it when the system ends. Thread-safe. Telling each one,
/// rather than letting each race against the end, keeps every continuation on the scheduler of its caller. They hear in
/// the order in which they came, so that a simulated run depends on nothing but its seed.
/// </summary>
internal sealed class Waiting
{
    private readonly ConcurrentDictionary<long, Action> _entries = [];
    private long _last;
    private volatile bool _hasEnded;

    /// <summary>
    /// Ends when that one does, on the scheduler of the caller: what combines tasks would go on elsewhere otherwise.
    /// </summary>
    public static async Task HereAsync(Task task) => await task;

    /// <summary>Adds a caller; dispose the entry when it has its answer.</summary>
    /// <param name="ended">Called at most once, when the system ends, or at once when it has.</param>
    public IDisposable Add(Action ended)
    {
        var number = Interlocked.Increment(ref _last);
        _entries[number] = ended;
        if (_hasEnded)
            EndAll();
        return new Entry(this, number);
    }

    public void EndAll()
    {
        _hasEnded = true;
        TellAll();
    }

    /// <summary>Tells everybody who waits now, once.</summary>
    public void TellAll()
    {
        foreach (var number in _entries.Keys.Order())
        {
            if (_entries.TryRemove(number, out var ended))
                ended();
        }
    }

    private sealed class Entry(Waiting waiting, long number) : IDisposable
    {
        public void Dispose() => waiting._entries.TryRemove(number, out _);
    }
}
