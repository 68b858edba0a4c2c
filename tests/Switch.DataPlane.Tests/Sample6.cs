using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Builders of IPv6 frames for tests.</summary>
internal static class Sample6
{
    public const string Ip1 = "fd00:1::1";
    public const string Ip2 = "fd00:1::2";
    public const string Ip3 = "fd00:1::3";
    public const string AllNodesMac = "33:33:00:00:00:01";

    public static Ipv6 Ip(string text) => Ipv6.TryParse(text, out Ipv6 ip) ? ip : throw new FormatException(text);

    public static Ipv6 LinkLocal(string mac) => Ipv6.LinkLocalOf(Sample.Mac(mac));

    /// <summary>A packet of any protocol, perhaps with extension headers in front of the body.</summary>
    public static byte[] Packet(
        string toMac, string fromMac, Ipv6 from, Ipv6 to, byte protocol, byte[] body, byte hops = 255)
    {
        byte[] frame = new byte[14 + 40 + body.Length];
        PacketWriter.Ethernet(frame, Sample.Mac(toMac), Sample.Mac(fromMac), FrameView.TypeIpv6);
        frame[14] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(18), (ushort)body.Length);
        frame[20] = protocol;
        frame[21] = hops;
        from.Write(frame.AsSpan(22));
        to.Write(frame.AsSpan(38));
        body.CopyTo(frame, 54);
        return frame;
    }

    /// <summary>A message of neighbour discovery; a MAC becomes the option of the type's kind.</summary>
    public static byte[] Neighbor(
        string toMac, string fromMac, Ipv6 from, byte type, Ipv6 target, string? option = null, byte flags = 0)
    {
        byte[] icmp = new byte[24 + (option is null ? 0 : 8)];
        icmp[0] = type;
        icmp[4] = flags;
        target.Write(icmp.AsSpan(8));
        if (option is not null)
        {
            icmp[24] = (byte)(type == NeighborMessage.Advertisement ? 2 : 1);
            icmp[25] = 1;
            Sample.Mac(option).Write(icmp.AsSpan(26));
        }

        return Packet(toMac, fromMac, from, Ip("ff02::1"), Ipv6Upper.Icmp, icmp);
    }

    public static byte[] Udp(string toMac, string fromMac, Ipv6 from, Ipv6 to, ushort fromPort, ushort toPort,
        byte[] payload)
    {
        byte[] packet = new byte[PacketWriter.Ipv6Bytes + PacketWriter.UdpBytes + payload.Length];
        payload.CopyTo(packet, PacketWriter.Ipv6Bytes + PacketWriter.UdpBytes);
        PacketWriter.Udp6(packet, (from, fromPort), (to, toPort));
        byte[] frame = [.. new byte[14], .. packet];
        PacketWriter.Ethernet(frame, Sample.Mac(toMac), Sample.Mac(fromMac), FrameView.TypeIpv6);
        return frame;
    }

    public static byte[] Udp4(string toMac, string fromMac, string from, string to, ushort fromPort, ushort toPort,
        byte[] payload)
    {
        byte[] packet = new byte[PacketWriter.Ipv4Bytes + PacketWriter.UdpBytes + payload.Length];
        payload.CopyTo(packet, PacketWriter.Ipv4Bytes + PacketWriter.UdpBytes);
        Ipv4 source = from == "0.0.0.0" ? default : Sample.Ip(from);
        PacketWriter.Udp4(packet, (source, fromPort), (Sample.Ip(to), toPort));
        byte[] frame = [.. new byte[14], .. packet];
        PacketWriter.Ethernet(frame, Sample.Mac(toMac), Sample.Mac(fromMac), FrameView.TypeIpv4);
        return frame;
    }

    /// <summary>
    /// Whether the checksum of the UDP or ICMP message in a frame is right; ARP has none, and ICMP no pseudo header.
    /// </summary>
    public static bool HasGoodChecksum(byte[] frame)
    {
        FrameView view = FrameView.Parse(frame);
        if (view.EtherType == FrameView.TypeArp)
            return true;
        ReadOnlySpan<byte> packet = view.Payload;
        bool is4 = view.EtherType == FrameView.TypeIpv4;
        int header = is4 ? 20 : 40;
        uint pseudo = is4 && packet[9] == 1 ? 0 : PacketWriter.Sum(packet[(is4 ? 12 : 8)..header]) + packet[is4 ? 9 : 6]
            + (uint)(packet.Length - header);
        return PacketWriter.Fold(pseudo + PacketWriter.Sum(packet[header..])) == 0
            && (!is4 || FrameWriter.Checksum(packet[..header]) == 0);
    }
}
