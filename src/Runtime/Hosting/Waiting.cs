using System.Collections.Concurrent;

namespace VioActors.Runtime;

/// <summary>
/// Callers who wait for an answer, so that all of them hear of it when the system ends. Thread-safe. Telling each one,
/// rather than letting each race against the end, keeps every continuation on the scheduler of its caller.
/// </summary>
internal sealed class Waiting
{
    private readonly ConcurrentDictionary<Entry, Action> _entries = [];
    private volatile bool _hasEnded;

    /// <summary>Adds a caller; dispose the entry when it has its answer.</summary>
    /// <param name="ended">Called at most once, when the system ends, or at once when it has.</param>
    public IDisposable Add(Action ended)
    {
        var entry = new Entry(this);
        _entries[entry] = ended;
        if (_hasEnded)
            EndAll();
        return entry;
    }

    public void EndAll()
    {
        _hasEnded = true;
        foreach (var entry in _entries.Keys)
        {
            if (_entries.TryRemove(entry, out var ended))
                ended();
        }
    }

    private sealed class Entry(Waiting waiting) : IDisposable
    {
        public void Dispose() => waiting._entries.TryRemove(this, out _);
    }
}
