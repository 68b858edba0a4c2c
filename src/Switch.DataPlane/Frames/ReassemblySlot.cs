using System.Numerics;

namespace VioActors.Switch.DataPlane;

/// <summary>What a slice did to its super-frame.</summary>
internal enum SliceFit
{
    /// <summary>It is not complete yet.</summary>
    Waits,

    /// <summary>It is complete.</summary>
    Completes,

    /// <summary>Slices that contradict each other: the super-frame is given up.</summary>
    Contradicts,
}

/// <summary>One super-frame under reassembly: a preallocated buffer, and which parts of it have come.</summary>
internal sealed class ReassemblySlot
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);
    private readonly byte[] _parity = GC.AllocateUninitializedArray<byte>(Limits.MaxDatagramBytes, pinned: true);
    private readonly int[] _starts = new int[Limits.MaxSlices];
    private readonly int[] _ends = new int[Limits.MaxSlices];
    private int _total;
    private int _count;
    private int _parityBytes;
    private ulong _seen;

    /// <summary>0 when it is nobody's.</summary>
    public uint Session { get; set; }

    public uint FrameId { get; private set; }
    public ulong Origin { get; private set; }
    public bool Forwarded { get; private set; }
    public long StartedMs { get; private set; }

    /// <summary>Rises with each super-frame that was begun.</summary>
    public long Order { get; private set; }

    /// <summary>Complete, or given up.</summary>
    public bool IsDone { get; set; } = true;

    /// <summary>One slice was made of the others and the parity.</summary>
    public bool WasRecovered { get; private set; }

    /// <summary>The super-frame; only what <see cref="Has"/> says has come.</summary>
    public Span<byte> Bytes => _buffer.AsSpan(0, _total);

    /// <summary>What has come of its start without a hole.</summary>
    public ReadOnlySpan<byte> Prefix
    {
        get
        {
            int end = 0;
            for (int i = 0; i < _count && (_seen & 1UL << i) != 0 && _starts[i] == end; i++)
                end = _ends[i];
            return _buffer.AsSpan(0, end);
        }
    }

    public void Begin(uint session, in SliceHeader header, long nowMs, long order)
    {
        Session = session;
        FrameId = header.FrameId;
        Origin = header.Origin;
        Forwarded = header.Forwarded;
        StartedMs = nowMs;
        Order = order;
        _total = header.Total;
        _count = header.Count;
        _seen = 0;
        _parityBytes = 0;
        (IsDone, WasRecovered) = (false, false);
    }

    /// <summary>Takes one slice, or the parity of all.</summary>
    public SliceFit Put(in SliceHeader header, ReadOnlySpan<byte> payload)
    {
        if (_total != header.Total || _count != header.Count || Origin != header.Origin)
            return SliceFit.Contradicts;
        if (header.IsParity)
        {
            payload.CopyTo(_parity);
            _parityBytes = payload.Length;
        }
        else if ((_seen & 1UL << header.Index) != 0)
        {
            return SliceFit.Waits;
        }
        else
        {
            _seen |= 1UL << header.Index;
            _starts[header.Index] = header.Offset;
            _ends[header.Index] = header.Offset + payload.Length;
            payload.CopyTo(_buffer.AsSpan(header.Offset));
        }

        int missing = _count - BitOperations.PopCount(_seen);
        if (missing == 1 && _parityBytes > 0)
            return Recover();
        if (missing > 0)
            return SliceFit.Waits;

        // The slices must tile the frame, or bytes of an earlier frame in this buffer would show through a hole.
        for (int i = 1; i < _count; i++)
        {
            if (_starts[i] != _ends[i - 1])
                return SliceFit.Contradicts;
        }

        return SliceFit.Completes;
    }

    /// <summary>Whether all of these bytes have come.</summary>
    public bool Has(int start, int end)
    {
        for (int i = 0; i < _count && start < end; i++)
        {
            if ((_seen & 1UL << i) != 0 && _starts[i] <= start && start < _ends[i])
                start = _ends[i];
        }

        return start >= end;
    }

    // The parity is as long as each slice but the last.
    private SliceFit Recover()
    {
        int lost = BitOperations.TrailingZeroCount(~_seen);
        for (int i = 0; i < _count; i++)
        {
            if (i != lost && (_starts[i] != i * _parityBytes || _ends[i] != EndOf(i)))
                return SliceFit.Contradicts;
        }

        Span<byte> made = _buffer.AsSpan(lost * _parityBytes, EndOf(lost) - lost * _parityBytes);
        _parity.AsSpan(0, made.Length).CopyTo(made);
        for (int i = 0; i < _count; i++)
        {
            if (i != lost)
                Parity.Xor(made, _buffer.AsSpan(_starts[i], Math.Min(made.Length, _ends[i] - _starts[i])));
        }

        WasRecovered = true;
        return SliceFit.Completes;
    }

    private int EndOf(int slice) => Math.Min((slice + 1) * _parityBytes, _total);
}
