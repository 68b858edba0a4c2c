namespace VioActors.Bench.Overlay;

/// <summary>
/// Frames that wait for their time, first in, first out, in room that is made once. Not thread safe.
/// </summary>
/// <param name="places">How many can wait.</param>
/// <param name="bytes">How many bytes they can have together, less one longest frame at the worst.</param>
internal sealed class DelayLine(int places, int bytes)
{
    /// <summary>Bytes of the longest frame: a super-frame of 64 KiB with its headers.</summary>
    public const int MostFrame = 65_600;

    private readonly byte[] _room = new byte[bytes];
    private readonly (int Start, int Length, long Due)[] _frames = new (int, int, long)[places];
    private int _first;
    private int _end;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>When the first frame is due; only while one waits.</summary>
    public long FirstDue => _frames[_first].Due;

    /// <summary>The frame that waits longest; only while one waits.</summary>
    public Span<byte> First => _room.AsSpan(_frames[_first].Start, _frames[_first].Length);

    /// <summary>Room for the next frame; empty when there is none.</summary>
    public Span<byte> Free
    {
        get
        {
            if (Count == places) return default;
            if (Count == 0) _end = 0;
            var start = Count == 0 ? _room.Length : _frames[_first].Start;
            if (_end < start) return start - _end > MostFrame || Count == 0 ? Longest(_end) : default;
            if (_room.Length - _end >= MostFrame) return Longest(_end);
            // No frame is torn: the rest stays empty, and the next begins in front.
            if (start <= MostFrame) return default;
            _end = 0;
            return Longest(0);
        }
    }

    /// <summary>
    /// Keeps what was written to the beginning of <see cref="Free"/>, which was asked for just before.
    /// </summary>
    public void Add(int length, long due)
    {
        _frames[(_first + Count) % places] = (_end, length, due);
        _end += length;
        Count++;
    }

    /// <summary>Forgets the first frame.</summary>
    public void RemoveFirst()
    {
        _first = (_first + 1) % places;
        Count--;
    }

    private Span<byte> Longest(int start) => _room.AsSpan(start, MostFrame);
}
