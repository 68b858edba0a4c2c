using System.Collections.Concurrent;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// What comes to one lane from the others: rare events, and frames that only this lane can deliver. Both are bounded;
/// what finds no room is counted and lost. Others post, only the owner drains.
/// </summary>
internal sealed class LaneInbox(int lanes)
{
    private readonly ConcurrentQueue<Action<SwitchCore>> _events = new();
    private readonly HandOverRing?[] _rings = new HandOverRing?[lanes];
    private long _eventsLost;
    private int _waiting;
    private int _isSignalled;

    /// <summary>Ends the owner's sleep; any thread.</summary>
    public Action Wake { get; set; } = () => { };

    /// <summary>Events that found no room.</summary>
    public long EventsLost => Volatile.Read(ref _eventsLost);

    /// <summary>Frames that other lanes gave, about.</summary>
    public long Frames => _rings.Sum(ring => ring?.Added ?? 0);

    /// <summary>Frames of other lanes that found no room, about.</summary>
    public long FramesLost => _rings.Sum(ring => ring?.Lost ?? 0);

    /// <summary>Runs something on the owner's thread, soon.</summary>
    public void Post(Action<SwitchCore> what)
    {
        if (Interlocked.Increment(ref _waiting) > Limits.LaneEvents)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _eventsLost);
            return;
        }

        _events.Enqueue(what);
        Signal();
    }

    /// <summary>Gives the owner a copy of a frame; false when there is no room for it.</summary>
    /// <param name="from">The lane that gives; only its thread calls.</param>
    /// <param name="what">What to do with it.</param>
    /// <param name="superFrame">It stays with the caller.</param>
    public bool TryHandOver(int from, in HandOver what, ReadOnlySpan<byte> superFrame)
    {
        HandOverRing? ring = _rings[from];
        if (ring is null)
            Volatile.Write(ref _rings[from], ring = new HandOverRing());
        if (!ring.TryAdd(what, superFrame))
            return false;
        Signal();
        return true;
    }

    /// <summary>Does what waits, up to a batch of each lane. The owner's thread only.</summary>
    public void Drain(SwitchCore core)
    {
        if (Volatile.Read(ref _isSignalled) == 0)
            return;
        Interlocked.Exchange(ref _isSignalled, 0);
        for (int i = 0; i < Limits.Batch && _events.TryDequeue(out Action<SwitchCore>? what); i++)
        {
            Interlocked.Decrement(ref _waiting);
            what(core);
        }

        bool isEmpty = _events.IsEmpty;
        for (int lane = 0; lane < _rings.Length; lane++)
        {
            if (Volatile.Read(ref _rings[lane]) is not { } ring)
                continue;
            for (int i = 0; i < Limits.Batch && ring.TryPeek(out HandOver what, out ReadOnlySpan<byte> frame); i++)
            {
                core.HandedOver(what, frame);
                ring.Remove();
            }

            isEmpty &= ring.IsEmpty;
        }

        if (!isEmpty)
            Signal();
    }

    private void Signal()
    {
        if (Interlocked.Exchange(ref _isSignalled, 1) == 0)
            Wake();
    }
}
