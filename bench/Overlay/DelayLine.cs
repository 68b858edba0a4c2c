namespace VioActors.Bench.Overlay;

/// <summary>
/// Frames that wait for their time, first in, first out, in places that are made once. Not thread safe.
/// </summary>
internal sealed class DelayLine(int places)
{
    /// <summary>Bytes of the longest frame.</summary>
    public const int MostFrame = 1600;

    private readonly byte[] _frames = new byte[places * MostFrame];
    private readonly int[] _lengths = new int[places];
    private readonly long[] _due = new long[places];
    private int _first;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no place is free.</summary>
    public bool IsFull => Count == places;

    /// <summary>When the first frame is due; only while one waits.</summary>
    public long FirstDue => _due[_first];

    /// <summary>The frame that waits longest; only while one waits.</summary>
    public Span<byte> First => _frames.AsSpan(_first * MostFrame, _lengths[_first]);

    /// <summary>The place for the next frame; only while not full.</summary>
    public Span<byte> Free => _frames.AsSpan(Next * MostFrame, MostFrame);

    private int Next => (_first + Count) % places;

    /// <summary>Keeps what was written to the free place.</summary>
    public void Add(int bytes, long due)
    {
        (_lengths[Next], _due[Next]) = (bytes, due);
        Count++;
    }

    /// <summary>Forgets the first frame.</summary>
    public void RemoveFirst()
    {
        _first = (_first + 1) % places;
        Count--;
    }
}
