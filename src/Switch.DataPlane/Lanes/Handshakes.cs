using System.Net;
using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes and renews sessions. Either side may start: the host with the lower id at once, the other a little later, so
/// that both rarely do. Nothing that is not authenticated changes a live session.
/// </summary>
internal sealed class Handshakes(SwitchCore core, SwitchIdentity identity, PeerVerifier verifier)
{
    private const int FirstRetryMs = 250;
    private const int LastRetryMs = 2000;
    private const int HeadStartMs = 300;
    private const int KeepaliveMs = 2000;
    private const int SilentMs = 7000;
    private const int OldSessionMs = 10_000;

    /// <summary>
    /// How long a session may be used with which the peer sends nothing, while it sends with another.
    /// </summary>
    private const int UnansweredMs = 4500;
    private readonly byte[] _message = new byte[Limits.MaxDatagramBytes];
    private readonly Dictionary<uint, PeerTunnel> _pending = [];
    private TokenBucket _lane = new(Limits.HandshakesPerLanePerSecond);
    private TokenBucket _strangers = new(Limits.HandshakesPerLanePerSecond / 2);
    private ulong _lastTimestamp;

    public bool IsPending(uint sessionId) => _pending.ContainsKey(sessionId);

    /// <summary>Whether packets of the peer arrived lately.</summary>
    public static bool IsUp(PeerTunnel peer, long nowMs) =>
        peer.Current is not null && nowMs - peer.LastReceivedMs < SilentMs;

    /// <summary>Starts, repeats, renews and ends what is due for one peer.</summary>
    public void Tick(PeerTunnel peer)
    {
        long now = core.NowMs;
        double rekeyMs = core.Settings.RekeyAfter.TotalMilliseconds;
        for (int i = peer.Sessions.Count - 1; i >= 0; i--)
        {
            TunnelSession session = peer.Sessions[i];
            bool unused = session != peer.Current && now - session.LastReceivedMs > OldSessionMs;
            if (unused || now - session.CreatedMs > rekeyMs * 3)
                core.RemoveSession(peer, session);
        }

        UseTheirs(peer);
        if (peer.Current is { } current)
        {
            // The initiator renews; the other side only when that did not happen.
            double age = now - current.CreatedMs;
            bool due = age > (current.IsInitiator ? rekeyMs : rekeyMs * 1.3)
                || current.Sent > core.Settings.RekeyAfterPackets;
            if (now - current.LastSentMs >= KeepaliveMs)
                core.Sender.SendKeepalive(peer);
            if (!due && IsUp(peer, now))
                return;
        }

        if (now >= peer.NextAttemptMs && !peer.IsPassive)
            Start(peer);
    }

    // When both called at once, each may use another of the two sessions, and one may be forgotten while the way there
    // is broken. What the peer sends with, it has. The lower id goes first, or they would change places for ever.
    private void UseTheirs(PeerTunnel peer)
    {
        long patience = string.CompareOrdinal(core.Settings.HostId, peer.HostId) < 0 ? UnansweredMs : UnansweredMs * 2;
        if (peer.Current is not { } own || core.NowMs - own.LastReceivedMs < patience)
            return;
        foreach (TunnelSession theirs in peer.Sessions)
        {
            if (theirs.IsConfirmed && theirs.LastReceivedMs > own.LastReceivedMs
                && core.NowMs - theirs.LastReceivedMs < UnansweredMs)
            {
                peer.Use(theirs);
                return;
            }
        }
    }

    /// <summary>When a new peer may be called: the lower host id goes first.</summary>
    public static long FirstAttemptMs(string self, string peer, long nowMs) =>
        string.CompareOrdinal(self, peer) < 0 ? nowMs : nowMs + HeadStartMs;

    public void Abandon(PeerTunnel peer)
    {
        if (peer.Attempt is null)
            return;
        _pending.Remove(peer.Attempt.SessionId);
        peer.Attempt.Dispose();
        peer.Attempt = null;
    }

    /// <summary>The first packet of the peer under a session: both have its keys, use it.</summary>
    public void Confirmed(PeerTunnel peer, TunnelSession session)
    {
        if (session.IsInitiator)
            return;
        peer.Use(session);
        peer.FailedAttempts = 0;
        peer.LastRefusal = null;
        peer.Counters.Add(TunnelCount.HandshakesCompleted);
    }

