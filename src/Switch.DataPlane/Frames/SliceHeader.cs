using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The authenticated header of one slice of a super-frame (virtio header and Ethernet frame). The layout is
/// documented in docs/decisions/0002-tunnel-format.md; all numbers are big-endian.
/// </summary>
/// <param name="FrameId">Counts the super-frames of one session and direction.</param>
/// <param name="Index">Position of this slice, from 0.</param>
/// <param name="Count">Slices of the super-frame, 1 to <see cref="Limits.MaxSlices"/>.</param>
/// <param name="Offset">First byte of this slice in the super-frame.</param>
/// <param name="Total">Bytes of the whole super-frame.</param>
/// <param name="HeaderLength">Bytes of virtio, Ethernet, IP and transport headers at its start; 0 when not
/// known.</param>
/// <param name="Origin">Tag of the environment whose port sent the frame.</param>
/// <param name="Forwarded">True when a source host passed on a straggler; such a frame is never passed on
/// again.</param>
internal readonly record struct SliceHeader(
    uint FrameId, byte Index, byte Count, int Offset, int Total, ushort HeaderLength, ulong Origin, bool Forwarded)
{
    public const int Bytes = 28;
    private const byte ForwardedFlag = 1;
    private const byte ParityFlag = 2;

    /// <summary>
    /// The payload is the parity of all slices and as long as the longest (<see cref="Parity"/>); index and offset are
    /// 0.
    /// </summary>
    public bool IsParity { get; init; }

    /// <summary>Its datagram met congestion on the way; not in the header itself.</summary>
    public bool Marked { get; init; }

    public void Write(Span<byte> to)
    {
        to[0] = MessageKind.Slice;
        to[1] = (byte)((Forwarded ? ForwardedFlag : 0) | (IsParity ? ParityFlag : 0));
        to[2] = Index;
        to[3] = Count;
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], FrameId);
        BinaryPrimitives.WriteInt32BigEndian(to[8..], Offset);
        BinaryPrimitives.WriteInt32BigEndian(to[12..], Total);
        BinaryPrimitives.WriteUInt16BigEndian(to[16..], HeaderLength);
        BinaryPrimitives.WriteUInt16BigEndian(to[18..], 0);
        BinaryPrimitives.WriteUInt64BigEndian(to[20..], Origin);
    }

    /// <summary>
    /// Reads and checks a header and the length of the payload behind it; false for anything inconsistent.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> plaintext, out SliceHeader header)
    {
        header = default;
        if (plaintext.Length <= Bytes || plaintext[0] != MessageKind.Slice
            || (plaintext[1] & ~(ForwardedFlag | ParityFlag)) != 0)
            return false;
        header = new SliceHeader(
            BinaryPrimitives.ReadUInt32BigEndian(plaintext[4..]), plaintext[2], plaintext[3],
            BinaryPrimitives.ReadInt32BigEndian(plaintext[8..]), BinaryPrimitives.ReadInt32BigEndian(plaintext[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(plaintext[16..]),
                BinaryPrimitives.ReadUInt64BigEndian(plaintext[20..]),
            (plaintext[1] & ForwardedFlag) != 0)
        {
            IsParity = (plaintext[1] & ParityFlag) != 0,
        };
        int length = plaintext.Length - Bytes;
        if (header.IsParity)
        {
            return header is { Count: >= 2 and <= Limits.MaxSlices, Index: 0, Offset: 0 }
                && header.Total is > Limits.VnetHeaderBytes and <= Limits.MaxSuperFrameBytes
                && CountFor(header.Total, length) == header.Count;
        }

        return header.Count is >= 1 and <= Limits.MaxSlices && header.Index < header.Count
            && header.Total is > Limits.VnetHeaderBytes and <= Limits.MaxSuperFrameBytes
            && header.Offset >= 0 && header.Offset <= header.Total - length
            && (header.Index == 0) == (header.Offset == 0)
            && (header.Index == header.Count - 1) == (header.Offset + length == header.Total);
    }

    /// <summary>How many slices a super-frame of <paramref name="total"/> bytes needs.</summary>
    public static int CountFor(int total, int maxPayload) => (total + maxPayload - 1) / maxPayload;
}
