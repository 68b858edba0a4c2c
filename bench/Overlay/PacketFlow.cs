namespace VioActors.Bench.Overlay;

/// <summary>Packets under way, known from what was sent and what arrived only. Not thread safe.</summary>
/// <param name="time">Clock.</param>
/// <param name="longestWay">When nothing arrived for so long, all that is under way was lost.</param>
/// <param name="most">How many may be under way.</param>
internal sealed class PacketFlow(TimeProvider time, TimeSpan longestWay, int most)
{
    private long _underWay;
    private long _lastProgress;
    private uint? _counter;

    /// <summary>How many arrived.</summary>
    public long Received { get; private set; }

    /// <summary>Notes packets that were sent.</summary>
    public void Sent(int count)
    {
        if (_underWay == 0) _lastProgress = time.GetTimestamp();
        _underWay += count;
    }

    /// <summary>Notes what a counter that wraps around says; its first value is the beginning.</summary>
    public void Arrived(uint counter)
    {
        var more = counter - (_counter ?? counter);
        _counter = counter;
        if (more > 0)
        {
            Received += more;
            _underWay = Math.Max(0, _underWay - more);
            _lastProgress = time.GetTimestamp();
        }
        else if (_underWay > 0 && time.GetElapsedTime(_lastProgress) > longestWay)
        {
            _underWay = 0;
        }
    }

    /// <summary>Whether some more may be sent now.</summary>
    public bool HasRoomFor(int count) => _underWay + count <= most;
}
