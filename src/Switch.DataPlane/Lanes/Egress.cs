using System.Buffers.Binary;
using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// From the network to a node.
/// <code>
///   UDP ─1 receive─► [header 16 │ sealed │ tag 16]      LaneThread's buffer, decrypted in place
///                       2 session by id, sender's address, replay window, AEAD
///                       3 keepalive, claim, or slice; a lone slice is used where it lies,
///                         others are copied once into a slot of Reassembly
///                       4 decide by the table of the session's environment     Forwarding.FromPeer
///             ┌───────────┴────────────┬─────────────────────────┐
///          5a port or prober        5b every port of the      5c passed on to the host
///             of this host             environment here          that the node moved to
/// </code>
/// Ownership: the datagram belongs to the caller; a reassembled frame belongs to Reassembly until its next slice.
/// </summary>
internal sealed class Egress(SwitchCore core, Handshakes handshakes, RunTests runTests)
{
    private readonly Ingress _local = new(core);

    private readonly byte[] _salvaged =
        GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);

    public Reassembly Reassembly { get; } = new();

    /// <summary>Gives up what has waited too long: the last frames before a silence.</summary>
    public void GiveUpOld()
    {
        while (Reassembly.Open > 0
            && Reassembly.TryGiveUp(core.NowMs - Limits.SalvageMs, out ReassemblySlot broken))
        {
            if (core.Sessions.TryGetValue(broken.Session, out (TunnelSession Session, PeerTunnel Peer) found))
                Salvage(found.Peer, broken);
        }
    }

    /// <summary>Stages 1 and 2.</summary>
    public void Handle(Span<byte> datagram, in Arrival arrival)
    {
        if (!DatagramHeader.TryRead(datagram, out DatagramHeader header))
        {
            core.Counters.Add(TunnelCount.DropGarbage);
            return;
        }

        if (header.Lane >= Limits.MaxLanes)
        {
            core.Counters.Add(TunnelCount.DropWrongLane);
            return;
        }

        switch (header.Type)
        {
            case DatagramType.Init:
                handshakes.OnInit(datagram, header, arrival);
                break;
            case DatagramType.Response:
                handshakes.OnResponse(datagram, header, arrival);
                break;
            default:
                OnData(datagram, header, arrival);
                break;
        }
    }

    private void OnData(Span<byte> datagram, in DatagramHeader header, in Arrival arrival)
    {
        if (!core.Sessions.TryGetValue(header.Session, out (TunnelSession Session, PeerTunnel Peer) found))
        {
            core.Counters.Add(TunnelCount.DropUnknownSession);
            return;
        }

        (TunnelSession session, PeerTunnel peer) = found;
        bool isUsual = arrival.Is(peer.Path);
        if (!isUsual && arrival.Via is null && !peer.WasTried(arrival.Address) && !peer.TryStranger(core.NowMs))
        {
            // Checked before decryption: strangers make us compute a little and no more.
            peer.Counters.Add(TunnelCount.DropWrongSource);
            return;
        }

        bool wasConfirmed = session.IsConfirmed;
        OpenResult result = session.Open(datagram, header, core.NowMs, out int length);
        if (result != OpenResult.Ok)
        {
            peer.Counters.Add(result switch
            {
                _ when !isUsual && arrival.Via is null => TunnelCount.DropWrongSource,
                OpenResult.Replayed => TunnelCount.DropReplayed,
                OpenResult.Forged => TunnelCount.DropForged,
                _ => TunnelCount.DropShort,
            });
            return;
        }

        peer.LastReceivedMs = core.NowMs;
        peer.Counters.Add(TunnelCount.DatagramsIn);
        peer.Counters.Add(TunnelCount.BytesIn, datagram.Length);
        if (!wasConfirmed)
            handshakes.Confirmed(peer, session);
        if (!isUsual)
            core.Paths.Arrived(peer, session, arrival, session.IsNewest(header.Counter));
        OnMessage(peer, session, datagram.Slice(DatagramHeader.Bytes, length), arrival);
    }

    private void OnMessage(PeerTunnel peer, TunnelSession session, Span<byte> text, in Arrival arrival)
    {
        switch (text[0])
        {
            case MessageKind.Keepalive when text.Length == 1:
                peer.Counters.Add(TunnelCount.KeepalivesIn);
                break;
            case MessageKind.Claim when text.Length == TunnelSender.ClaimBytes:
                peer.Counters.Add(TunnelCount.ClaimsIn);
                core.Moves.Claimed(peer, MacAddress.Read(text[1..]), BinaryPrimitives.ReadUInt64BigEndian(text[7..]));
                break;
            case MessageKind.Loss when text.Length == LossReports.Bytes:
                peer.Counters.Add(TunnelCount.LossReportsIn);
                LossReports.Take(session, text);
                break;
            case MessageKind.RunTest when text.Length >= RunTests.TestHeaderBytes:
                runTests.Count(peer, text);
                break;
            case MessageKind.RunReport when text.Length == RunTests.ReportBytes:
                runTests.Take(peer, text);
                break;
            case MessageKind.Slice when SliceHeader.TryRead(text, out SliceHeader slice):
                bool marked = Ecn.IsMarked(arrival.TrafficClass);
                OnSlice(peer, session, slice with { Marked = marked }, text[SliceHeader.Bytes..]);
                break;
            case MessageKind.Probe when PathMessages.TryReadProbe(text, out ulong token):
                core.Probes.OnProbe(peer, session, token, text.Length + TunnelSession.Overhead, arrival);
                break;
            case MessageKind.ProbeReply
                when PathMessages.TryReadReply(text, out ulong token, out int size, out IPEndPoint? seen):
                core.Probes.OnReply(peer, token, size, seen);
                break;
            case MessageKind.WhereIs:
                core.Rendezvous.OnAsked(peer, text);
                break;
            case MessageKind.SeenAt:
                core.Rendezvous.OnTold(peer, text);
                break;
            default:
                peer.Counters.Add(TunnelCount.DropBadMessage);
                break;
        }
    }

    private void OnSlice(PeerTunnel peer, TunnelSession session, in SliceHeader slice, Span<byte> payload)
    {
        Span<byte> superFrame = payload;
        bool marked = slice.Marked;
        bool isWhole = slice.Count == 1
            || Reassembly.Add(session.LocalId, slice, payload, core.NowMs, out superFrame);
        if (!isWhole)
            return;
        if (slice.Count > 1)
            marked = Reassembly.WasMarked;
        while (Reassembly.Open > 0 && Reassembly.TryGiveUp(session.LocalId, slice.FrameId, out ReassemblySlot broken))
            Salvage(peer, broken);
        if (marked)
            Ecn.Mark(superFrame);
        OnFrame(peer, superFrame, slice.Origin, slice.Forwarded);
    }

    /// <summary>
    /// Of a super-frame that lacks datagrams, what is whole: the TCP segments that no lost one touched.
    /// </summary>
    private void Salvage(PeerTunnel peer, ReassemblySlot broken)
    {
        if (!TcpSuperFrame.TryParse(broken.Prefix, out TcpSuperFrame frame))
            return;
        ReadOnlySpan<byte> all = broken.Bytes;
        int segments = (all.Length - frame.HeaderBytes + frame.SegmentBytes - 1) / frame.SegmentBytes;
        int EndOf(int segment, int length) =>
            Math.Min(frame.HeaderBytes + (segment + 1) * frame.SegmentBytes, length);
        for (int first = 0; first < segments; first++)
        {
            int next = first;
            while (next < segments && broken.Has(EndOf(next - 1, all.Length), EndOf(next, all.Length)))
                next++;
            if (next == first)
                continue;
            int length = frame.Write(all, first, EndOf(next - 1, all.Length), _salvaged);
            if (broken.IsMarked)
                Ecn.Mark(_salvaged.AsSpan(0, length));
            peer.Counters.Add(TunnelCount.FramesSalvaged);
            OnFrame(peer, _salvaged.AsSpan(0, length), broken.Origin, broken.Forwarded);
            first = next;
        }
    }

    private void OnFrame(PeerTunnel peer, Span<byte> superFrame, ulong origin, bool passedOn)
    {
        SwitchEnvironment environment = peer.Environment;
        peer.Counters.Add(TunnelCount.FramesIn);
        switch (core.Arrivals.Take(superFrame, core.NowUs))
        {
            case QueueVerdict.Marked:
                peer.Counters.Add(TunnelCount.FramesMarked);
                break;
            case QueueVerdict.Lost:
                peer.Counters.Add(TunnelCount.DropStandingQueue);
                return;
            default:
                break;
        }

        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        PeerVerdict verdict = Forwarding.FromPeer(environment, peer, frame, passedOn, core.NowMs);
        if (verdict.Learns.IsSet)
            environment.LinkLocals.Learn(frame.Source, verdict.Learns, core.NowMs, verdict.Before);
        switch (verdict.Action)
        {
            case PeerAction.ToNode:
                _local.DeliverHere(environment, verdict.Entry!, superFrame, origin);
                break;
            case PeerAction.ToPorts:
                _local.DeliverToPorts(environment, sender: null, superFrame, origin);
                break;
            case PeerAction.PassOn:
                peer.Counters.Add(TunnelCount.StragglersForwarded);
                core.Sender.SendFrame(verdict.Entry!.Peer!, superFrame, origin, passedOn: true);
                break;
            case PeerAction.Asked:
                core.LinkLocals.Asked(peer, verdict.Entry!, NeighborMessage.TargetOf(frame));
                break;
            case PeerAction.Consume:
                break;
            default:
                peer.Counters.Add(verdict.Reason);
                core.Drops.Note(peer, superFrame);
                break;
        }
    }
}
