namespace VioActors.Switch.DataPlane;

/// <summary>Why a datagram of a known session was not accepted.</summary>
internal enum OpenResult
{
    Ok,
    TooShort,
    Replayed,
    Forged,
}

/// <summary>
/// The keys of one handshake: one per direction, a send counter that never repeats, a replay window. Owned by one lane
/// thread. The environment is bound twice: into the keys (by the handshake) and into the associated data of each
/// packet.
/// </summary>
internal sealed class TunnelSession : IDisposable
{
    public const int Overhead = DatagramHeader.Bytes + Aead.TagBytes;
    private readonly Aead _send;
    private readonly Aead _receive;
    private readonly ReplayWindow _window = new();
    private readonly byte[] _associated;
    private readonly byte _version;
    private readonly byte _lane;
    private (ulong Reached, ulong Received) _measuredAt;

    /// <param name="localId">What the peer writes into the headers of packets for us.</param>
    /// <param name="remoteId">What we write into the headers of packets for the peer.</param>
    /// <param name="keys">The result of the handshake; copied into cipher contexts.</param>
    /// <param name="binding">32 bytes that stand for the environment.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public TunnelSession(uint localId, uint remoteId, SessionKeys keys, ReadOnlySpan<byte> binding, long nowMs)
    {
        LocalId = localId;
        RemoteId = remoteId;
        IsInitiator = keys.IsInitiator;
        Cipher = keys.Cipher;
        _version = keys.Version;
        _lane = keys.Lane;
        _send = new Aead(keys.Cipher, keys.Send);
        _receive = new Aead(keys.Cipher, keys.Receive);
        _associated = new byte[DatagramHeader.Bytes + binding.Length];
        binding.CopyTo(_associated.AsSpan(DatagramHeader.Bytes));
        CreatedMs = nowMs;
        LastReceivedMs = nowMs;
        LastSentMs = nowMs;
    }

    public uint LocalId { get; }
    public uint RemoteId { get; }
    public bool IsInitiator { get; }
    public TunnelCipher Cipher { get; }

    /// <summary>What the peer's hello said it can do; what it cannot is not sent to it.</summary>
    public TunnelCapabilities Peer { get; init; } = TunnelCapabilities.Ours;

    /// <summary>Whether the peer's hello said that it can do all of this.</summary>
    public bool Understands(TunnelCapabilities what) => (Peer & what) == what;

    public long CreatedMs { get; }
    public long LastReceivedMs { get; private set; }
    public long LastSentMs { get; private set; }

    /// <summary>Packets sealed so far; also the next counter.</summary>
    public ulong Sent { get; private set; }

    /// <summary>
    /// Whether a packet of the peer was accepted: both sides have the keys, so it may be used for sending.
    /// </summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>Packets accepted so far.</summary>
    public ulong Received { get; private set; }

    /// <summary>Whether the peer loses some of what is sent, so that parity is worth its bytes.</summary>
    public bool SendsParity { get; set; }

    public long NextLossReportMs { get; set; }

    /// <summary>Super-frames started in this direction.</summary>
    public uint NextFrameId { get; set; }

    /// <summary>
    /// Seals the plaintext that already lies behind the header space, in place.
    /// </summary>
    /// <param name="buffer">Header space, plaintext, and at least 16 free bytes.</param>
    /// <param name="plaintextLength">Bytes of plaintext.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <returns>Bytes of the datagram.</returns>
    public int Seal(Span<byte> buffer, int plaintextLength, long nowMs)
    {
        Invariant.Check(Sent < ulong.MaxValue, "a key is retired long before its counter ends");
        ulong counter = Sent++;
        new DatagramHeader(DatagramType.Data, _version, _lane, RemoteId, counter).Write(buffer);
        buffer[..DatagramHeader.Bytes].CopyTo(_associated);
        _send.Seal(counter, buffer.Slice(DatagramHeader.Bytes, plaintextLength),
            buffer.Slice(DatagramHeader.Bytes + plaintextLength, Aead.TagBytes), _associated);
        LastSentMs = nowMs;
        return plaintextLength + Overhead;
    }

    /// <summary>Checks and decrypts one datagram in place; the plaintext then starts behind the header.</summary>
    public OpenResult Open(Span<byte> datagram, in DatagramHeader header, long nowMs, out int plaintextLength)
    {
        plaintextLength = datagram.Length - Overhead;
        if (plaintextLength < 1 || header.Version != _version || header.Lane != _lane)
            return OpenResult.TooShort;
        if (!_window.IsFresh(header.Counter))
            return OpenResult.Replayed;
        datagram[..DatagramHeader.Bytes].CopyTo(_associated);
        if (!_receive.Open(header.Counter, datagram.Slice(DatagramHeader.Bytes, plaintextLength),
            datagram[^Aead.TagBytes..], _associated))
        {
            return OpenResult.Forged;
        }

        _window.Accept(header.Counter);
        Received++;
        LastReceivedMs = nowMs;
        IsConfirmed = true;
        return OpenResult.Ok;
    }

    /// <summary>Whether an accepted packet is the newest one so far.</summary>
    public bool IsNewest(ulong counter) => _window.Reached == counter + 1;

    /// <summary>
    /// Share of packets lost since the last call that measured it; null when fewer than <paramref name="fewest"/> were
    /// sent since.
    /// </summary>
    public double? MeasureLoss(int fewest)
    {
        ulong sent = _window.Reached - _measuredAt.Reached;
        ulong received = Received - _measuredAt.Received;
        if (sent < (ulong)fewest)
            return null;
        _measuredAt = (_window.Reached, Received);
        return received >= sent ? 0 : (double)(sent - received) / sent;
    }

    public void Dispose()
    {
        _send.Dispose();
        _receive.Dispose();
    }
}
