using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>A whole UDP datagram of a node for the services, over IPv4 or IPv6.</summary>
internal readonly ref struct UdpRequest
{
    public const ushort DnsPort = 53;
    public const ushort DhcpServerPort = 67;
    public const ushort DhcpClientPort = 68;
    public const ushort Dhcp6ClientPort = 546;
    public const ushort Dhcp6ServerPort = 547;
    private const byte Udp = 17;
    private const byte NeedsChecksum = 1;

    public ushort FromPort { get; private init; }
    public ushort ToPort { get; private init; }
    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Reads the destination port of a UDP packet over IPv6; false for anything else.</summary>
    public static bool TryParsePorts(in FrameView frame, out ushort to)
    {
        to = 0;
        Ipv6Upper upper = Ipv6Upper.Of(frame.Payload);
        if (upper.IsBroken || upper.IsFragment || upper.Protocol != Ipv6Upper.Udp || upper.Body.Length < 8)
            return false;
        to = BinaryPrimitives.ReadUInt16BigEndian(upper.Body[2..]);
        return true;
    }

    /// <summary>
    /// Reads a datagram; false when it is no UDP, a fragment, cut off, part of a larger one, or has a wrong checksum.
    /// A checksum that the node left to its device is not looked at.
    /// </summary>
    /// <param name="header">The virtio header of the frame.</param>
    /// <param name="frame">A frame that is not malformed.</param>
    /// <param name="request">What it holds.</param>
    public static bool TryParse(ReadOnlySpan<byte> header, in FrameView frame, out UdpRequest request)
    {
        request = default;
        ReadOnlySpan<byte> packet = frame.Payload, udp;
        uint pseudo;
        bool mayLackChecksum = frame.EtherType == FrameView.TypeIpv4;
        if (mayLackChecksum)
        {
            int start = (packet[0] & 15) * 4, end = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
            if (packet[9] != Udp || (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0
                || end > packet.Length || end < start + 8)
            {
                return false;
            }

            udp = packet[start..end];
            pseudo = PacketWriter.Sum(packet[12..20]);
        }
        else
        {
            if (frame.EtherType != FrameView.TypeIpv6)
                return false;
            Ipv6Upper upper = Ipv6Upper.Of(packet);
            if (upper.IsBroken || upper.IsFragment || upper.Protocol != Udp || upper.Body.Length < 8)
                return false;
            udp = upper.Body;
            pseudo = PacketWriter.Sum(packet[8..40]);
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(udp[4..]);
        if (length < 8 || length > udp.Length || header[1] != 0)
            return false;
        udp = udp[..length];
        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(udp[6..]);
        bool isLeftOut = (header[0] & NeedsChecksum) != 0 || checksum == 0 && mayLackChecksum;
        if (!isLeftOut && PacketWriter.Fold(pseudo + Udp + (uint)length + PacketWriter.Sum(udp)) != 0)
            return false;
        request = new UdpRequest
        {
            FromPort = BinaryPrimitives.ReadUInt16BigEndian(udp),
            ToPort = BinaryPrimitives.ReadUInt16BigEndian(udp[2..]),
            Payload = udp[8..],
        };
        return true;
    }
}
