namespace VioActors.Switch.DataPlane;

/// <summary>What a queue did to a frame.</summary>
internal enum QueueVerdict
{
    Passes,

    /// <summary>It passes, and tells its sender to slow down.</summary>
    Marked,

    /// <summary>It is lost, which tells its sender the same.</summary>
    Lost,
}

/// <summary>
/// Finds a queue that stands: one that is long because its senders keep it so, not because a burst came. The rule is
/// that of CoDel (RFC 8289) with one difference: the kernel does not tell how long a frame waited, so the sign of a
/// good queue is that it is empty now and then. One that was not for an interval stands. Then one frame of it after
/// the other tells its sender so, sooner and sooner, until it has been empty once.
/// </summary>
internal sealed class StandingQueue
{
    /// <summary>How long a burst may keep the queue from being empty, microseconds.</summary>
    public const long IntervalUs = 20_000;

    private bool _isEmpty = true;
    private bool _stands;
    private long _sinceUs;
    private long _nextUs;
    private int _signals;

    /// <summary>Before a drain.</summary>
    /// <param name="nowUs">Monotonic microseconds, as everywhere here.</param>
    public void Starts(long nowUs)
    {
        // What was left empty was empty until just now.
        if (_isEmpty)
            _sinceUs = nowUs;
        if (nowUs - _nextUs > 8 * IntervalUs)
            _signals = 0;
    }

    /// <summary>One frame of the queue: it may have to tell its sender.</summary>
    /// <param name="superFrame">Virtio header and frame; marked in place.</param>
    /// <param name="nowUs">Now.</param>
    public QueueVerdict Take(Span<byte> superFrame, long nowUs)
    {
        if (!MustSignal(nowUs))
            return QueueVerdict.Passes;
        bool stays = Ecn.Signal(superFrame, out bool taken);
        if (!taken)
            return QueueVerdict.Passes;
        Signalled(nowUs);
        return stays ? QueueVerdict.Marked : QueueVerdict.Lost;
    }

    /// <summary>Whether the next frame that can shall tell its sender to slow down.</summary>
    public bool MustSignal(long nowUs) => !_isEmpty && nowUs - _sinceUs > IntervalUs && nowUs >= _nextUs;

    /// <summary>A frame has told its sender.</summary>
    public void Signalled(long nowUs)
    {
        _stands = true;
        _signals++;
        _nextUs = nowUs + (long)(IntervalUs / Math.Sqrt(_signals));
    }

    /// <summary>After a drain.</summary>
    public void Ends(bool isEmpty)
    {
        // One that stands again soon goes on at nearly the pace that was needed (RFC 8289, 5.4).
        if (isEmpty && _stands)
            (_stands, _signals) = (false, Math.Max(_signals - 2, 0));
        _isEmpty = isEmpty;
    }
}
