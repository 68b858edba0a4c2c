namespace VioActors.Switch.DataPlane;

/// <summary>What happens to a frame that came from a port.</summary>
internal enum PortAction
{
    Drop,

    /// <summary>Nobody needs it: an address probe for the sender's own address.</summary>
    Consume,
    Forward,
    Flood,
    AnswerArp,
    AnswerNeighbor,
    Announce,

    /// <summary>A question to the environment's services: DHCP, DNS, a router solicitation.</summary>
    Serve,
}

/// <summary>What happens to a frame that came from a tunnel.</summary>
internal enum PeerAction
{
    Drop,
    ToNode,
    ToPorts,
    PassOn,
}

/// <param name="Action">What to do.</param>
/// <param name="Reason">Why it is dropped; only for <see cref="PortAction.Drop"/>.</param>
/// <param name="Entry">The destination, or who the ARP request asks for.</param>
internal readonly record struct PortVerdict(PortAction Action, PortCount Reason, MacEntry? Entry);

/// <param name="Action">What to do.</param>
/// <param name="Reason">Why it is dropped; only for <see cref="PeerAction.Drop"/>.</param>
/// <param name="Entry">The destination.</param>
internal readonly record struct PeerVerdict(PeerAction Action, TunnelCount Reason, MacEntry? Entry);

/// <summary>
/// The rules of the switch, without any effect: unicast by the table only, one copy of a broadcast per host, tunnel to
/// tunnel never (but for stragglers of a node that left this host), addresses checked against the port.
/// </summary>
internal static class Forwarding
{
    public static PortVerdict FromPort(SwitchEnvironment environment, SwitchPort port, in FrameView frame)
    {
        if (CheckAddresses(environment, port, frame) is { } reason)
            return new PortVerdict(PortAction.Drop, reason, null);
        MacEntry? self = environment.Find(port.Mac);
        if (self is { IsQuarantined: true })
            return new PortVerdict(PortAction.Drop, PortCount.DropQuarantined, null);
        if (frame.IsAnnouncement)
            return new PortVerdict(PortAction.Announce, default, self);
        if (!port.IsOpen)
            return new PortVerdict(PortAction.Drop, PortCount.DropPortClosed, null);
        if (self?.Peer is not null)
            return new PortVerdict(PortAction.Drop, PortCount.DropMovedAway, null);
        if (frame.IsArpRequest && frame.VlanTags == 0)
        {
            if (frame.ArpTargetIp == port.Ip)
                return new PortVerdict(PortAction.Consume, default, null);
            if (environment.Find(frame.ArpTargetIp) is { } asked)
                return new PortVerdict(PortAction.AnswerArp, default, asked);
        }

        if (frame.VlanTags == 0 && NeighborMessage.TryParse(frame, out NeighborMessage message)
            && AskedNeighbor(environment, port, message, frame) is { } answer)
        {
            return answer;
        }

        if (environment.Services is { } services && frame.VlanTags == 0 && services.Takes(frame))
            return new PortVerdict(PortAction.Serve, default, null);
        if (frame.Destination.IsGroup)
            return new PortVerdict(PortAction.Flood, default, null);
        return environment.Find(frame.Destination) is { IsReachable: true, IsQuarantined: false } entry
            ? new PortVerdict(PortAction.Forward, default, entry)
            : new PortVerdict(PortAction.Drop, PortCount.DropUnknownUnicast, null);
    }

    public static PeerVerdict FromPeer(
        SwitchEnvironment environment, PeerTunnel from, in FrameView frame, bool passedOn, long nowMs)
    {
        if (frame.IsRunt || frame.IsMalformed || frame.Destination.IsLinkLocalGroup)
            return new PeerVerdict(PeerAction.Drop, TunnelCount.DropRunt, null);
        MacEntry? sender = environment.Find(frame.Source);
        if (sender is null || AddressGuard.Check(
            sender.Mac, sender.Ip, sender.Ip6, environment.Services?.Plan, frame) is not null)
            return new PeerVerdict(PeerAction.Drop, TunnelCount.DropNotListed, null);
        MacEntry? to = frame.Destination.IsGroup ? null : environment.Find(frame.Destination);
        if (sender.IsQuarantined || to is { IsQuarantined: true })
            return new PeerVerdict(PeerAction.Drop, TunnelCount.DropQuarantined, null);

        // A host speaks only for nodes that the controller lists there. What it passes on is the frame of a node of a
        // third host, for a node that came from it to this host; nothing else is a straggler.
        bool listed = passedOn
            ? sender.Peer is not null && to is { Peer: null } && to.MayBePassedOnBy(from.HostId, nowMs)
            : sender.Lists(from.HostId);
        if (!listed)
            return new PeerVerdict(PeerAction.Drop, TunnelCount.DropNotListed, null);
        if (frame.Destination.IsGroup)
            return new PeerVerdict(PeerAction.ToPorts, default, null);
        if (to is not { IsReachable: true })
            return new PeerVerdict(PeerAction.Drop, TunnelCount.DropUnknownUnicast, null);
        if (to.Peer is null)
            return new PeerVerdict(PeerAction.ToNode, default, to);
        bool straggler = !passedOn && nowMs < to.StragglersUntilMs && to.Peer.HostId != from.HostId;
        return straggler
            ? new PeerVerdict(PeerAction.PassOn, default, to)
            : new PeerVerdict(PeerAction.Drop, TunnelCount.DropSplitHorizon, null);
    }

    /// <summary>What a question of neighbour discovery gets; null when it goes on like any frame.</summary>
    private static PortVerdict? AskedNeighbor(
        SwitchEnvironment environment, SwitchPort port, in NeighborMessage message, in FrameView frame)
    {
        // No node may answer as a router.
        if (message.Type == NeighborMessage.RouterSolicitation)
            return new PortVerdict(
                environment.Services is null ? PortAction.Consume : PortAction.Serve, default, null);
        if (message.Type != NeighborMessage.Solicitation)
            return null;
        MacEntry? asked = environment.Find(message.Target);
        if (asked is not null)
        {
            return asked.Mac == port.Mac
                ? new PortVerdict(PortAction.Consume, default, null)
                : new PortVerdict(PortAction.AnswerNeighbor, default, asked);
        }

        // Duplicate address detection for an address that nobody was given: the node is about to use it.
        return frame.Ipv6Source.IsSet ? null : new PortVerdict(PortAction.Drop, PortCount.DropSpoofedNeighbor, null);
    }

    private static PortCount? CheckAddresses(SwitchEnvironment environment, SwitchPort port, in FrameView frame)
    {
        if (frame.IsRunt)
            return PortCount.DropRunt;
        if (frame.IsMalformed)
            return PortCount.DropMalformed;
        if (frame.Destination.IsLinkLocalGroup)
            return PortCount.DropLinkLocalGroup;
        return AddressGuard.Check(port.Mac, port.Ip, port.Ip6, environment.Services?.Plan, frame);
    }
}
