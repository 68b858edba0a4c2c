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

    /// <summary>Another host asks whether an address is free.</summary>
    Asked,

    /// <summary>Nobody needs it: it only tells whose an address is.</summary>
    Consume,
}

/// <param name="Action">What to do.</param>
/// <param name="Reason">Why it is dropped; only for <see cref="PortAction.Drop"/>.</param>
/// <param name="Entry">The destination, or who the ARP request asks for.</param>
internal readonly record struct PortVerdict(PortAction Action, PortCount Reason, MacEntry? Entry)
{
    /// <summary>
    /// A link-local address that the node has to claim before a frame with it may leave; none in most frames.
    /// </summary>
    public Ipv6 Claims { get; init; }
}

/// <param name="Action">What to do.</param>
/// <param name="Reason">Why it is dropped; only for <see cref="PeerAction.Drop"/>.</param>
/// <param name="Entry">The destination, or who asks.</param>
internal readonly record struct PeerVerdict(PeerAction Action, TunnelCount Reason, MacEntry? Entry)
{
    /// <summary>A link-local address that is the sender's from now on; none in most frames.</summary>
    public Ipv6 Learns { get; init; }

    /// <summary>The node that had it until now, of the same host; none in most frames.</summary>
    public MacAddress Before { get; init; }
}

/// <summary>
/// The rules of the switch, without any effect but a note that an address is in use: unicast by the table only, one
/// copy of a broadcast per host, tunnel to tunnel never (but for stragglers of a node that left this host), addresses
/// checked against the port.
/// </summary>
internal static class Forwarding
{
    public static PortVerdict FromPort(
        SwitchEnvironment environment, SwitchPort port, in FrameView frame, long nowMs)
    {
        if (CheckAddresses(environment, port, frame, out ChosenAddress chosen) is { } reason)
            return Dropped(reason);
        Standing standing = chosen.Address.IsSet
            ? environment.StandingOf(port.Mac, chosen.Address, nowMs)
            : Standing.Own;
        if (standing is Standing.Others or Standing.TooMany)
            return Dropped(standing == Standing.Others ? chosen.IfOthers : PortCount.DropTooManyAddresses);
        PortVerdict verdict = Judge(environment, port, frame, nowMs);

        // A closed port claims nothing, also when this frame is the one that opens it.
        return standing == Standing.New && verdict.Action != PortAction.Drop && port.IsOpen
            ? verdict with { Claims = chosen.Address }
            : verdict;
    }

    private static PortVerdict Judge(
        SwitchEnvironment environment, SwitchPort port, in FrameView frame, long nowMs)
    {
        MacEntry? self = environment.Find(port.Mac);
        if (self is { IsQuarantined: true })
            return Dropped(PortCount.DropQuarantined);
        if (frame.IsAnnouncement)
            return new PortVerdict(PortAction.Announce, default, self);
        if (!port.IsOpen)
            return Dropped(PortCount.DropPortClosed);
        if (self?.Peer is not null)
            return Dropped(PortCount.DropMovedAway);

        // Who looks whether an address is free is answered in a tag too: receivers take a tag of VLAN 0 for none, so a
        // node that has the address, or begins to, would give it up.
        if (frame.IsArpRequest && (frame.VlanTags == 0 || frame.ArpSenderIp.Value == 0))
        {
            if (frame.ArpTargetIp == port.Ip)
                return new PortVerdict(PortAction.Consume, default, null);
            if (environment.Find(frame.ArpTargetIp) is { } asked)
                return new PortVerdict(PortAction.AnswerArp, default, asked);
        }

        if (NeighborMessage.TryParse(frame, out NeighborMessage message)
            && (frame.VlanTags == 0 || message.Type == NeighborMessage.Solicitation && !frame.Ipv6Source.IsSet)
            && AskedNeighbor(environment, port, message, frame, nowMs) is { } answer)
        {
            return answer;
        }

        if (environment.Services is { } services && frame.VlanTags == 0 && services.Takes(frame))
            return new PortVerdict(PortAction.Serve, default, null);
        if (frame.Destination.IsGroup)
            return new PortVerdict(PortAction.Flood, default, null);
        return environment.Find(frame.Destination) is { IsReachable: true, IsQuarantined: false } entry
            ? new PortVerdict(PortAction.Forward, default, entry)
            : Dropped(PortCount.DropUnknownUnicast);
    }

    public static PeerVerdict FromPeer(
        SwitchEnvironment environment, PeerTunnel from, in FrameView frame, bool passedOn, long nowMs)
    {
        if (frame.IsRunt || frame.IsMalformed || frame.Destination.IsLinkLocalGroup)
            return Dropped(TunnelCount.DropRunt);
        MacEntry? sender = environment.Find(frame.Source);
        if (sender is null || AddressGuard.Check(
            sender.Mac, sender.Ip, sender.Ip6, environment.Services?.Plan, frame, out ChosenAddress chosen) is not null)
            return Dropped(TunnelCount.DropNotListed);
        MacEntry? to = frame.Destination.IsGroup ? null : environment.Find(frame.Destination);
        if (sender.IsQuarantined || to is { IsQuarantined: true })
            return Dropped(TunnelCount.DropQuarantined);

        // A host speaks only for nodes that the controller lists there. What it passes on is the frame of a node of a
        // third host, for a node that came from it to this host; nothing else is a straggler.
        bool listed = passedOn
            ? sender.Peer is not null && to is { Peer: null } && to.MayBePassedOnBy(from.HostId, nowMs)
            : sender.Lists(from.HostId);
        MacAddress before = default;
        bool learns = false;
        if (!listed || !MayHave(environment, sender, chosen.Address, nowMs, out learns)
            && !MayGive(environment, from, chosen.Address, passedOn, out before))
        {
            return Dropped(TunnelCount.DropNotListed);
        }

        PeerVerdict verdict = Place(environment, from, frame, sender, to, passedOn, nowMs);
        return learns && !passedOn && verdict.Action != PeerAction.Drop
            ? verdict with { Learns = chosen.Address, Before = before }
            : verdict;
    }

