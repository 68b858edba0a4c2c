using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The encrypted path to one other host for one environment in one lane. Several sessions may live at once: a new one
/// is
/// used as soon as both sides have its keys, an old one is accepted until the peer stopped using it.
/// </summary>
internal sealed class PeerTunnel(SwitchEnvironment environment, string hostId, SocketAddress address)
{
    private TokenBucket _handshakes = new(Limits.HandshakesPerPeerPerSecond);

    public SwitchEnvironment Environment { get; } = environment;
    public string HostId { get; } = hostId;

    /// <summary>Where the controller says the host listens; datagrams from elsewhere are not looked at.</summary>
    public SocketAddress Address { get; set; } = address;

    public Counters<TunnelCount> Counters { get; } = new();

    /// <summary>All live sessions, oldest first; at most <see cref="Limits.MaxSessionsPerPeer"/>.</summary>
    public List<TunnelSession> Sessions { get; } = [];

    /// <summary>The one that is used for sending.</summary>
    public TunnelSession? Current { get; set; }

    /// <summary>Our init that waits for its response.</summary>
    public HandshakeAttempt? Attempt { get; set; }

    public long NextAttemptMs { get; set; }
    public int FailedAttempts { get; set; }

    /// <summary>Highest timestamp of an accepted init: older ones are replays.</summary>
    public ulong LastTimestamp { get; set; }

    /// <summary>Why the last handshake was refused, for status; null when none was.</summary>
    public string? LastRefusal { get; set; }

    public long LastReceivedMs { get; set; }

    /// <summary>Share of the peer's datagrams that did not arrive, as last measured; 0 to 1.</summary>
    public double Loss { get; set; }

    /// <summary>The self-test of runs to this host.</summary>
    public RunTest RunTest { get; } = new();

    public bool TryHandshake(long nowMs) => _handshakes.TryTake(nowMs);
}

/// <summary>An init that was sent. Owns its half of the key agreement.</summary>
internal sealed record HandshakeAttempt(ECDiffieHellman Key, uint SessionId, ulong Timestamp, byte[] InitHash)
    : IDisposable
{
    public void Dispose() => Key.Dispose();
}
