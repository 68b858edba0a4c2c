namespace VioActors.Switch.DataPlane;

/// <summary>
/// Answers what nodes ask the services of their environment, straight to the port it came from. The question passed the
/// port's checks, so it comes from whom it says. Owned by the lane thread.
/// </summary>
internal sealed class ServiceDesk(SwitchCore core)
{
    private const int Most = 1400;
    private const int Headers = PacketWriter.EthernetBytes + PacketWriter.Ipv6Bytes + PacketWriter.UdpBytes;

    // A whole frame of the usual MTU fits, for pings of that size.
    private readonly byte[] _reply = new byte[Limits.VnetHeaderBytes + Headers + Most + 52];

    /// <summary>Answers one frame.</summary>
    /// <param name="environment">Has services.</param>
    /// <param name="port">Of the node that asks.</param>
    /// <param name="superFrame">What it sent.</param>
    public void Answer(SwitchEnvironment environment, SwitchPort port, ReadOnlySpan<byte> superFrame)
    {
        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        int bytes = Write(environment, port, superFrame, frame);
        if (bytes == 0)
        {
            port.Counters.Add(PortCount.DropNotServed);
            return;
        }

        port.Counters.Add(PortCount.ServicesAnswered);
        port.Deliver(_reply.AsSpan(0, Limits.VnetHeaderBytes + bytes), environment.Origin, core.Settings.Isolated);
    }

    private int Write(
        SwitchEnvironment environment, SwitchPort port, ReadOnlySpan<byte> superFrame, in FrameView frame)
    {
        if (NeighborMessage.TryParse(frame, out NeighborMessage message))
            return message.Type == NeighborMessage.RouterSolicitation ? Router(environment, port) : 0;
        int echo = EchoReply.Write(Body, frame, environment.Services!.Plan, port.Mac);
        if (echo > 0)
            return echo;
        if (!UdpRequest.TryParse(superFrame[..Limits.VnetHeaderBytes], frame, out UdpRequest ask))
            return 0;
        return (frame.EtherType, ask.ToPort) switch
        {
            (FrameView.TypeIpv4, UdpRequest.DhcpServerPort) => Dhcp(environment, port, ask),
            (FrameView.TypeIpv4, UdpRequest.DnsPort) => Dns4(environment, port, frame, ask),
            (FrameView.TypeIpv6, UdpRequest.Dhcp6ServerPort) => Dhcp6(environment, port, frame, ask),
            (FrameView.TypeIpv6, UdpRequest.DnsPort) => Dns6(environment, port, frame, ask),
            _ => 0,
        };
    }

    private int Dhcp(SwitchEnvironment environment, SwitchPort port, in UdpRequest udp)
    {
        EnvironmentServices services = environment.Services!;
        ServicePlan plan = services.Plan;
        if (!DhcpRequest.TryParse(udp.Payload, out DhcpRequest ask) || ask.ClientMac != port.Mac)
            return 0;
        if (ask.Type == DhcpType.Decline)
            port.Counters.Add(PortCount.AddressesDeclined);
        DhcpType type = DhcpServer.Decide(ask, plan.Ip, port.Ip);
        if (type == DhcpType.None)
            return 0;
        int length = DhcpServer.Write(
            Payload4, type, ask, plan, port.Ip, services.NameOf.GetValueOrDefault(port.Mac.Value));

        // Whoever has no address yet is reached by its MAC or, when it cannot take that, by everybody's.
        bool toAll = type == DhcpType.Nak || ask.ClientIp.Value == 0 && ask.WantsBroadcast;
        Ipv4 to = toAll ? new Ipv4(uint.MaxValue) : ask.ClientIp.Value != 0 ? ask.ClientIp : port.Ip;
        return Finish4(
            plan, toAll ? MacAddress.Broadcast : port.Mac, (plan.Ip, UdpRequest.DhcpServerPort),
            (to, UdpRequest.DhcpClientPort), length);
    }

