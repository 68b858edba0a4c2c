namespace VioActors.Switch.DataPlane;

/// <summary>
/// Passes on datagrams between two hosts that both have a session with this one in the same environment (or in the
/// group of hosts that the controller lets relay for each other). It changes the routing header only: what is behind it
/// is sealed from end to end. It keeps no table: the session in the header names the sender, its environment names who
/// may be reached, and a limit per sender bounds the work.
/// </summary>
internal sealed class Relay(SwitchCore core)
{
    /// <summary>A datagram with a routing header; its bytes belong to the caller and are changed in place.</summary>
    /// <param name="datagram">All of it.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="trafficClass">Of its IP header.</param>
    /// <param name="egress">Takes what is for this host.</param>
    public void Handle(Span<byte> datagram, ReadOnlySpan<byte> from, byte trafficClass, Egress egress)
    {
        if (!RelayHeader.TryRead(datagram, out RelayHeader header) || header.Lane >= Limits.MaxLanes)
        {
            core.Counters.Add(TunnelCount.DropGarbage);
            return;
        }

        if (!core.Sessions.TryGetValue(header.Session, out (TunnelSession Session, PeerTunnel Peer) found)
            || !(found.Session.IsConfirmed || found.Session.IsInitiator))
        {
            core.Counters.Add(TunnelCount.DropUnknownSession);
            return;
        }

        PeerTunnel sender = found.Peer;
        if (!sender.Path.Direct.Matches(from) && !sender.WasTried(from))
            sender.Counters.Add(TunnelCount.DropWrongSource);
        else if (header.To - core.HostTag < Limits.MaxLanes)
            egress.Handle(datagram[RelayHeader.Bytes..], new Arrival(from, sender) { TrafficClass = trafficClass });
        else
            PassOn(datagram, header, sender, trafficClass);
    }

    private void PassOn(Span<byte> datagram, in RelayHeader header, PeerTunnel sender, byte trafficClass)
    {
        PeerTunnel? to = sender.Environment.PeerOf(header.To);
        PeerTunnel? next = to?.NextHop ?? to;
        if (header.Hops == 0 || next is not { CanPassOn: true, Current: { } session } || ReferenceEquals(next, sender))
        {
            sender.Counters.Add(TunnelCount.RelayRefused);
            return;
        }

        // Only handshakes may be cut on their way; data learns from a missing answer that the path is smaller.
        bool isData = datagram[RelayHeader.Bytes] == (byte)DatagramType.Data;
        if (isData && datagram.Length > next.Path.Mtu.Usable)
        {
            sender.Counters.Add(TunnelCount.DropTooLarge);
            return;
        }

        if (!sender.TryRelay(datagram.Length, core.Settings.RelayBytesPerSecond, core.NowUs))
        {
            sender.Counters.Add(TunnelCount.RelayLimited);
            return;
        }

        var onward = new RelayHeader((byte)(header.Hops - 1), core.Settings.Lane, session.RemoteId, header.To);
        onward.Write(datagram);
        core.Link.Send(datagram, next.Path.Direct, (byte)(trafficClass & core.Settings.TrafficClassMask));
        sender.Counters.Add(TunnelCount.DatagramsRelayed);
        sender.Counters.Add(TunnelCount.BytesRelayed, datagram.Length);
    }
}
