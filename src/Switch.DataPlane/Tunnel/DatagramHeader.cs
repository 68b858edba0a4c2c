using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>What a datagram is.</summary>
internal enum DatagramType : byte
{
    Init = 1,
    Response = 2,
    Data = 4,

    /// <summary>Has a <see cref="RelayHeader"/>.</summary>
    Relayed = 8,
}

/// <summary>The first 16 bytes of every datagram, in clear: type, version, lane, receiver's session, counter.</summary>
internal readonly record struct DatagramHeader(DatagramType Type, byte Version, byte Lane, uint Session, ulong Counter)
{
    public const int Bytes = 16;

    /// <summary>The newest tunnel version that this build speaks.</summary>
    public const byte MaxVersion = 1;

    /// <summary>The oldest one (the previous release's newest, once there is one).</summary>
    public const byte MinVersion = 1;

    public void Write(Span<byte> to)
    {
        to[0] = (byte)Type;
        to[1] = Version;
        to[2] = Lane;
        to[3] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], Session);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], Counter);
    }

    public static bool TryRead(ReadOnlySpan<byte> datagram, out DatagramHeader header)
    {
        header = default;
        if (datagram.Length < Bytes || datagram[0] is not (1 or 2 or 4) || datagram[3] != 0)
            return false;
        header = new DatagramHeader((DatagramType)datagram[0], datagram[1], datagram[2],
            BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]), BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]));
        return true;
    }
}
