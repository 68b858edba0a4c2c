using System.Net;
using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The encrypted path from one lane to one lane of another host for one environment. Several sessions may live at once:
/// a new one is used as soon as both sides have its keys, an old one is accepted until the peer stopped using it.
/// </summary>
internal sealed class PeerTunnel(SwitchEnvironment environment, string hostId, SocketAddress address)
{
    private TokenBucket _handshakes = new(Limits.HandshakesPerPeerPerSecond);
    private TokenBucket _strangers = new(Limits.StrangersPerPeerPerSecond);
    private TokenBucket _strangerHandshakes = new(Limits.HandshakesPerPeerPerSecond);
    private TokenBucket _asked = new(Limits.AsksPerPeerPerSecond);
    private TokenBucket _relayedHandshakes = new(Limits.RelayedHandshakesPerPeerPerSecond);
    private readonly ulong _tag = DataPlane.HostTag.Of(hostId);

    public SwitchEnvironment Environment { get; } = environment;
    public string HostId { get; } = hostId;

    /// <summary>The lane of the host that is at the other end, as far as this side knows.</summary>
    public byte Lane { get; init; }

    /// <summary>Whether this lane sends the environment's frames for the host here; one per host does.</summary>
    public bool IsMain { get; set; } = true;

    /// <summary>Whether only the other side calls: a lane that the controller did not name.</summary>
    public bool IsPassive { get; set; }

    /// <summary>Stands for the lane of the host in routing headers.</summary>
    public ulong Tag => _tag + Lane;

    /// <summary>Where the host was last reached directly, or where the controller says that it listens.</summary>
    public SocketAddress Address { get; set; } = address;

    /// <summary>Where the controller says that it may be reached; empty for a host behind NAT.</summary>
    public IReadOnlyList<IPEndPoint> Configured { get; set; } = [];

    /// <summary>Where it takes TLS connections; null where it does not.</summary>
    public IPEndPoint? StreamEndPoint { get; set; }

    /// <summary>Where others see it; at most <see cref="Limits.MaxLearnedAddresses"/>.</summary>
    public List<IPEndPoint> Learned { get; } = [];

    /// <summary>Direct ways that were tried lately.</summary>
    public List<PathState> Tries { get; } = [];

    /// <summary>The next host of the controller's route to this one; null when there is none.</summary>
    public PeerTunnel? NextHop { get; set; }

    /// <summary>What is passed on for the host; all lanes of it share one.</summary>
    public ByteBudget Relayed { get; init; } = new();

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

    /// <summary>Most bytes of a slice's payload that cross the path.</summary>
    public int SlicePayload { get; private set; } = PathSizes.Common.MaxSlicePayload;

    /// <summary>Between these the path's size is looked for.</summary>
    public PathSizes Sizes
    {
        get;
        init => (field, Path, SlicePayload) = (value, new PathState(value, Address), value.MaxSlicePayload);
    } = PathSizes.Common;

    /// <summary>The path in use.</summary>
    public PathState Path { get; private set; } = new(PathSizes.Common, address);

    /// <summary>Probes that may still be answered, by token; empty before the first.</summary>
    public SentProbe[] Probes { get; set; } = [];

    /// <summary>Token of the last probe.</summary>
    public ulong LastProbe { get; set; }

    /// <summary>Where the peer says that it sees this host; null when it did not.</summary>
    public IPEndPoint? SeenAs { get; set; }

    public long LastTryMs { get; set; } = -PathKeeper.TryDirectMs;
    public long NextTryMs { get; set; }
    public long NextAskMs { get; set; }

    /// <summary>Questions for its address since the path was changed.</summary>
    public int Asked { get; set; }

    /// <summary>When this side gave its last path up.</summary>
    public long ChosenMs { get; set; } = long.MinValue / 2;

    /// <summary>Which relay is next when several could pass on.</summary>
    public int RelayTurn { get; set; }

    /// <summary>Whether a datagram for this host, or for one behind it, can be handed to it now.</summary>
    public bool CanPassOn => Current is { } session && session.Understands(TunnelCapabilities.Relay)
        && Path is { Via: null, Health.IsProven: true };

    /// <summary>Starts to use a session for sending. What an older peer cannot answer is not probed.</summary>
    public void Use(TunnelSession session)
    {
        Current = session;
        UseSize(session.Understands(TunnelCapabilities.Probes) ? Path.Mtu.Usable : Sizes.Most);
    }

    /// <summary>Sends this way from now on.</summary>
    public void Change(PathState path)
    {
        path.ForgetSize();
        (Asked, NextAskMs) = (0, 0);
        Path = path;
        Counters.Add(TunnelCount.PathChanges);
        if (Current is { } session)
            Use(session);
    }

    /// <summary>Sends datagrams of this size from now on.</summary>
    public void UseSize(int datagram)
    {
        int payload = datagram - TunnelSession.Overhead - SliceHeader.Bytes;
        if (payload == SlicePayload)
            return;

        // Runs of the other size may have been refused only because of it.
        Path.FirstHop.TakesRuns |= payload < SlicePayload && !Path.FirstHop.FailedTest;
        SlicePayload = payload;
    }

    public bool TryHandshake(long nowMs) => _handshakes.TryTake(nowMs);

    /// <summary>Whether this side itself sent there, so that an answer is no surprise.</summary>
    public bool WasTried(ReadOnlySpan<byte> from)
    {
        if (Address.Matches(from))
            return true;
        foreach (PathState way in Tries)
        {
            if (way.Direct.Matches(from))
                return true;
        }

        return false;
    }

    /// <summary>Whether to look at something that says it is of this peer and comes from elsewhere.</summary>
    public bool TryStranger(long nowMs) => _strangers.TryTake(nowMs);

    /// <summary>The same for a handshake, which costs more.</summary>
    public bool TryStrangerHandshake(long nowMs) => _strangerHandshakes.TryTake(nowMs);

    /// <summary>Whether to work on a handshake that this peer passed on.</summary>
    public bool TryRelayedHandshake(long nowMs) => _relayedHandshakes.TryTake(nowMs);

    /// <summary>Whether to answer one more question of this peer.</summary>
    public bool TryAsk(long nowMs) => _asked.TryTake(nowMs);

    /// <summary>Whether to pass on so many bytes for this peer.</summary>
    public bool TryRelay(int bytes, long perSecond, long nowUs) =>
        Relayed.TryTake(bytes, perSecond, nowUs);
}

/// <summary>An init that was sent. Owns its half of the key agreement.</summary>
internal sealed record HandshakeAttempt(ECDiffieHellman Key, uint SessionId, ulong Timestamp, byte[] InitHash)
    : IDisposable
{
    public void Dispose() => Key.Dispose();
}
