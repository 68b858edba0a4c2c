using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Monitoring;

/// <summary>
/// The samples of one host or node: readings go in, at most <see cref="HostSamples.Most"/> samples are kept, the oldest
/// go first. Not thread-safe.
/// </summary>
/// <param name="every">How long one sample is.</param>
/// <param name="rate">Two readings, seconds between them and the end as a sample; null begins anew.</param>
/// <param name="fold">Samples of one interval as one.</param>
/// <param name="end">The end of a sample.</param>
internal sealed class Series<TCounters, TSample>(
    TimeSpan every, Func<TCounters, TCounters, double, DateTimeOffset, TSample?> rate,
    Func<IReadOnlyList<TSample>, TSample> fold, Func<TSample, DateTimeOffset> end)
    where TCounters : class
    where TSample : class
{
    // Two readings closer than this say little: the kernel counts CPU time in steps of up to 10 ms.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    // After a longer silence (a host that slept) a mean over it would hide everything.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    // An interval is full when the next look would end behind it.
    private static readonly TimeSpan HalfALook = HostMonitor.Look / 2;

    private readonly Queue<TSample> _kept = new();
    private readonly List<TSample> _open = [];
    private TCounters? _before;
    private TimeSpan _beforeAt;
    private TimeSpan _opened;

    /// <summary>Takes a reading.</summary>
    /// <param name="now">The counters.</param>
    /// <param name="at">When, on a clock that never jumps.</param>
    /// <param name="wall">When, on the host's clock; what was kept of a time after it is forgotten.</param>
    public void Take(TCounters now, TimeSpan at, DateTimeOffset wall)
    {
        if (_before is { } before)
        {
            var length = at - _beforeAt;
            if (length < Shortest) return;
            if (length > Longest || rate(before, now, length.TotalSeconds, wall) is not { } sample)
                Restart();
            else
                Keep(sample, length, wall);
        }
        (_before, _beforeAt) = (now, at);
    }

    /// <summary>The newest samples after a time, oldest first, at most so many.</summary>
    public IEnumerable<TSample> Since(DateTimeOffset? since, int most)
    {
        var later = _kept.Where(one => since is null || end(one) > since).ToList();
        return later.Skip(Math.Max(0, later.Count - most));
    }

    private void Keep(TSample sample, TimeSpan length, DateTimeOffset wall)
    {
        // The host's clock was set back: those who ask for what is newer than their newest would hear nothing.
        if (_kept.Count > 0 && end(_kept.Last()) >= wall)
        {
            _kept.Clear();
            Restart();
        }
        _open.Add(sample);
        _opened += length;
        if (_opened + HalfALook < every) return;
        if (_kept.Count == HostSamples.Most) _kept.Dequeue();
        _kept.Enqueue(fold(_open));
        Restart();
    }

    private void Restart()
    {
        _open.Clear();
        _opened = TimeSpan.Zero;
    }
}
