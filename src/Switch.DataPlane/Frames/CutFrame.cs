namespace VioActors.Switch.DataPlane;

/// <summary>
/// A super-frame as a port gets it that cannot do everything by itself: uncut TCP becomes segments, as a network card
/// would send them, and what is only half summed gets its whole checksum. A port that can do all of it gets it as it
/// is.
/// </summary>
internal readonly ref struct CutFrame
{
    private readonly ReadOnlySpan<byte> _all;
    private readonly TcpSuperFrame _tcp;
    private readonly bool _isCut;
    private readonly bool _completes;

    /// <param name="superFrame">What is to be delivered; borrowed.</param>
    /// <param name="can">What the port can do by itself.</param>
    public CutFrame(ReadOnlySpan<byte> superFrame, PortOffloads can)
    {
        _all = superFrame;
        PortOffloads missing = VirtioHeader.Needs(superFrame) & ~can;
        _completes = (can & PortOffloads.Checksum) == PortOffloads.None;
        if ((missing & ~PortOffloads.Checksum) == PortOffloads.None)
        {
            (Count, Bytes) = (1, superFrame.Length - Limits.VnetHeaderBytes);
            return;
        }

        if (!TcpSuperFrame.TryParse(superFrame, out _tcp) || !VirtioHeader.IsTcpChecksum(superFrame))
            return;

        _isCut = true;
        int payload = superFrame.Length - _tcp.HeaderBytes;
        Count = Math.Max(1, (payload + _tcp.SegmentBytes - 1) / _tcp.SegmentBytes);
        Bytes = Count * (_tcp.HeaderBytes - Limits.VnetHeaderBytes) + payload;
    }

    /// <summary>Frames that it becomes; 0 when the port cannot have it.</summary>
    public int Count { get; }

    /// <summary>Bytes of all of them, without virtio headers.</summary>
    public int Bytes { get; }

    /// <summary>Whether the port can have the super-frame itself.</summary>
    public bool IsWhole => Count == 1 && !_isCut && (!_completes || (_all[0] & VirtioHeader.NeedsChecksum) == 0);

    /// <summary>Writes one frame with its virtio header.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>.</param>
    /// <param name="to">As large as the super-frame.</param>
    /// <returns>Its length; 0 when its header is wrong.</returns>
    public int Write(int index, Span<byte> to)
    {
        int length = _all.Length;
        if (_isCut)
        {
            int end = Math.Min(_tcp.HeaderBytes + (index + 1) * _tcp.SegmentBytes, _all.Length);
            length = _tcp.Write(_all, index, end, to);
        }
        else
        {
            _all.CopyTo(to);
        }

        return !_completes || VirtioHeader.Complete(to[..length]) ? length : 0;
    }
}
