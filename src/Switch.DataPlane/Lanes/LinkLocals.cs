namespace VioActors.Switch.DataPlane;

/// <summary>
/// How a node gets a link-local address of its own choice (RFC 7217, RFC 8064) while nobody can take another's. Its
/// host claims it with the node's first sign of it, and asks the other hosts before any frame with it leaves: with the
/// question that a node asks itself (RFC 4862), which goes to switches and to no node. Who has it answers with a
/// neighbour advertisement, and the claim ends. What passes later with the address, checked by its sender's host,
/// tells each host on its way whose it is. So there is no message of its own for this, no list that hosts must keep
/// equal, and only those who talk to a node keep its address. A node takes them along when it moves: its old host
/// advertises them to the new one.
/// </summary>
internal sealed class LinkLocals(SwitchCore core)
{
    private readonly byte[] _frame = new byte[Limits.VnetHeaderBytes + 128];

    /// <summary>Whether a node may send frames with an address; claims it when it is nobody's.</summary>
    public bool MayUse(SwitchEnvironment environment, SwitchPort port, Ipv6 address)
    {
        if (environment.LinkLocals.Claim(port.Mac, address, core.NowMs, out bool isNew) is not { } claim)
            return false;
        if (isNew)
        {
            port.Counters.Add(PortCount.AddressesChosen);
            if (environment.Peers.Count == 0)
                claim.Settle(core.NowMs);
            else
                Begin(environment, claim);
        }

        return claim.IsSettled(core.NowMs);
    }

    // The first lane asks, for only it knows when no session is there: the others hand it what they cannot send.
    private void Begin(SwitchEnvironment environment, LinkLocalClaim claim)
    {
        if (core.Settings.Lane == 0)
        {
            environment.Asking.Add(claim);
            Ask(environment, claim);
            return;
        }

        core.Lanes.InboxOf(0).Post(first =>
        {
            if (first.Environments.TryGetValue(environment.Id, out SwitchEnvironment? same))
                first.LinkLocals.Begin(same, claim);
        });
    }

    /// <summary>Asks again: datagrams may be lost, and a session may only be coming.</summary>
    public void Tick(SwitchEnvironment environment)
    {
        for (int i = environment.Asking.Count - 1; i >= 0; i--)
        {
            LinkLocalClaim claim = environment.Asking[i];
            if (claim.IsSettled(core.NowMs) || environment.LinkLocals.Find(claim.Address) != claim)
                environment.Asking.RemoveAt(i);
            else if (claim.Asked < Limits.LinkLocalAsks && core.NowMs >= claim.NextAskMs)
                Ask(environment, claim);
        }
    }

    /// <summary>Another host asks whether an address is free for a node of its own.</summary>
    public void Asked(PeerTunnel from, MacEntry asker, Ipv6 target)
    {
        SwitchEnvironment environment = from.Environment;
        MacEntry? owner = environment.FindNeighbor(target, core.NowMs, out bool isSettled);
        if (owner is not { Peer: null, Port: { } port } || owner.Mac == asker.Mac)
            return;

        // Two that began at the same time: both hosts know the same rule, and the loser's node hears of it.
        if (!isSettled && asker.Mac.Value < owner.Mac.Value)
        {
            environment.LinkLocals.Yield(owner.Mac, target, core.NowMs);
            port.Deliver(
                Advertisement(port.Mac, asker.Mac, target), environment.Origin, core.Settings.Isolated);
            return;
        }

        if (core.Sender.SendFrame(from, Advertisement(asker.Mac, owner.Mac, target), environment.Origin, false))
            port.Counters.Add(PortCount.AddressesDefended);
    }

    /// <summary>A node of this host is on another one now, which may not know its addresses.</summary>
    public void MovedTo(PeerTunnel peer, MacAddress mac)
    {
        foreach (LinkLocalClaim claim in peer.Environment.LinkLocals.Of(mac))
        {
            ReadOnlySpan<byte> frame = Advertisement(Ipv6.AllNodes.GroupMac, mac, claim.Address);
            if (claim.IsSettled(core.NowMs))
                core.Sender.SendFrame(peer, frame, peer.Environment.Origin, passedOn: false);
        }
    }

    private void Ask(SwitchEnvironment environment, LinkLocalClaim claim)
    {
        int bytes = PacketWriter.AddressProbe(_frame.AsSpan(Limits.VnetHeaderBytes), claim.Mac, claim.Address);
        bool all = true;
        foreach (PeerTunnel peer in environment.Peers)
        {
            all &= !peer.IsMain || core.Sender.SendFrame(
                peer, _frame.AsSpan(0, Limits.VnetHeaderBytes + bytes), environment.Origin, passedOn: false);
        }

        claim.NextAskMs = core.NowMs + Limits.LinkLocalAskMs;
        if (all && ++claim.Asked == Limits.LinkLocalAsks)
            claim.Settle(claim.NextAskMs);
    }

    private ReadOnlySpan<byte> Advertisement(MacAddress to, MacAddress owner, Ipv6 target) => _frame.AsSpan(
        0, Limits.VnetHeaderBytes + PacketWriter.NeighborAdvertisement(
            _frame.AsSpan(Limits.VnetHeaderBytes), to, owner, default, target, isRouter: false));
}
