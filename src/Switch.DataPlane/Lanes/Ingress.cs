namespace VioActors.Switch.DataPlane;

/// <summary>
/// From a node into the switch.
/// <code>
///   TAP ─1 read─► [virtio 12 │ Ethernet frame]    LaneThread's buffer, reused for the next frame
///                    2 parse and check: MAC, IP and ARP sender are the port's         Forwarding.FromPort
///                    3 decide by the table
///          ┌───────────┬──────────┴────┬──────────────────┐
///       4a local port  4b tunnel      4c every port and    4d answer ARP or ND, or
///          (no copy)      slice+seal     every peer once      note that the node is here
///                         (one copy)
/// </code>
/// Ownership: the super-frame belongs to the caller and is only borrowed; nothing here keeps or allocates memory.
/// </summary>
internal sealed class Ingress(SwitchCore core)
{
    private const ushort ArpReply = 2;
    private readonly byte[] _reply = new byte[Limits.VnetHeaderBytes + 128];

    /// <summary>Stages 2 and 3 for one super-frame.</summary>
    public void Handle(SwitchEnvironment environment, SwitchPort port, Span<byte> superFrame)
    {
        port.Counters.Add(PortCount.FramesFromNode);
        if (superFrame.Length <= Limits.VnetHeaderBytes)
        {
            port.Counters.Add(PortCount.DropRunt);
            return;
        }

        port.Counters.Add(PortCount.BytesFromNode, superFrame.Length - Limits.VnetHeaderBytes);
        switch (port.Queue.Take(superFrame, core.NowUs))
        {
            case QueueVerdict.Marked:
                port.Counters.Add(PortCount.FramesMarked);
                break;
            case QueueVerdict.Lost:
                port.Counters.Add(PortCount.DropStandingQueue);
                return;
            default:
                break;
        }

        if (core.Shaping.MayEnter(environment, port, superFrame))
            Enter(environment, port, superFrame);
    }

    /// <summary>The same for a frame that its port's limit let in, perhaps later.</summary>
    public void Enter(SwitchEnvironment environment, SwitchPort port, ReadOnlySpan<byte> superFrame)
    {
        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        PortVerdict verdict = Forwarding.FromPort(environment, port, frame, core.NowMs);
        if (verdict.Claims.IsSet && !core.LinkLocals.MayUse(environment, port, verdict.Claims)
            && verdict.Action is PortAction.Forward or PortAction.Flood)
        {
            verdict = new PortVerdict(PortAction.Drop, PortCount.DropUnsettledAddress, null);
        }

        switch (verdict.Action)
        {
            case PortAction.Drop:
                Drop(environment, port, verdict.Reason, frame);
                break;
            case PortAction.Forward:
                CountPair(environment, port, verdict.Entry!, superFrame.Length - Limits.VnetHeaderBytes);
                if (core.Shaping.MayPass(environment, port, verdict.Entry!, superFrame)
                    && !Send(environment, verdict.Entry!, superFrame, port.Origin))
                {
                    port.Counters.Add(PortCount.DropNoTunnel);
                }

                break;
            case PortAction.Flood:
                if (port.TryBroadcast(core.NowMs))
                    Flood(environment, port, superFrame);
                else
                    port.Counters.Add(PortCount.DropStorm);
                break;
            case PortAction.AnswerArp:
            case PortAction.AnswerNeighbor:
            case PortAction.Serve:
                if (!port.TryBroadcast(core.NowMs))
                    port.Counters.Add(PortCount.DropStorm);
                else if (verdict.Action == PortAction.Serve)
                    core.Services.Answer(environment, port, superFrame);
                else
                    Answer(environment, port, verdict, frame);
                break;
            case PortAction.Announce:
                port.Counters.Add(PortCount.Announcements);
                core.Moves.Announced(environment, port, verdict.Entry);
                break;
            case PortAction.Consume:
                break;
            default:
                throw new InvalidOperationException($"Unknown action {verdict.Action}.");
        }
    }

    /// <summary>Stages 2 to 4 again for a frame that a limit held back: its destination may have moved.</summary>
    public void Forward(SwitchEnvironment environment, SwitchPort port, ReadOnlySpan<byte> superFrame)
    {
        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        PortVerdict verdict = Forwarding.FromPort(environment, port, frame, core.NowMs);
        if (verdict.Claims.IsSet)
            port.Counters.Add(PortCount.DropUnsettledAddress);
        else if (verdict.Action != PortAction.Forward)
            port.Counters.Add(verdict.Action == PortAction.Drop ? verdict.Reason : PortCount.DropUnknownUnicast);
        else if (!Send(environment, verdict.Entry!, superFrame, port.Origin))
            port.Counters.Add(PortCount.DropNoTunnel);
    }

