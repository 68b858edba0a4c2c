using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Gives each peer its path: direct where that answers, else through the nearest host that both know. A relayed peer is
/// tried directly again and again, at all addresses that the controller, a relay or the peer itself showed.
/// </summary>
internal sealed class PathKeeper(SwitchCore core)
{
    /// <summary>Time between two tries of the direct ways, milliseconds.</summary>
    public const int TryDirectMs = 1500;

    private const int SoonestTryMs = 200;
    private const int ChoiceMs = 2000;

    /// <summary>Questions for a peer's address before the first rest, which outlasts a router's memory.</summary>
    private const int FirstRest = 16;

    private const int RestEvery = 400;
    private const int RestMs = 40_000;

    /// <summary>Handshakes in a row without an answer before one goes through a relay, too.</summary>
    private const int AloneAttempts = 3;

    /// <summary>Gives up what is dead and tries what may be better.</summary>
    public void Tick(PeerTunnel peer)
    {
        if (peer.Current is not { } session || peer.NextHop is not null
            || !session.Understands(TunnelCapabilities.Probes))
        {
            return;
        }

        PathState path = peer.Path;
        bool isDead = path.Health.IsDead && core.NowMs - peer.ChosenMs >= PathHealth.HurryMs;
        PeerTunnel? other = isDead ? RelayFor(peer) : null;
        SocketAddress? stream = isDead ? StreamOf(peer) : null;
        bool isOther = stream is not null && !ReferenceEquals(stream, path.Direct);
        switch (PathDecider.Periodic(
            path.IsDetour, isDead, other is not null, isOther, core.NowMs >= peer.NextTryMs))
        {
            case PathAction.UseStream:
                peer.ChosenMs = core.NowMs;
                peer.Change(new PathState(peer.Sizes, stream!));
                break;
            case PathAction.UseRelay:
                peer.ChosenMs = core.NowMs;
                peer.Change(new PathState(peer.Sizes, peer.Address, other));
                break;
            case PathAction.UseDirect:
                peer.ChosenMs = core.NowMs;
                peer.Change(new PathState(peer.Sizes, peer.Address));
                break;
            case PathAction.TryDirect:
                TryDirect(peer, session);
                if (core.NowMs >= peer.NextAskMs)
                    Ask(peer);
                break;
        }
    }

    /// <summary>An authenticated datagram did not come the way that ours go.</summary>
    public void Arrived(PeerTunnel peer, TunnelSession session, in Arrival arrival, bool isNewest)
    {
        if (peer.NextHop is not null || !ReferenceEquals(session, peer.Current))
            return;
        PathState path = peer.Path;
        // What this side has just given up may still work for the other.
        bool isProven = path.Health.IsProven || core.NowMs - peer.ChosenMs < ChoiceMs;
        switch (PathDecider.Arrived(path.IsDetour, isProven, IsDetour(arrival), isNewest))
        {
            case ArrivalAction.Follow:
                Follow(peer, arrival);
                break;
            case ArrivalAction.Try when core.NowMs - peer.LastTryMs >= SoonestTryMs:
                TryNow(peer, AddressOf(peer, arrival.Address).EndPoint);
                break;
        }
    }

    /// <summary>Sends where a datagram of the peer came from.</summary>
    public void Follow(PeerTunnel peer, in Arrival arrival)
    {
        if (peer.NextHop is not null || arrival.Is(peer.Path))
            return;
        SocketAddress from = arrival.Via is null ? AddressOf(peer, arrival.Address) : peer.Address;
        if (from.Stream is null)
            peer.Address = from;
        peer.Change(new PathState(peer.Sizes, from, arrival.Via));
    }

    /// <summary>A way that is not in use answered.</summary>
    public void Answered(PeerTunnel peer, PathState tried)
    {
        bool isInUse = ReferenceEquals(tried, peer.Path);
        if (isInUse || peer.NextHop is not null || !peer.Tries.Contains(tried)
            || !PathDecider.UseAnswered(peer.Path.IsDetour, peer.Path.Health.IsProven))
        {
            return;
        }

        peer.Address = tried.Direct;
        peer.Change(tried);
    }

    /// <summary>
    /// The peer may be at this address, which is tried now. Through NAT that works when both sides do so at the same
    /// time, and so is left to the moment at which both are told.
    /// </summary>
    public void TryNow(PeerTunnel peer, IPEndPoint endPoint)
    {
        if (endPoint.AddressFamily != core.Settings.Family)
            return;
        if (!peer.Configured.Contains(endPoint) && !peer.Learned.Contains(endPoint))
        {
            if (peer.Learned.Count >= Limits.MaxLearnedAddresses)
                peer.Learned.RemoveAt(0);
            peer.Learned.Add(endPoint);
        }

        if (peer.Current is not { } session || !peer.Path.IsDetour || core.NowMs - peer.LastTryMs < SoonestTryMs)
            return;
        peer.LastTryMs = core.NowMs;
        Try(peer, session, Ways(peer).Find(way => way.Direct.EndPoint.Equals(endPoint))!);
    }

