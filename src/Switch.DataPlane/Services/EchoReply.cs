namespace VioActors.Switch.DataPlane;

/// <summary>
/// The services answer a ping, over IPv4 and IPv6, so that a node can see whether its switch is there.
/// </summary>
internal static class EchoReply
{
    private const byte Icmp = 1;
    private const byte Request4 = 8;
    private const byte Request6 = 128;
    private const byte Reply6 = 129;
    private const int LeastBytes = 8;

    /// <summary>Writes the reply; returns the frame's length, 0 when the frame is no whole request that fits.</summary>
    public static int Write(Span<byte> reply, in FrameView frame, ServicePlan plan, MacAddress asker)
    {
        ReadOnlySpan<byte> packet = frame.Payload;
        if (frame.Destination.IsGroup)
            return 0;
        return frame.EtherType switch
        {
            FrameView.TypeIpv4 => Write4(reply, packet, plan, asker),
            FrameView.TypeIpv6 => Write6(reply, packet, plan, asker),
            _ => 0,
        };
    }

    private static int Write4(Span<byte> reply, ReadOnlySpan<byte> packet, ServicePlan plan, MacAddress asker)
    {
        int start = (packet[0] & 15) * 4, end = packet[2] << 8 | packet[3];
        if (packet[9] != Icmp || Ipv4.Read(packet[16..]) != plan.Ip || (packet[6] & 0x3F) != 0 || packet[7] != 0
            || end > packet.Length || end < start + LeastBytes || packet[start] != Request4)
        {
            return 0;
        }

        ReadOnlySpan<byte> echo = packet[start..end];
        int bytes = PacketWriter.EthernetBytes + PacketWriter.Ipv4Bytes + echo.Length;
        if (bytes > reply.Length)
            return 0;
        PacketWriter.Ethernet(reply, asker, plan.Mac, FrameView.TypeIpv4);
        Span<byte> answer = reply[PacketWriter.EthernetBytes..bytes];
        echo.CopyTo(answer[PacketWriter.Ipv4Bytes..]);
        PacketWriter.Icmp4(answer, plan.Ip, Ipv4.Read(packet[12..]));
        return bytes;
    }

    private static int Write6(Span<byte> reply, ReadOnlySpan<byte> packet, ServicePlan plan, MacAddress asker)
    {
        Ipv6Upper upper = Ipv6Upper.Of(packet);
        Ipv6 self = Ipv6.Read(packet[24..]);
        bool isOurs = self == plan.LinkLocal || plan.Ip6.IsSet && self == plan.Ip6;
        int bytes = PacketWriter.EthernetBytes + PacketWriter.Ipv6Bytes + upper.Body.Length;
        if (!isOurs || upper.IsBroken || upper.IsFragment || upper.Protocol != Ipv6Upper.Icmp
            || upper.Body.Length < LeastBytes || upper.Body[0] != Request6 || bytes > reply.Length)
        {
            return 0;
        }

        PacketWriter.Ethernet(reply, asker, plan.Mac, FrameView.TypeIpv6);
        Span<byte> answer = reply[PacketWriter.EthernetBytes..bytes];
        upper.Body.CopyTo(answer[PacketWriter.Ipv6Bytes..]);
        answer[PacketWriter.Ipv6Bytes] = Reply6;
        PacketWriter.Icmp6(answer, self, Ipv6.Read(packet[8..]));
        return bytes;
    }
}
