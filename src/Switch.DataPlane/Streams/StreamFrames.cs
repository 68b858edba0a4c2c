using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>Datagrams in a stream: 2 bytes of length, big-endian, and the datagram.</summary>
internal static class StreamFrames
{
    public const int PrefixBytes = 2;

    /// <summary>Largest datagram in a stream.</summary>
    public const int MaxBytes = Limits.MaxDatagramBytes + RelayHeader.Bytes;

    /// <summary>
    /// Bytes of the datagram behind the prefix at the start; 0 when not all of it is there, -1 for what is none.
    /// </summary>
    public static int Length(ReadOnlySpan<byte> buffered)
    {
        if (buffered.Length < PrefixBytes)
            return 0;
        int length = BinaryPrimitives.ReadUInt16BigEndian(buffered);
        if (length is < DatagramHeader.Bytes or > MaxBytes)
            return -1;
        return buffered.Length >= PrefixBytes + length ? length : 0;
    }

    /// <summary>Writes prefix and datagram; gives the bytes of both.</summary>
    public static int Write(Span<byte> to, ReadOnlySpan<byte> datagram)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)datagram.Length);
        datagram.CopyTo(to[PrefixBytes..]);
        return PrefixBytes + datagram.Length;
    }
}