    private static PeerVerdict Place(
        SwitchEnvironment environment, PeerTunnel from, in FrameView frame, MacEntry sender, MacEntry? to,
        bool passedOn, long nowMs)
    {
        if (frame.Destination.IsGroup && frame.EtherType == FrameView.TypeIpv6)
        {
            if (frame.IsAnnouncement)
                return new PeerVerdict(PeerAction.Consume, default, sender);
            if (!frame.Ipv6Source.IsSet && NeighborMessage.TryParse(frame, out NeighborMessage message)
                && message.Type == NeighborMessage.Solicitation)
            {
                return new PeerVerdict(PeerAction.Asked, default, sender);
            }
        }

        if (frame.Destination.IsGroup)
            return new PeerVerdict(PeerAction.ToPorts, default, null);
        if (to is not { IsReachable: true })
            return Dropped(TunnelCount.DropUnknownUnicast);
        if (to.Peer is null)
            return new PeerVerdict(PeerAction.ToNode, default, to);
        bool straggler = !passedOn && nowMs < to.StragglersUntilMs && to.Peer.HostId != from.HostId;
        return straggler
            ? new PeerVerdict(PeerAction.PassOn, default, to)
            : Dropped(TunnelCount.DropSplitHorizon);
    }

    /// <summary>
    /// Whether a node of another host may have a link-local address that it chose. Its host let it have it, so it
    /// may, unless this host knows whose it is.
    /// </summary>
    private static bool MayHave(
        SwitchEnvironment environment, MacEntry sender, Ipv6 chosen, long nowMs, out bool learns)
    {
        learns = false;
        if (!chosen.IsSet)
            return true;
        Standing standing = environment.StandingOf(sender.Mac, chosen, nowMs);
        learns = standing != Standing.Own;
        return standing != Standing.Others
            || environment.FindNeighbor(chosen, nowMs, out bool isSettled) is null || !isSettled;
    }

    /// <summary>
    /// Whether the node that had a link-local address is of the same host, which knows better when it has it no more.
    /// </summary>
    private static bool MayGive(
        SwitchEnvironment environment, PeerTunnel from, Ipv6 chosen, bool passedOn, out MacAddress before)
    {
        before = environment.LinkLocals.Find(chosen)?.Mac ?? default;
        return !passedOn && environment.Find(chosen) is null
            && environment.Find(before)?.Location == from.HostId;
    }

    /// <summary>What a question of neighbour discovery gets; null when it goes on like any frame.</summary>
    private static PortVerdict? AskedNeighbor(
        SwitchEnvironment environment, SwitchPort port, in NeighborMessage message, in FrameView frame, long nowMs)
    {
        // No node may answer as a router.
        if (message.Type == NeighborMessage.RouterSolicitation)
            return new PortVerdict(
                environment.Services is null ? PortAction.Consume : PortAction.Serve, default, null);
        if (message.Type != NeighborMessage.Solicitation)
            return null;
        // Somebody who looks whether the address is free has no address yet.
        bool isProbe = !frame.Ipv6Source.IsSet;
        MacEntry? asked = environment.FindNeighbor(message.Target, nowMs, out bool isSettled);
        if (asked?.Mac == port.Mac)
            return new PortVerdict(PortAction.Consume, default, null);
        if (asked is not null && (isSettled || isProbe))
            return new PortVerdict(PortAction.AnswerNeighbor, default, asked);
        if (!isProbe)
            return null;

        // The node is about to use an address that nobody was given.
        if (!message.Target.IsChoosable)
            return Dropped(PortCount.DropSpoofedNeighbor);
        return environment.StandingOf(port.Mac, message.Target, nowMs) == Standing.TooMany
            ? Dropped(PortCount.DropTooManyAddresses)
            : new PortVerdict(PortAction.Consume, default, null) { Claims = message.Target };
    }

    private static PortVerdict Dropped(PortCount reason) => new(PortAction.Drop, reason, null);

    private static PeerVerdict Dropped(TunnelCount reason) => new(PeerAction.Drop, reason, null);

    private static PortCount? CheckAddresses(
        SwitchEnvironment environment, SwitchPort port, in FrameView frame, out ChosenAddress chosen)
    {
        chosen = default;
        if (frame.IsRunt)
            return PortCount.DropRunt;
        if (frame.IsMalformed)
            return PortCount.DropMalformed;
        if (frame.Destination.IsLinkLocalGroup)
            return PortCount.DropLinkLocalGroup;
        return AddressGuard.Check(port.Mac, port.Ip, port.Ip6, environment.Services?.Plan, frame, out chosen);
    }
}