    /// <summary>Whether anything is known that may lead to the peer.</summary>
    public bool HasWay(PeerTunnel peer) => !peer.Address.IsNone || peer.NextHop is not null
        || peer.Configured.Count + peer.Learned.Count > 0 || peer.StreamEndPoint is not null || AbleFor(peer).Any();

    /// <summary>Sends an init every way that may lead to the peer: the first to arrive counts.</summary>
    public void SendInit(PeerTunnel peer, ReadOnlySpan<byte> message)
    {
        if (peer.Path.Health.IsProven || peer.NextHop is not null)
        {
            core.Sender.SendHandshake(peer, peer.Path, message);
            return;
        }

        foreach (PathState way in Ways(peer))
            core.Sender.SendHandshake(peer, way, message);
        if (peer.Tries.Count > 0 && peer.FailedAttempts < AloneAttempts)
            return;
        if (StreamOf(peer) is { } stream)
            core.Sender.SendHandshake(peer, new PathState(peer.Sizes, stream), message);
        if (RelayFor(peer) is { } relay)
            core.Sender.SendHandshake(peer, new PathState(peer.Sizes, peer.Address, relay), message);
    }

    /// <summary>The way that a datagram came.</summary>
    public PathState Back(PeerTunnel peer, in Arrival arrival) =>
        arrival.Is(peer.Path) ? peer.Path
            : new PathState(
                peer.Sizes, arrival.Via is null ? AddressOf(peer, arrival.Address) : peer.Address, arrival.Via);

    /// <summary>The address object of a sender: the one in use, where it is the same.</summary>
    private SocketAddress AddressOf(PeerTunnel peer, ReadOnlySpan<byte> from) =>
        peer.Address.Matches(from) ? peer.Address : core.Link.AddressOf(from);

    private SocketAddress? StreamOf(PeerTunnel peer) =>
        peer.StreamEndPoint is { } endPoint ? core.Link.StreamTo(peer.HostId, endPoint, core.NowMs) : null;

    private static bool IsDetour(in Arrival arrival) =>
        arrival.Via is not null || SocketAddress.StreamIdOf(arrival.Address) != 0;

    /// <summary>The nearest host that could pass on and does not do so now; each in turn when that does not help.
    /// </summary>
    private PeerTunnel? RelayFor(PeerTunnel peer)
    {
        List<PeerTunnel> able = [.. AbleFor(peer).OrderBy(relay => relay.Path.Health.RttUs)];
        if (able.Count == 0)
            return null;
        if (able.Count == 1)
            return ReferenceEquals(able[0], peer.Path.Via) ? null : able[0];
        PeerTunnel next = able[peer.RelayTurn++ % able.Count];
        return ReferenceEquals(next, peer.Path.Via) ? able[peer.RelayTurn++ % able.Count] : next;
    }

    private IEnumerable<PeerTunnel> AbleFor(PeerTunnel peer) => core.Environments.Values
        .Where(e => ReferenceEquals(e, peer.Environment) || e.Id == SwitchEnvironment.Relays)
        .SelectMany(e => e.Peers).Where(p => p.HostId != peer.HostId && p.CanPassOn);

    private void TryDirect(PeerTunnel peer, TunnelSession session)
    {
        peer.NextTryMs = core.NowMs + TryDirectMs;
        bool isTold = peer.Path.Via is not null;
        foreach (PathState way in Ways(peer))
        {
            if (!isTold || peer.Configured.Contains(way.Direct.EndPoint))
                Try(peer, session, way);
        }
    }

    // A router that took the other's datagram for its own keeps the port from us until neither sends for a while.
    private void Ask(PeerTunnel peer)
    {
        core.Rendezvous.Ask(peer);
        peer.Asked++;
        bool rests = peer.Asked == FirstRest || peer.Asked % RestEvery == 0;
        peer.NextAskMs = core.NowMs + (rests ? RestMs : TryDirectMs);
    }

    private void Try(PeerTunnel peer, TunnelSession session, PathState way) =>
        core.Probes.Send(peer, session, way, TunnelSession.Overhead + PathMessages.ProbeBytes);

    // Kept between two tries, so that an answer finds its way again.
    private static List<PathState> Ways(PeerTunnel peer)
    {
        IPEndPoint[] all = [.. peer.Configured.Concat(peer.Learned).Append(peer.Address.EndPoint).Distinct()
            .Where(e => e.Port != 0)];
        peer.Tries.RemoveAll(way => !all.Contains(way.Direct.EndPoint));
        foreach (IPEndPoint endPoint in all)
        {
            if (!peer.Tries.Exists(way => way.Direct.EndPoint.Equals(endPoint)))
                peer.Tries.Add(new PathState(peer.Sizes, SocketAddress.From(endPoint)));
        }

        return peer.Tries;
    }
}