    private void Start(PeerTunnel peer)
    {
        Abandon(peer);
        int backoff = Math.Min(LastRetryMs, FirstRetryMs << Math.Min(peer.FailedAttempts, 8));
        peer.NextAttemptMs = core.NowMs + backoff + RandomNumberGenerator.GetInt32(backoff / 4);
        if (!core.Paths.HasWay(peer))
            return;
        if (identity.Proof is not { } proof)
        {
            peer.Counters.Add(TunnelCount.RefusedNoIdentity);
            return;
        }

        peer.FailedAttempts++;
        peer.Counters.Add(TunnelCount.HandshakesStarted);
        ECDiffieHellman key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var message = new InitMessage
        {
            MinVersion = core.Settings.MinVersion,
            MaxVersion = core.Settings.MaxVersion,
            Capabilities = core.Settings.Capabilities,
            Ciphers = Aead.Supported,
            Build = InitMessage.ThisBuild,
            Lane = core.Settings.Lane,
            Lanes = core.Lanes.Count,
            Timestamp = Timestamp(),
            SenderSession = core.NewSessionId(),
            Environment = peer.Environment.Tag,
            Sender = core.Settings.HostId,
            Recipient = peer.HostId,
            Share = PublicPoint.Encode(key.ExportParameters(includePrivateParameters: false)),
            Proof = proof,
        };
        int length = message.Write(_message);
        identity.Sign(HandshakeCrypto.InitTranscript(_message.AsSpan(0, length))).CopyTo(_message, length);
        length += HandshakeCrypto.SignatureBytes;
        byte[] hash = SHA256.HashData(_message.AsSpan(0, length));
        peer.Attempt = new HandshakeAttempt(key, message.SenderSession, message.Timestamp, hash);
        _pending[message.SenderSession] = peer;
        core.Paths.SendInit(peer, _message.AsSpan(0, length));
    }

    public void OnInit(ReadOnlySpan<byte> datagram, in DatagramHeader header, in Arrival arrival)
    {
        if (InitMessage.Read(datagram, header, out int signed) is not { } init)
        {
            core.Counters.Add(TunnelCount.DropGarbage);
            return;
        }

        if (FindPeer(init) is not { } peer)
            return;
        byte[] hash = SHA256.HashData(datagram);
        TunnelCount? refusal = CheckInit(
            peer, init, datagram, signed, arrival, out byte version, out TunnelCipher cipher);
        if (refusal is null && identity.Proof is null)
            refusal = TunnelCount.RefusedNoIdentity;
        if (refusal is { } reason)
        {
            peer.Counters.Add(reason);
            return;
        }

        peer.LastTimestamp = init.Timestamp;
        Respond(peer, init, hash, version, cipher, arrival);
    }

    private SwitchEnvironment? FindEnvironment(byte[] tag)
    {
        foreach (SwitchEnvironment environment in core.Environments.Values)
        {
            if (environment.Tag.AsSpan().SequenceEqual(tag))
                return environment;
        }

        return null;
    }

    private PeerTunnel? FindPeer(InitMessage init)
    {
        if (FindEnvironment(init.Environment) is not { } environment)
        {
            core.Counters.Add(TunnelCount.DropUnknownEnvironment);
            return null;
        }

        PeerTunnel? peer = init.Recipient == core.Settings.HostId ? LaneOf(environment, init) : null;
        if (peer is null)
            core.Counters.Add(TunnelCount.DropUnknownHost);
        return peer;
    }

    // The controller says how many lanes a host has; what it did not say, the host may show.
    private PeerTunnel? LaneOf(SwitchEnvironment environment, InitMessage init)
    {
        if (environment.PeerOf(init.Sender, init.Lane) is { } known)
            return known;
        if (environment.PeerOf(init.Sender) is not { } main)
            return null;
        SocketAddress nowhere = SocketAddress.From(PeerPlan.Nowhere(core.Settings.Family));
        var peer = new PeerTunnel(environment, main.HostId, nowhere)
        {
            Lane = init.Lane,
            IsMain = false,
            IsPassive = true,
            Relayed = main.Relayed,
            Sizes = core.Settings.Sizes,
            NextHop = main.NextHop,
        };
        environment.Peers.Add(peer);
        environment.IndexPeers();
        return peer;
    }

