using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Builds the few frames that the switch itself sends: ARP and ICMP echo. Each returns the frame's length.
/// </summary>
internal static class FrameWriter
{
    public const int ArpBytes = 42;
    public const int EchoBytes = 14 + 20 + 8 + 16;
    public const byte EchoRequest = 8;
    public const byte EchoReply = 0;

    public static int Arp(
        Span<byte> frame, ushort operation, MacAddress to, MacAddress senderMac, Ipv4 senderIp, MacAddress targetMac,
            Ipv4 targetIp)
    {
        to.Write(frame);
        senderMac.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], FrameView.TypeArp);
        Span<byte> arp = frame[14..];
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1);
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], FrameView.TypeIpv4);
        arp[4] = 6;
        arp[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(arp[6..], operation);
        senderMac.Write(arp[8..]);
        senderIp.Write(arp[14..]);
        targetMac.Write(arp[18..]);
        targetIp.Write(arp[24..]);
        return ArpBytes;
    }

    /// <summary>What says where a MAC is now; 60 bytes, which must be zero before.</summary>
    public static void Rarp(Span<byte> frame, MacAddress mac)
    {
        const ushort requestReverse = 3;
        Arp(frame, requestReverse, MacAddress.Broadcast, mac, default, mac, default);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], FrameView.TypeRarp);
    }

    /// <summary>An ICMP echo request with 16 bytes of data: a cookie that the reply must repeat.</summary>
    public static int Echo(
        Span<byte> frame, MacAddress to, MacAddress from, Ipv4 toIp, Ipv4 fromIp, ushort id, ushort sequence,
            ulong cookie)
    {
        to.Write(frame);
        from.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], FrameView.TypeIpv4);
        Span<byte> ip = frame.Slice(14, 20);
        ip.Clear();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], EchoBytes - 14);
        ip[8] = 64;
        ip[9] = 1;
        fromIp.Write(ip[12..]);
        toIp.Write(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum(ip));
        Span<byte> icmp = frame.Slice(34, 24);
        icmp.Clear();
        icmp[0] = EchoRequest;
        BinaryPrimitives.WriteUInt16BigEndian(icmp[4..], id);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[6..], sequence);
        BinaryPrimitives.WriteUInt64BigEndian(icmp[8..], cookie);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(icmp));
        return EchoBytes;
    }

    /// <summary>Reads an echo reply; false when the frame is anything else.</summary>
    public static bool TryReadEchoReply(
        in FrameView frame, out Ipv4 from, out ushort id, out ushort sequence, out ulong cookie)
    {
        from = default;
        id = sequence = 0;
        cookie = 0;
        if (frame.EtherType != FrameView.TypeIpv4 || frame.Payload[9] != 1)
            return false;
        int header = (frame.Payload[0] & 15) * 4;
        if (frame.Payload.Length < header + 16 || frame.Payload[header] != EchoReply)
            return false;
        ReadOnlySpan<byte> icmp = frame.Payload[header..];
        from = frame.Ipv4Source;
        id = BinaryPrimitives.ReadUInt16BigEndian(icmp[4..]);
        sequence = BinaryPrimitives.ReadUInt16BigEndian(icmp[6..]);
        cookie = BinaryPrimitives.ReadUInt64BigEndian(icmp[8..]);
        return true;
    }

    /// <summary>RFC 1071 checksum; the checksum field must hold zero.</summary>
    public static ushort Checksum(ReadOnlySpan<byte> bytes) => PacketWriter.Fold(PacketWriter.Sum(bytes));
}
