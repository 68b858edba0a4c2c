using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The frames of one port for somebody who looks, in a bounded ring: what comes while it is full is counted and lost.
/// A port without one pays a comparison with null. Thread safe: each
/// lane adds, the first one reads.
/// </summary>
internal sealed class PortCapture(int id, SwitchPort port, int snapLength, TraceFilter filter, SwitchCore core)
{
    private const int HeaderBytes = 17;
    private const byte FromNodeFlag = 1;
    private const byte PartialChecksumFlag = 2;
    private const int RingBytes = 2 * 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly FrameRing _ring = new(RingBytes);
    private readonly byte[] _entry = GC.AllocateUninitializedArray<byte>(HeaderBytes + Limits.MaxFrameBytes);

    public int Id => id;

    public SwitchPort Port => port;

    /// <summary>Frames that found the ring full, since the start.</summary>
    public long Lost { get; private set; }

    /// <summary>When somebody read last; one that nobody reads ends.</summary>
    public long LastReadMs { get; private set; } = core.NowMs;

    /// <summary>Whether the port is gone and everything was read.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Takes a frame when it is wanted and there is room.</summary>
    public void Take(ReadOnlySpan<byte> superFrame, bool fromNode)
    {
        if (superFrame.Length <= Limits.VnetHeaderBytes)
            return;
        ReadOnlySpan<byte> frame = superFrame[Limits.VnetHeaderBytes..];
        if (!filter.Matches(frame, fromNode))
            return;
        using Lock.Scope adding = _lock.EnterScope();
        int kept = Math.Min(Math.Min(frame.Length, snapLength), Limits.MaxFrameBytes);
        bool partial = (superFrame[0] & 1) != 0;
        Span<byte> entry = _entry.AsSpan(0, HeaderBytes + kept);
        long now = (core.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        BinaryPrimitives.WriteInt64LittleEndian(entry, now);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], frame.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(
            entry[12..], superFrame[1] == 0 ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(superFrame[4..]));
        entry[14] = (byte)((fromNode ? FromNodeFlag : 0) | (partial ? PartialChecksumFlag : 0));
        frame[..kept].CopyTo(entry[HeaderBytes..]);
        if (!_ring.TryAdd(entry))
            Lost++;
    }

    /// <summary>Takes out what waits, oldest first, within what one message carries.</summary>
    public List<TracedFrame> Read()
    {
        LastReadMs = core.NowMs;
        using Lock.Scope reading = _lock.EnterScope();
        var frames = new List<TracedFrame>();
        for (int bytes = 0; _ring.Count > 0 && frames.Count < Limits.TraceFramesPerRead; _ring.Remove())
        {
            ReadOnlySpan<byte> entry = _ring.Peek();
            bytes += entry.Length;
            if (bytes > Limits.TraceBytesPerRead)
                break;
            byte flags = entry[14];
            frames.Add(new TracedFrame(
                BinaryPrimitives.ReadInt64LittleEndian(entry), (flags & FromNodeFlag) != 0,
                BinaryPrimitives.ReadInt32LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt16LittleEndian(entry[12..]), (flags & PartialChecksumFlag) != 0,
                entry[HeaderBytes..].ToArray()));
        }

        return frames;
    }
}

/// <summary>One captured frame.</summary>
/// <param name="UnixNs">When, in nanoseconds since 1970.</param>
/// <param name="FromNode">True when the node sent it, false when it was delivered to the node.</param>
/// <param name="Length">Bytes that it had.</param>
/// <param name="SegmentBytes">
/// Not 0: it is a super-frame, several TCP or UDP segments of so many bytes that are cut later, or never.
/// </param>
/// <param name="HasPartialChecksum">Whether its transport checksum is not complete yet.</param>
/// <param name="Bytes">Its first bytes (base64 in JSON).</param>
public sealed record TracedFrame(
    long UnixNs, bool FromNode, int Length, int SegmentBytes, bool HasPartialChecksum, byte[] Bytes);
