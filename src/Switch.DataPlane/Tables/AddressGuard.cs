using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Whether a frame speaks only for the node that sent it: MAC, IPv4, IPv6, ARP and neighbour discovery. No node may
/// speak as a router or as a DHCP server, for that would be speaking for all. Used where a frame enters the switch and
/// again where it leaves a tunnel.
/// </summary>
internal static class AddressGuard
{
    private const byte Udp = 17;
    private const ushort DhcpClientPort = 68;
    private const ushort Dhcp6ClientPort = 546;
    private const byte ListenerReport = 131;
    private const byte ListenerDone = 132;
    private const byte ListenerReport2 = 143;

    /// <summary>Which address of the frame is not the one that its sender was given; null when all are.</summary>
    /// <param name="mac">The sender's.</param>
    /// <param name="ip">The sender's.</param>
    /// <param name="ip6">The sender's; none when it has only the link-local one.</param>
    /// <param name="plan">
    /// Names the way out of the environment, which passes on what comes from outside; null when there is none.
    /// </param>
    /// <param name="frame">A frame that is not malformed.</param>
    /// <param name="chosen">
    /// A link-local address that the frame speaks for and that the sender was not given: the caller knows whose it is.
    /// </param>
    public static PortCount? Check(
        MacAddress mac, Ipv4 ip, Ipv6 ip6, ServicePlan? plan, in FrameView frame, out ChosenAddress chosen)
    {
        chosen = default;
        if (frame.Source != mac)
            return PortCount.DropSpoofedMac;
        switch (frame.EtherType)
        {
            case FrameView.TypeRarp when frame.ArpSenderMac != mac:
            case FrameView.TypeArp when frame.ArpSenderMac != mac:
                return PortCount.DropSpoofedArp;

            // A request without a sender address only asks whether the address is free (RFC 5227).
            case FrameView.TypeArp when frame.ArpSenderIp != ip
                && !(frame.ArpSenderIp.Value == 0 && frame.IsArpRequest):
                return PortCount.DropSpoofedArp;
            case FrameView.TypeIpv4:
                return CheckIpv4(ip, plan, frame);
            case FrameView.TypeIpv6:
                return CheckIpv6(mac, ip6, plan, frame, out chosen);
            default:
                return null;
        }
    }

    private static PortCount? CheckIpv4(Ipv4 ip, ServicePlan? plan, in FrameView frame)
    {
        Ipv4 source = frame.Ipv4Source;
        if (source != ip && plan?.BringsIn(ip, source) != true && !(source.Value == 0 && frame.IsDhcpClient))
            return PortCount.DropSpoofedIp;
        ReadOnlySpan<byte> packet = frame.Payload;
        if (packet[9] != Udp || (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF) != 0)
            return null;
        int header = (packet[0] & 15) * 4;
        if (packet.Length < header + 8)
            return PortCount.DropMalformed;
        return BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 2)..]) == DhcpClientPort
            ? PortCount.DropRogueDhcp
            : null;
    }

    private static PortCount? CheckIpv6(
        MacAddress mac, Ipv6 ip6, ServicePlan? plan, in FrameView frame, out ChosenAddress chosen)
    {
        chosen = default;
        Ipv6Upper upper = Ipv6Upper.Of(frame.Payload);
        if (upper.IsBroken)
            return PortCount.DropMalformed;
        bool mayLackSource = false;
        if (!upper.IsLaterFragment && upper.Protocol == Ipv6Upper.Udp)
        {
            if (upper.Body.Length < 8)
                return PortCount.DropMalformed;
            if (BinaryPrimitives.ReadUInt16BigEndian(upper.Body[2..]) == Dhcp6ClientPort)
                return PortCount.DropRogueDhcp;
        }
        else if (!upper.IsLaterFragment && upper.Protocol == Ipv6Upper.Icmp)
        {
            if (upper.Body.Length < 4)
                return PortCount.DropMalformed;
            byte type = upper.Body[0];
            if (NeighborMessage.IsType(type) && CheckNeighbor(mac, ip6, type, frame, out chosen) is { } reason)
                return reason;
            mayLackSource = type is NeighborMessage.Solicitation or NeighborMessage.RouterSolicitation
                or ListenerReport or ListenerDone or ListenerReport2;
        }

        Ipv6 source = frame.Ipv6Source;
        bool isOwn = Owns(mac, ip6, source) || plan?.BringsIn(ip6, source) == true;
        if (isOwn || mayLackSource && !source.IsSet && frame.Destination.IsGroup)
            return null;
        if (!source.IsChoosable)
            return PortCount.DropSpoofedIp;
        if (!chosen.Address.IsSet)
            chosen = new ChosenAddress(source, PortCount.DropSpoofedIp);
        return chosen.Address == source ? null : PortCount.DropSpoofedNeighbor;
    }

    // Discovery in fragments is refused like all that a receiver must ignore (RFC 6980).
    private static PortCount? CheckNeighbor(
        MacAddress mac, Ipv6 ip6, byte type, in FrameView frame, out ChosenAddress chosen)
    {
        chosen = default;
        if (type is NeighborMessage.RouterAdvertisement or NeighborMessage.Redirect)
            return PortCount.DropRogueRouter;
        if (!NeighborMessage.TryParse(frame, out NeighborMessage message))
            return PortCount.DropMalformed;
        if (message.Type == NeighborMessage.Advertisement && !Owns(mac, ip6, message.Target))
            chosen = new ChosenAddress(message.Target, PortCount.DropSpoofedNeighbor);
        bool isForged = message.TellsOther || chosen.Address.IsSet && !chosen.Address.IsChoosable
            || message.TellsLinkLayer && !frame.Ipv6Source.IsSet;
        return isForged ? PortCount.DropSpoofedNeighbor : null;
    }

    private static bool Owns(MacAddress mac, Ipv6 ip6, Ipv6 address) =>
        address == Ipv6.LinkLocalOf(mac) || ip6.IsSet && address == ip6;
}

/// <param name="Address">The address; none when the frame speaks for no such one.</param>
/// <param name="IfOthers">Why the frame is dropped when it is another node's.</param>
internal readonly record struct ChosenAddress(Ipv6 Address, PortCount IfOthers);