    // Cheap checks first; little is computed for an address that nobody named.
    private TunnelCount? CheckInit(
        PeerTunnel peer, InitMessage init, ReadOnlySpan<byte> datagram, int signed, in Arrival arrival,
        out byte version, out TunnelCipher cipher)
    {
        version = Math.Min(init.MaxVersion, core.Settings.MaxVersion);
        bool haveCipher = Aead.TryChoose(Aead.Supported, init.Ciphers, out cipher);
        bool isKnown = IsKnown(peer, arrival);
        if (!isKnown && !TryStranger(peer))
            return TunnelCount.DropWrongSource;
        if (init.Timestamp <= peer.LastTimestamp)
            return TunnelCount.RefusedReplay;
        if (isKnown && !TryHandshake(peer, arrival) || !_lane.TryTake(core.NowMs))
            return TunnelCount.RefusedFlood;
        if (version < init.MinVersion || version < core.Settings.MinVersion)
        {
            peer.LastRefusal = $"speaks tunnel versions {init.MinVersion} to {init.MaxVersion}, this host "
                + $"{core.Settings.MinVersion} to {core.Settings.MaxVersion}";
            return TunnelCount.RefusedVersion;
        }

        if (!haveCipher)
            return TunnelCount.RefusedCipher;
        ulong now = Microseconds();
        ulong skew = now > init.Timestamp ? now - init.Timestamp : init.Timestamp - now;
        if (skew > Limits.MaxClockSkewMs * 1000UL)
        {
            peer.LastRefusal = $"its clock differs by {skew / 1_000_000} s; "
                + $"at most {Limits.MaxClockSkewMs / 1000} s are accepted";
            return TunnelCount.RefusedClockSkew;
        }

        return CheckProof(peer, init.Proof, HandshakeCrypto.InitTranscript(datagram[..signed]), datagram[signed..]);
    }

    private TunnelCount? CheckProof(
        PeerTunnel peer, IdentityProof proof, byte[] transcript, ReadOnlySpan<byte> signature)
    {
        if (verifier.Verify(proof, peer.HostId) is { } reason)
        {
            peer.LastRefusal = reason;
            return TunnelCount.RefusedIdentity;
        }

        if (HandshakeCrypto.Verify(proof.PublicKey, transcript, signature))
            return null;
        peer.LastRefusal = "the handshake's signature is wrong";
        return TunnelCount.RefusedSignature;
    }

    private void Respond(PeerTunnel peer, InitMessage init, byte[] initHash, byte version, TunnelCipher cipher,
        in Arrival arrival)
    {
        using ECDiffieHellman key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var response = new ResponseMessage
        {
            Version = version,
            MinVersion = core.Settings.MinVersion,
            MaxVersion = core.Settings.MaxVersion,
            Capabilities = core.Settings.Capabilities,
            Cipher = cipher,
            Lane = core.Settings.Lane,
            Lanes = core.Lanes.Count,
            Timestamp = init.Timestamp,
            ReceiverSession = init.SenderSession,
            SenderSession = core.NewSessionId(),
            Build = InitMessage.ThisBuild,
            Share = PublicPoint.Encode(key.ExportParameters(includePrivateParameters: false)),
            Proof = identity.Proof!,
        };
        int length = response.Write(_message);
        byte[] transcript = HandshakeCrypto.ResponseTranscript(
            initHash, core.Settings.HostId, peer.HostId, peer.Environment.Tag, _message.AsSpan(0, length));
        identity.Sign(transcript).CopyTo(_message, length);
        length += HandshakeCrypto.SignatureBytes;
        SessionKeys? keys = HandshakeCrypto.Derive(
            key, init.Share, initHash, SHA256.HashData(_message.AsSpan(0, length)),
            peer.Environment.Binding, isInitiator: false, cipher, version, core.Settings.Lane);
        if (keys is null)
        {
            peer.Counters.Add(TunnelCount.DropGarbage);
            return;
        }

        core.AddSession(peer,
            new TunnelSession(response.SenderSession, init.SenderSession, keys, peer.Environment.Binding, core.NowMs)
            { Peer = init.Capabilities });
        keys.Clear();
        core.Sender.SendHandshake(peer, core.Paths.Back(peer, arrival), _message.AsSpan(0, length));
        PeerConfiguration.Learned(core, peer.Environment, peer.HostId, init.Lanes);
    }