    /// <summary>Stages 4a and 4b: to one known destination; false when the way there has no session.</summary>
    public bool Send(SwitchEnvironment environment, MacEntry to, ReadOnlySpan<byte> superFrame, ulong origin)
    {
        if (to.Peer is { } peer)
            return core.Sender.SendFrame(peer, superFrame, origin, passedOn: false);
        DeliverHere(environment, to, superFrame, origin);
        return true;
    }

    /// <summary>Stage 4a, also the end of the other direction: a destination on this host.</summary>
    public void DeliverHere(SwitchEnvironment environment, MacEntry to, ReadOnlySpan<byte> superFrame, ulong origin)
    {
        if (to.IsLocalProber)
            ToProber(environment, superFrame, origin);
        else
            to.Port?.Deliver(superFrame, origin, core.Settings.Isolated);
        if (core.Settings.Isolated)
            return;

        // Control run: the environment is not looked at, so every port with this MAC gets the frame.
        foreach (SwitchEnvironment other in core.Environments.Values)
        {
            if (!ReferenceEquals(other, environment))
                other.PortOf(to.Mac)?.Deliver(superFrame, origin, isolated: false);
        }
    }

    // Probes run on the first lane; the answers come to any.
    private void ToProber(SwitchEnvironment environment, ReadOnlySpan<byte> superFrame, ulong origin)
    {
        if (core.Settings.Lane == 0)
            core.Prober.Receive(environment, superFrame);
        else
            core.TryHandOver(environment, host: null, superFrame, origin, passedOn: false);
    }

    /// <summary>A group frame for all ports of this host but the sender's.</summary>
    public void DeliverToPorts(
        SwitchEnvironment environment, SwitchPort? sender, ReadOnlySpan<byte> superFrame, ulong origin)
    {
        foreach (SwitchPort port in environment.Ports)
        {
            if (!ReferenceEquals(port, sender))
                port.Deliver(superFrame, origin, core.Settings.Isolated);
        }

        if (core.Settings.Isolated)
            return;
        foreach (SwitchEnvironment other in core.Environments.Values)
        {
            if (ReferenceEquals(other, environment))
                continue;
            foreach (SwitchPort port in other.Ports)
                port.Deliver(superFrame, origin, isolated: false);
        }
    }

    private void Drop(SwitchEnvironment environment, SwitchPort port, PortCount reason, in FrameView frame)
    {
        port.Counters.Add(reason);
        switch (reason)
        {
            case PortCount.DropMovedAway:
                core.Duplicates.SpokeHere(environment, port);
                break;
            case PortCount.DropSpoofedMac or PortCount.DropSpoofedArp or PortCount.DropSpoofedIp
                or PortCount.DropSpoofedNeighbor:
                core.Duplicates.Forged(environment, port, reason, frame);
                break;
            default:
                break;
        }
    }

    private void Flood(SwitchEnvironment environment, SwitchPort port, ReadOnlySpan<byte> superFrame)
    {
        DeliverToPorts(environment, port, superFrame, port.Origin);
        foreach (PeerTunnel peer in environment.Peers)
        {
            if (peer.IsMain && !core.Sender.SendFrame(peer, superFrame, port.Origin, passedOn: false))
                port.Counters.Add(PortCount.DropNoTunnel);
        }
    }

    private void CountPair(SwitchEnvironment environment, SwitchPort port, MacEntry to, int bytes)
    {
        PairCount pair = port.LastPair.Of(environment.Pairs, port.Mac, to);
        pair.Frames++;
        pair.Bytes += bytes;
        pair.LastMs = core.NowMs;
    }

    private void Answer(SwitchEnvironment environment, SwitchPort port, in PortVerdict verdict, in FrameView request)
    {
        MacEntry asked = verdict.Entry!;
        Span<byte> reply = _reply.AsSpan(Limits.VnetHeaderBytes);
        bool isArp = verdict.Action == PortAction.AnswerArp;
        int length = isArp
            ? FrameWriter.Arp(reply, ArpReply, port.Mac, asked.Mac, asked.Ip, port.Mac, request.ArpSenderIp)
            : PacketWriter.NeighborAdvertisement(
                reply, port.Mac, asked.Mac, request.Ipv6Source, NeighborMessage.TargetOf(request),
                environment.Services?.Plan.IsRouter(asked) == true);
        port.Deliver(_reply.AsSpan(0, Limits.VnetHeaderBytes + length), environment.Origin, core.Settings.Isolated);
        port.Counters.Add(isArp ? PortCount.ArpAnswered : PortCount.NeighborsAnswered);
    }
}
