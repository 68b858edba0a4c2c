using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>Headers and checksums of the packets that the switch itself sends. The caller's buffer is large
/// enough.</summary>
internal static class PacketWriter
{
    public const int EthernetBytes = 14;
    public const int Ipv4Bytes = 20;
    public const int Ipv6Bytes = 40;
    public const int UdpBytes = 8;
    private const byte Icmp = 1;
    private const byte Udp = 17;

    public static void Ethernet(Span<byte> frame, MacAddress to, MacAddress from, ushort type)
    {
        to.Write(frame);
        from.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], type);
    }

    /// <summary>Writes the IPv4 and UDP headers in front of a payload that lies at its place.</summary>
    /// <param name="packet">From the IPv4 header to the end of the payload.</param>
    /// <param name="from">Address and port of the sender.</param>
    /// <param name="to">Address and port of the receiver.</param>
    public static void Udp4(Span<byte> packet, (Ipv4 Ip, ushort Port) from, (Ipv4 Ip, ushort Port) to)
    {
        Ipv4Header(packet, from.Ip, to.Ip, Udp);
        Span<byte> udp = packet[Ipv4Bytes..];
        UdpHeader(udp, from.Port, to.Port);
        Finish(udp, 6, Sum(packet[12..Ipv4Bytes]) + Udp + (uint)udp.Length);
    }

    /// <summary>Writes the IPv6 and UDP headers in front of a payload that lies at its place.</summary>
    /// <param name="packet">From the IPv6 header to the end of the payload.</param>
    /// <param name="from">Address and port of the sender.</param>
    /// <param name="to">Address and port of the receiver.</param>
    public static void Udp6(Span<byte> packet, (Ipv6 Ip, ushort Port) from, (Ipv6 Ip, ushort Port) to)
    {
        Ipv6Header(packet, from.Ip, to.Ip, Udp, 64);
        Span<byte> udp = packet[Ipv6Bytes..];
        UdpHeader(udp, from.Port, to.Port);
        Finish(udp, 6, Sum(packet[8..Ipv6Bytes]) + Udp + (uint)udp.Length);
    }

    /// <summary>Makes an ICMP message that lies at its place an echo reply: IPv4 header, type, checksum.</summary>
    /// <param name="packet">From the IPv4 header to the end of the message.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    public static void Icmp4(Span<byte> packet, Ipv4 from, Ipv4 to)
    {
        Ipv4Header(packet, from, to, Icmp);
        Span<byte> icmp = packet[Ipv4Bytes..];
        icmp[..4].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Fold(Sum(icmp)));
    }

    /// <summary>Writes the IPv6 header and the checksum of an ICMPv6 message that lies at its place.</summary>
    /// <param name="packet">From the IPv6 header to the end of the message.</param>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    public static void Icmp6(Span<byte> packet, Ipv6 from, Ipv6 to)
    {
        Ipv6Header(packet, from, to, Ipv6Upper.Icmp, 255);
        Span<byte> icmp = packet[Ipv6Bytes..];
        Finish(icmp, 2, Sum(packet[8..Ipv6Bytes]) + Ipv6Upper.Icmp + (uint)icmp.Length);
    }

    /// <summary>
    /// A neighbour advertisement for an address of the table; answers a probe of nobody to all nodes. Returns the
    /// frame's length.
    /// </summary>
    /// <param name="frame">For at least 86 bytes.</param>
    /// <param name="to">Who asked.</param>
    /// <param name="owner">Who has the address.</param>
    /// <param name="asker">Address of who asked; none for a probe.</param>
    /// <param name="target">The address.</param>
    /// <param name="isRouter">Whether the owner is the way out: a host forgets it as such when told otherwise.</param>
    public static int NeighborAdvertisement(
        Span<byte> frame, MacAddress to, MacAddress owner, Ipv6 asker, Ipv6 target, bool isRouter)
    {
        const int Bytes = EthernetBytes + Ipv6Bytes + 32;
        const int Router = 0x80, Solicited = 0x40, Override = 0x20;
        const byte TargetLinkLayer = 2;
        frame = frame[..Bytes];
        Ethernet(frame, to, owner, FrameView.TypeIpv6);
        Span<byte> icmp = frame[(EthernetBytes + Ipv6Bytes)..];
        icmp.Clear();
        icmp[0] = NeighborMessage.Advertisement;
        icmp[4] = (byte)(Override | (asker.IsSet ? Solicited : 0) | (isRouter ? Router : 0));
        target.Write(icmp[8..]);
        icmp[24] = TargetLinkLayer;
        icmp[25] = 1;
        owner.Write(icmp[26..]);
        Icmp6(frame[EthernetBytes..], target, asker.IsSet ? asker : Ipv6.AllNodes);
        return Bytes;
    }

    /// <summary>
    /// The question whether an address is free, as a node asks it itself (RFC 4862, 5.4.2). Returns the frame's length.
    /// </summary>
    /// <param name="frame">For at least 78 bytes.</param>
    /// <param name="asker">Who wants to use it.</param>
    /// <param name="target">The address.</param>
    public static int AddressProbe(Span<byte> frame, MacAddress asker, Ipv6 target)
    {
        const int Bytes = EthernetBytes + Ipv6Bytes + 24;
        frame = frame[..Bytes];
        Ethernet(frame, target.SolicitedGroup.GroupMac, asker, FrameView.TypeIpv6);
        Span<byte> icmp = frame[(EthernetBytes + Ipv6Bytes)..];
        icmp.Clear();
        icmp[0] = NeighborMessage.Solicitation;
        target.Write(icmp[8..]);
        Icmp6(frame[EthernetBytes..], default, target.SolicitedGroup);
        return Bytes;
    }

    /// <summary>Adds 16-bit words; an odd last byte is the high half of a word.</summary>
    public static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        return (bytes.Length & 1) != 0 ? sum + ((uint)bytes[^1] << 8) : sum;
    }

    /// <summary>The ones' complement of a sum.</summary>
    public static ushort Fold(uint sum)
    {
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }

    private static void Ipv4Header(Span<byte> packet, Ipv4 from, Ipv4 to, byte protocol)
    {
        Span<byte> header = packet[..Ipv4Bytes];
        header.Clear();
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)packet.Length);
        header[8] = 64;
        header[9] = protocol;
        from.Write(header[12..]);
        to.Write(header[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], Fold(Sum(header)));
    }

    private static void Ipv6Header(Span<byte> packet, Ipv6 from, Ipv6 to, byte next, byte hops)
    {
        packet[..8].Clear();
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - Ipv6Bytes));
        packet[6] = next;
        packet[7] = hops;
        from.Write(packet[8..]);
        to.Write(packet[24..]);
    }

    private static void UdpHeader(Span<byte> udp, ushort from, ushort to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(udp, from);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], to);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
    }

    // Zero means "no checksum" in UDP, so a sum of zero is written as its other form.
    private static void Finish(Span<byte> message, int checksumAt, uint pseudoHeader)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[checksumAt..], 0);
        ushort sum = Fold(pseudoHeader + Sum(message));
        BinaryPrimitives.WriteUInt16BigEndian(message[checksumAt..], sum == 0 ? (ushort)0xFFFF : sum);
    }
}
