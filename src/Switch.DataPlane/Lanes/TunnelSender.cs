using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>Cuts, seals and sends. Owns the one buffer in which datagrams are built; the lane thread's.</summary>
internal sealed class TunnelSender(SwitchCore core)
{
    public const byte KeepaliveKind = 0;
    public const byte ClaimKind = 2;
    public const int ClaimBytes = 1 + 6 + 8;
    private readonly byte[] _parity = GC.AllocateUninitializedArray<byte>(Limits.MaxDatagramBytes, pinned: true);
    private readonly byte[] _datagram = GC.AllocateUninitializedArray<byte>(Limits.MaxDatagramBytes, pinned: true);

    /// <summary>
    /// Sends a super-frame to a peer, in as many slices as its length needs; false when there is no session.
    /// </summary>
    public bool SendFrame(PeerTunnel peer, ReadOnlySpan<byte> superFrame, ulong origin, bool passedOn)
    {
        TunnelSession? session = peer.Current;
        if (session is null)
        {
            peer.Counters.Add(TunnelCount.DropNoSession);
            return false;
        }

        if (passedOn && !session.Understands(TunnelCapabilities.PassedOn))
            return false;
        int max = core.Settings.MaxSlicePayload;
        int count = SliceHeader.CountFor(superFrame.Length, max);
        if (count > Limits.MaxSlices)
        {
            peer.Counters.Add(TunnelCount.DropTooLarge);
            return false;
        }

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

        peer.Counters.Add(TunnelCount.FramesOut);
        return true;
    }

    /// <summary>An empty message: shows that this side lives and has the keys.</summary>
    public void SendKeepalive(PeerTunnel peer)
    {
        if (peer.Current is not { } session)
            return;
        _datagram[DatagramHeader.Bytes] = KeepaliveKind;
        SealAndSend(peer, session, 1);
    }

    /// <summary>Says that a MAC is on this host now.</summary>
    public void SendClaim(PeerTunnel peer, MacAddress mac, ulong sequence)
    {
        if (peer.Current is not { } session || !session.Understands(TunnelCapabilities.Claims))
            return;
        Span<byte> text = _datagram.AsSpan(DatagramHeader.Bytes);
        text[0] = ClaimKind;
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
        Span<byte> text = _datagram.AsSpan(DatagramHeader.Bytes);
        text[0] = LossReports.Kind;
        BinaryPrimitives.WriteUInt16BigEndian(text[1..], share);
        SealAndSend(peer, session, LossReports.Bytes);
    }

    /// <summary>One datagram of a self-test, to the test's own address object.</summary>
    public void SendTest(
        PeerTunnel peer, TunnelSession session, SocketAddress to, ushort test, byte group, int length)
    {
        Span<byte> text = _datagram.AsSpan(DatagramHeader.Bytes, length);
        text.Clear();
        text[0] = RunTests.TestKind;
        BinaryPrimitives.WriteUInt16BigEndian(text[1..], test);
        text[3] = group;
        int sealedLength = session.Seal(_datagram, length, core.NowMs);
        core.Link.Send(_datagram.AsSpan(0, sealedLength), to);
        peer.Counters.Add(TunnelCount.DatagramsOut);
        peer.Counters.Add(TunnelCount.BytesOut, sealedLength);
    }

    /// <summary>Says what arrived of a peer's self-test.</summary>
    public void SendTestReport(PeerTunnel peer, ushort test, ReadOnlySpan<byte> counts)
    {
        if (peer.Current is not { } session)
            return;
        Span<byte> text = _datagram.AsSpan(DatagramHeader.Bytes);
        text[0] = RunTests.ReportKind;
        BinaryPrimitives.WriteUInt16BigEndian(text[1..], test);
        counts.CopyTo(text[3..]);
        SealAndSend(peer, session, RunTests.ReportBytes);
    }

    private void SendSlice(PeerTunnel peer, TunnelSession session, in SliceHeader header, ReadOnlySpan<byte> payload)
    {
        header.Write(_datagram.AsSpan(DatagramHeader.Bytes));
        payload.CopyTo(_datagram.AsSpan(DatagramHeader.Bytes + SliceHeader.Bytes));
        SealAndSend(peer, session, SliceHeader.Bytes + payload.Length);
    }

    private void SealAndSend(PeerTunnel peer, TunnelSession session, int plaintextLength)
    {
        int length = session.Seal(_datagram, plaintextLength, core.NowMs);
        core.Link.Send(_datagram.AsSpan(0, length), peer.Address);
        peer.Counters.Add(TunnelCount.DatagramsOut);
        peer.Counters.Add(TunnelCount.BytesOut, length);
    }
}
