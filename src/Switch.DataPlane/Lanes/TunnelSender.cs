using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>Cuts, seals and sends. Owns the one buffer in which datagrams are built; the lane thread's.</summary>
internal sealed class TunnelSender(SwitchCore core)
{
    public const int ClaimBytes = 1 + 6 + 8;
    private readonly byte[] _parity = GC.AllocateUninitializedArray<byte>(Limits.MaxDatagramBytes, pinned: true);

    // A routing header, where one is needed, and the datagram.
    private readonly byte[] _buffer =
        GC.AllocateUninitializedArray<byte>(RelayHeader.Bytes + Limits.MaxDatagramBytes, pinned: true);

    private byte _trafficClass;

    /// <summary>
    /// Sends a super-frame to a peer, in as many slices as its length needs; false when there is no session.
    /// </summary>
    public bool SendFrame(PeerTunnel peer, ReadOnlySpan<byte> superFrame, ulong origin, bool passedOn)
    {
        TunnelSession? session = peer.Current;
        if (session is null)
        {
            if (core.TryHandOver(peer.Environment, peer.HostId, superFrame, origin, passedOn))
                return true;
            peer.Counters.Add(TunnelCount.DropNoSession);
            return false;
        }

        if (passedOn && !session.Understands(TunnelCapabilities.PassedOn))
            return false;
        int max = peer.SlicePayload;
        int count = SliceHeader.CountFor(superFrame.Length, max);
        if (count > Limits.MaxSlices)
        {
            peer.Counters.Add(TunnelCount.DropTooLarge);
            return false;
        }

        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        _trafficClass = TrafficClassOf(session, frame);
        bool withParity = session.SendsParity && count >= 2;
        if (withParity)
            _parity.AsSpan(0, max).Clear();
        var header = new SliceHeader(
            session.NextFrameId++, 0, (byte)count, 0, superFrame.Length, 0, origin, passedOn);
        for (int index = 0, offset = 0; index < count; index++, offset += max)
        {
            ReadOnlySpan<byte> payload = superFrame.Slice(offset, Math.Min(max, superFrame.Length - offset));
            if (withParity)
                Parity.Xor(_parity, payload);
            SendSlice(peer, session, header with { Index = (byte)index, Offset = offset }, payload);
        }

        if (withParity)
        {
            SendSlice(peer, session, header with { IsParity = true }, _parity.AsSpan(0, max));
            peer.Counters.Add(TunnelCount.ParityOut);
        }

        _trafficClass = 0;
        peer.Counters.Add(TunnelCount.FramesOut);
        return true;
    }

    // A peer that would not carry a mark back into the frame gets none: better a lost frame than a lost mark.
    private byte TrafficClassOf(TunnelSession session, in FrameView frame)
    {
        int mask = core.Settings.TrafficClassMask;
        if (!session.Understands(TunnelCapabilities.Ecn))
            mask &= ~Ecn.Mask;
        return (byte)(Ecn.ClassOf(frame) & mask);
    }

    /// <summary>An empty message: shows that this side lives and has the keys.</summary>
    public void SendKeepalive(PeerTunnel peer)
    {
        if (peer.Current is not { } session)
            return;
        Text[0] = MessageKind.Keepalive;
        SealAndSend(peer, session, 1);
    }

    /// <summary>Says that a MAC is on this host now.</summary>
    public void SendClaim(PeerTunnel peer, MacAddress mac, ulong sequence)
    {
        if (peer.Current is not { } session || !session.Understands(TunnelCapabilities.Claims))
            return;
        Span<byte> text = Text;
        text[0] = MessageKind.Claim;
        mac.Write(text[1..]);
        BinaryPrimitives.WriteUInt64BigEndian(text[7..], sequence);
        SealAndSend(peer, session, ClaimBytes);
        peer.Counters.Add(TunnelCount.ClaimsOut);
    }

    /// <summary>Says how many of the peer's datagrams are lost, in 65,535ths.</summary>
    public void SendLoss(PeerTunnel peer, ushort share)
    {
        if (peer.Current is not { } session)
            return;
        Span<byte> text = Text;
        text[0] = MessageKind.Loss;
        BinaryPrimitives.WriteUInt16BigEndian(text[1..], share);
        SealAndSend(peer, session, LossReports.Bytes);
    }

