using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The 16 bytes in clear before a datagram that another host passes on: type, hops left, lane, reserved, session of the
/// hop's receiver, tag of the host that the datagram is for. The datagram behind it stays sealed from end to end.
/// </summary>
/// <param name="Hops">How many more hosts may pass it on.</param>
/// <param name="Lane">Of the sender of this hop.</param>
/// <param name="Session">The receiver's id of its session with the sender of this hop.</param>
/// <param name="To">The last receiver: the tag of the host, plus the lane.</param>
internal readonly record struct RelayHeader(byte Hops, byte Lane, uint Session, ulong To)
{
    public const int Bytes = 16;

    /// <summary>Whether a datagram is one to be passed on, or was.</summary>
    public static bool Is(ReadOnlySpan<byte> datagram) =>
        datagram.Length > 0 && datagram[0] == (byte)DatagramType.Relayed;

    public void Write(Span<byte> to)
    {
        to[0] = (byte)DatagramType.Relayed;
        to[1] = Hops;
        to[2] = Lane;
        to[3] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], Session);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], To);
    }

    /// <summary>False for garbage, also when nothing follows that could be one of our datagrams.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out RelayHeader header)
    {
        header = default;
        if (datagram.Length < Bytes + DatagramHeader.Bytes || !Is(datagram) || datagram[3] != 0
            || datagram[1] > Limits.MaxRelayHops || Is(datagram[Bytes..]))
        {
            return false;
        }

        header = new RelayHeader(datagram[1], datagram[2], BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]));
        return true;
    }
}