    public void OnResponse(ReadOnlySpan<byte> datagram, in DatagramHeader header, in Arrival arrival)
    {
        if (!_pending.TryGetValue(header.Session, out PeerTunnel? peer) || peer.Attempt is not { } attempt
            || attempt.SessionId != header.Session || attempt.Timestamp != header.Counter)
        {
            core.Counters.Add(TunnelCount.RefusedUnexpected);
            return;
        }

        if (!IsKnown(peer, arrival) && !TryStranger(peer))
        {
            peer.Counters.Add(TunnelCount.DropWrongSource);
            return;
        }

        if (!_lane.TryTake(core.NowMs))
        {
            peer.Counters.Add(TunnelCount.RefusedFlood);
            return;
        }

        TunnelCount? refusal = Accept(peer, attempt, datagram, header, arrival);
        if (refusal is { } reason)
            peer.Counters.Add(reason);
    }

    private TunnelCount? Accept(
        PeerTunnel peer, HandshakeAttempt attempt, ReadOnlySpan<byte> datagram, in DatagramHeader header,
        in Arrival arrival)
    {
        if (ResponseMessage.Read(datagram, header, out int signed) is not { } response)
            return TunnelCount.DropGarbage;
        if (response.Version < core.Settings.MinVersion || response.Version > core.Settings.MaxVersion)
            return TunnelCount.RefusedVersion;
        if ((Aead.Supported & (int)response.Cipher) == 0)
            return TunnelCount.RefusedCipher;
        byte[] transcript = HandshakeCrypto.ResponseTranscript(
            attempt.InitHash, peer.HostId, core.Settings.HostId, peer.Environment.Tag, datagram[..signed]);
        if (CheckProof(peer, response.Proof, transcript, datagram[signed..]) is { } refusal)
            return refusal;
        byte[] binding = peer.Environment.Binding;
        SessionKeys? keys = HandshakeCrypto.Derive(
            attempt.Key, response.Share, attempt.InitHash, SHA256.HashData(datagram),
            binding, isInitiator: true, response.Cipher, response.Version, response.Lane);
        if (keys is null)
            return TunnelCount.DropGarbage;
        var session = new TunnelSession(attempt.SessionId, response.SenderSession, keys, binding, core.NowMs)
        {
            Peer = response.Capabilities,
        };
        keys.Clear();
        Abandon(peer);
        core.AddSession(peer, session);
        peer.Use(session);
        if (!peer.Path.Health.IsProven)
            core.Paths.Follow(peer, arrival);
        peer.FailedAttempts = 0;
        peer.LastRefusal = null;
        peer.LastReceivedMs = core.NowMs;
        peer.Counters.Add(TunnelCount.HandshakesCompleted);
        core.Sender.SendKeepalive(peer);
        PeerConfiguration.Learned(core, peer.Environment, peer.HostId, response.Lanes);
        return null;
    }

    // A host behind NAT is somewhere else after every restart of its router. Strangers have a budget of their own, so
    // that they cannot use up the peer's.
    private bool TryStranger(PeerTunnel peer) =>
        peer.TryStrangerHandshake(core.NowMs) && _strangers.TryTake(core.NowMs);

    // What a host passes on counts against it: it need not be from whom it says, and costs that one nothing.
    private bool TryHandshake(PeerTunnel peer, in Arrival arrival) => arrival.Via is { } relay
        ? relay.TryRelayedHandshake(core.NowMs) : peer.TryHandshake(core.NowMs);

    private bool IsKnown(PeerTunnel peer, in Arrival arrival)
    {
        if (arrival.Via is not null || arrival.Is(peer.Path) || peer.Address.Matches(arrival.Address))
            return true;
        IPEndPoint from = core.Link.AddressOf(arrival.Address).EndPoint;
        return peer.Configured.Contains(from) || peer.Learned.Contains(from);
    }

    private ulong Timestamp() => _lastTimestamp = Math.Max(Microseconds(), _lastTimestamp + 1);

    private ulong Microseconds() =>
        (ulong)((core.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
}
