namespace VioActors.Switch.DataPlane;

/// <summary>
/// How the switch follows a node from host to host without asking the controller: the destination's port is bound early
/// and closed; the node's first announcement there opens it; the host then claims the MAC with a higher sequence
/// number,
/// and every peer that lists this host for the MAC sends there. The idea of a port that its first RARP opens is OVN's
/// activation-strategy; sequence numbers are EVPN's MAC mobility (RFC 7432, 7.7).
/// </summary>
internal sealed class Moves(SwitchCore core)
{
    /// <summary>A node announced itself on a local port.</summary>
    public void Announced(SwitchEnvironment environment, SwitchPort port, MacEntry? entry)
    {
        if (entry is null || !entry.Lists(core.Settings.HostId))
            return;

        // A source port that still speaks after another host took the MAC over must not pull it back.
        bool arriving = !port.IsOpen;
        if (!arriving)
            return;
        port.IsOpen = true;
        string before = entry.Location;
        if (before != core.Settings.HostId)
            entry.Claim(core.Settings.HostId, entry.Sequence + 1, core.Settings.HostId, core.NowMs);
        core.Duplicates.Moved(environment, entry, before);
        environment.Bind(entry);
        StartClaim(environment, entry);
        TellOthers(environment, entry);
    }

    /// <summary>Another lane of this host learned where a node is.</summary>
    public void Told(string environmentId, MacAddress mac, string host, ulong sequence)
    {
        if (!core.Environments.TryGetValue(environmentId, out SwitchEnvironment? environment)
            || environment.Find(mac) is not { } entry || !entry.Lists(host))
        {
            return;
        }

        bool isHere = host == core.Settings.HostId;
        if (isHere && environment.PortOf(mac) is { } port)
            port.IsOpen = true;
        string before = entry.Location;
        if (!entry.Claim(host, sequence, core.Settings.HostId, core.NowMs))
            return;
        core.Duplicates.Moved(environment, entry, before);
        environment.Bind(entry);
        if (isHere)
            StartClaim(environment, entry);
        else
            environment.Claims.RemoveAll(c => c.Mac == mac);
    }

    /// <summary>The controller opened a port that was bound early.</summary>
    public void OpenedByController(SwitchEnvironment environment, SwitchPort port)
    {
        port.IsOpen = true;
        if (environment.Find(port.Mac) is not { } entry || entry.Location != core.Settings.HostId)
            return;
        environment.Bind(entry);
        StartClaim(environment, entry);
    }

    /// <summary>
    /// The controller expects a node back that left this host earlier: its old port waits for it. A port whose node is
    /// here stays open, for the controller may not know yet that it arrived.
    /// </summary>
    public void PreBoundAgain(SwitchEnvironment environment, SwitchPort port)
    {
        string self = core.Settings.HostId;
        if (environment.Find(port.Mac) is { } entry && entry.PreBound == self && entry.Location != self)
            port.IsOpen = false;
    }

    /// <summary>A peer says that a MAC is there now. Counts only for hosts that the controller lists for it.</summary>
    public void Claimed(PeerTunnel peer, MacAddress mac, ulong sequence)
    {
        SwitchEnvironment environment = peer.Environment;
        if (environment.Find(mac) is not { } entry || !entry.Lists(peer.HostId) || entry.IsQuarantined)
        {
            peer.Counters.Add(TunnelCount.ClaimRefused);
            return;
        }

        string before = entry.Location;
        if (!entry.Claim(peer.HostId, sequence, core.Settings.HostId, core.NowMs))
        {
            // The same claim again is a repetition, and so is the answer; another one is older than what is known.
            if (entry.Location != peer.HostId)
                peer.Counters.Add(TunnelCount.ClaimStale);
            else if (core.NowMs < entry.StragglersUntilMs && entry.Lists(core.Settings.HostId))
                core.LinkLocals.MovedTo(peer, mac);
            return;
        }

        core.Duplicates.Moved(environment, entry, before);
        environment.Bind(entry);
        environment.Claims.RemoveAll(c => c.Mac == mac);
        TellOthers(environment, entry);
        if (before == core.Settings.HostId)
            core.LinkLocals.MovedTo(peer, mac);
    }

    private void TellOthers(SwitchEnvironment environment, MacEntry entry)
    {
        (string id, MacAddress mac, string host, ulong sequence) =
            (environment.Id, entry.Mac, entry.Location, entry.Sequence);
        core.TellOthers(other => other.Moves.Told(id, mac, host, sequence));
    }

    /// <summary>Repeats claims, at growing distances.</summary>
    public void Tick(SwitchEnvironment environment)
    {
        for (int i = environment.Claims.Count - 1; i >= 0; i--)
        {
            PendingClaim claim = environment.Claims[i];
            if (core.NowMs < claim.NextMs)
                continue;
            SendClaim(environment, claim);
            if (claim.Sent > Limits.ClaimRepeats)
                environment.Claims.RemoveAt(i);
        }
    }

    private void StartClaim(SwitchEnvironment environment, MacEntry entry)
    {
        environment.Claims.RemoveAll(c => c.Mac == entry.Mac);
        var claim = new PendingClaim(entry.Mac, entry.Sequence);
        environment.Claims.Add(claim);
        SendClaim(environment, claim);
    }

    private void SendClaim(SwitchEnvironment environment, PendingClaim claim)
    {
        foreach (PeerTunnel peer in environment.Peers)
        {
            if (peer.IsMain)
                core.Sender.SendClaim(peer, claim.Mac, claim.Sequence);
        }

        claim.NextMs = core.NowMs + (50L << claim.Sent);
        claim.Sent++;
    }
}