    private int Dns4(SwitchEnvironment environment, SwitchPort port, in FrameView frame, in UdpRequest udp)
    {
        ServicePlan plan = environment.Services!.Plan;
        int length = Ipv4.Read(frame.Payload[16..]) == plan.Ip
            ? DnsServer.Answer(Payload4, udp.Payload, environment)
            : 0;
        return length == 0 ? 0 : Finish4(
            plan, port.Mac, (plan.Ip, UdpRequest.DnsPort), (frame.Ipv4Source, udp.FromPort), length);
    }

    private int Dhcp6(SwitchEnvironment environment, SwitchPort port, in FrameView frame, in UdpRequest udp)
    {
        ServicePlan plan = environment.Services!.Plan;
        if (!plan.Ip6.IsSet || !Dhcp6Request.TryParse(udp.Payload, out Dhcp6Request ask))
            return 0;
        if (ask.Type == Dhcp6Type.Decline)
            port.Counters.Add(PortCount.AddressesDeclined);
        Dhcp6Type type = Dhcp6Server.Decide(ask, plan);
        int length = type == Dhcp6Type.None ? 0 : Dhcp6Server.Write(Payload6, type, ask, plan, port.Ip6);
        return length == 0 ? 0 : Finish6(
            plan, port.Mac, (plan.LinkLocal, UdpRequest.Dhcp6ServerPort),
            (frame.Ipv6Source, UdpRequest.Dhcp6ClientPort), length);
    }

    private int Dns6(SwitchEnvironment environment, SwitchPort port, in FrameView frame, in UdpRequest udp)
    {
        ServicePlan plan = environment.Services!.Plan;
        Ipv6 self = frame.Ipv6Destination;
        int length = self == plan.LinkLocal || plan.Ip6.IsSet && self == plan.Ip6
            ? DnsServer.Answer(Payload6, udp.Payload, environment)
            : 0;
        return length == 0 ? 0 : Finish6(
            plan, port.Mac, (self, UdpRequest.DnsPort), (frame.Ipv6Source, udp.FromPort), length);
    }

    private int Router(SwitchEnvironment environment, SwitchPort port)
    {
        ServicePlan plan = environment.Services!.Plan;
        if (!plan.Ip6.IsSet)
            return 0;
        MacEntry? gateway = plan.Gateway6.IsSet ? environment.Find(plan.Gateway6) : null;
        bool isGateway = gateway is not null && gateway.Mac != port.Mac;
        MacAddress sender = isGateway ? gateway!.Mac : plan.Mac;
        Span<byte> frame = Body;
        int length = RouterAdvertisement.Write(frame[54..], plan, sender, isGateway);
        PacketWriter.Ethernet(frame, port.Mac, sender, FrameView.TypeIpv6);
        PacketWriter.Icmp6(frame.Slice(14, 40 + length), Ipv6.LinkLocalOf(sender), Ipv6.AllNodes);
        return 54 + length;
    }

    private Span<byte> Body => _reply.AsSpan(Limits.VnetHeaderBytes);

    private Span<byte> Payload4 => Body.Slice(14 + PacketWriter.Ipv4Bytes + PacketWriter.UdpBytes, Most);

    private Span<byte> Payload6 => Body.Slice(14 + PacketWriter.Ipv6Bytes + PacketWriter.UdpBytes, Most);

    private int Finish4(ServicePlan plan, MacAddress mac, (Ipv4, ushort) from, (Ipv4, ushort) to, int payload)
    {
        int packet = PacketWriter.Ipv4Bytes + PacketWriter.UdpBytes + payload;
        PacketWriter.Ethernet(Body, mac, plan.Mac, FrameView.TypeIpv4);
        PacketWriter.Udp4(Body.Slice(14, packet), from, to);
        return 14 + packet;
    }

    private int Finish6(ServicePlan plan, MacAddress mac, (Ipv6, ushort) from, (Ipv6, ushort) to, int payload)
    {
        int packet = PacketWriter.Ipv6Bytes + PacketWriter.UdpBytes + payload;
        PacketWriter.Ethernet(Body, mac, plan.Mac, FrameView.TypeIpv6);
        PacketWriter.Udp6(Body.Slice(14, packet), from, to);
        return 14 + packet;
    }
}