    /// <summary>One datagram of a self-test, to the test's own address object.</summary>
    public void SendTest(
        PeerTunnel peer, TunnelSession session, SocketAddress to, ushort test, byte group, int length)
    {
        Span<byte> text = Text[..length];
        text.Clear();
        text[0] = MessageKind.RunTest;
        BinaryPrimitives.WriteUInt16BigEndian(text[1..], test);
        text[3] = group;
        int sealedLength = session.Seal(Datagram, length, core.NowMs);
        core.Link.Send(Datagram[..sealedLength], to, trafficClass: 0);
        peer.Counters.Add(TunnelCount.DatagramsOut);
        peer.Counters.Add(TunnelCount.BytesOut, sealedLength);
    }

    /// <summary>Says what arrived of a peer's self-test.</summary>
    public void SendTestReport(PeerTunnel peer, ushort test, ReadOnlySpan<byte> counts)
    {
        if (peer.Current is not { } session)
            return;
        Span<byte> text = Text;
        text[0] = MessageKind.RunReport;
        BinaryPrimitives.WriteUInt16BigEndian(text[1..], test);
        counts.CopyTo(text[3..]);
        SealAndSend(peer, session, RunTests.ReportBytes);
    }

    /// <summary>Where the next message's text is built, before it is sent.</summary>
    public Span<byte> Text => _buffer.AsSpan(RelayHeader.Bytes + DatagramHeader.Bytes);

    /// <summary>Seals and sends the text.</summary>
    public void SendText(PeerTunnel peer, TunnelSession session, int length) => SealAndSend(peer, session, length);

    /// <summary>The same another way than the one in use.</summary>
    /// <param name="peer">The receiver.</param>
    /// <param name="session">With it.</param>
    /// <param name="way">The way.</param>
    /// <param name="length">Bytes of the text.</param>
    /// <param name="whole">Whether nobody may cut the datagram on its way.</param>
    public void SendText(PeerTunnel peer, TunnelSession session, PathState way, int length, bool whole) =>
        Transmit(peer, way, session.Seal(Datagram, length, core.NowMs), whole);

    /// <summary>Sends a message that needs no seal.</summary>
    public void SendHandshake(PeerTunnel peer, PathState way, ReadOnlySpan<byte> message)
    {
        message.CopyTo(Datagram);
        Transmit(peer, way, message.Length, whole: false);
    }

    private void SendSlice(PeerTunnel peer, TunnelSession session, in SliceHeader header, ReadOnlySpan<byte> payload)
    {
        Span<byte> text = Text;
        header.Write(text);
        payload.CopyTo(text[SliceHeader.Bytes..]);
        SealAndSend(peer, session, SliceHeader.Bytes + payload.Length);
    }

    private Span<byte> Datagram => _buffer.AsSpan(RelayHeader.Bytes);

    private void SealAndSend(PeerTunnel peer, TunnelSession session, int plaintextLength) =>
        Transmit(peer, peer.Path, session.Seal(Datagram, plaintextLength, core.NowMs), whole: false);

    private void Transmit(PeerTunnel peer, PathState way, int length, bool whole)
    {
        Span<byte> bytes = _buffer.AsSpan(RelayHeader.Bytes, length);
        if (way.Via is { } via)
        {
            if (via.Current is not { } leg)
                return;
            byte hops = peer.NextHop is null ? (byte)1 : (byte)Limits.MaxRelayHops;
            new RelayHeader(hops, core.Settings.Lane, leg.RemoteId, peer.Tag).Write(_buffer);
            bytes = _buffer.AsSpan(0, RelayHeader.Bytes + length);
        }

        if (way.FirstHop is not { IsNone: false } to)
            return;
        if (whole)
            core.Link.SendWhole(bytes, to);
        else
            core.Link.Send(bytes, to, _trafficClass);
        peer.Counters.Add(TunnelCount.DatagramsOut);
        peer.Counters.Add(TunnelCount.BytesOut, bytes.Length);
    }
}
