using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>Sends datagrams; a UDP socket in the product.</summary>
internal interface IDatagramLink
{
    /// <summary>
    /// Sends one datagram, now or with others of the same batch. The bytes belong to the caller.
    /// </summary>
    void Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass);

    /// <summary>
    /// Sends one datagram that is to arrive whole or not at all: no router and no kernel may cut it. Not batched.
    /// </summary>
    void SendWhole(ReadOnlySpan<byte> datagram, SocketAddress to) => Send(datagram, to, trafficClass: 0);

    /// <summary>What stands for the sender of a received datagram when something is sent back.</summary>
    SocketAddress AddressOf(ReadOnlySpan<byte> from) => SocketAddress.From(from);

    /// <summary>
    /// A connection to a host for when datagrams do not pass; null when there is none (yet): asking begins to make one.
    /// </summary>
    SocketAddress? StreamTo(string host, IPEndPoint endPoint, long nowMs) => null;

    /// <summary>Such connections now.</summary>
    int Streams => 0;

    /// <summary>Datagrams that were not taken; 0 for a link that takes all.</summary>
    long Failed => 0;

    /// <summary>Times that several datagrams were sent at once; 0 for a link that cannot.</summary>
    long Runs => 0;
}

/// <summary>What one lane needs to know about its host.</summary>
internal sealed record CoreSettings
{
    public required string HostId { get; init; }
    /// <summary>Which one of the host's lanes it is, from 0.</summary>
    public required byte Lane { get; init; }

    /// <summary>Most bytes of a slice's payload, from the underlay's MTU; a path may carry less.</summary>
    public required int MaxSlicePayload { get; init; }

    /// <summary>Most bytes per second that are passed on for one host in one environment; 0 for a host that does not.
    /// </summary>
    public long RelayBytesPerSecond { get; init; } = 1_250_000_000;

    /// <summary>Of the socket.</summary>
    public AddressFamily Family => IpAndUdpBytes == 28 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <summary>Bytes of IP and UDP headers before a datagram.</summary>
    public int IpAndUdpBytes { get; init; } = 28;

    /// <summary>Bounds of the datagrams of all paths.</summary>
    public PathSizes Sizes => new(
        Math.Min(Limits.MinUnderlayMtu - IpAndUdpBytes, MaxDatagram), MaxDatagram);

    private int MaxDatagram => MaxSlicePayload + SliceHeader.Bytes + TunnelSession.Overhead;

    public required bool Isolated { get; init; }

    /// <summary>What of a frame's traffic class its datagrams get: only ECN, or DSCP too.</summary>
    public byte TrafficClassMask { get; init; } = Ecn.Mask;

    public TimeSpan RekeyAfter { get; init; } = TimeSpan.FromMinutes(2);
    public ulong RekeyAfterPackets { get; init; } = 1UL << 32;
    public byte MinVersion { get; init; } = DatagramHeader.MinVersion;
    public byte MaxVersion { get; init; } = DatagramHeader.MaxVersion;
    public TunnelCapabilities Capabilities { get; init; } = TunnelCapabilities.Ours;
}

/// <summary>
/// One lane of the switch without its descriptors: everything that happens to a frame, driven by calls from one thread.
/// Frames come in by <see cref="FromPort"/>, datagrams by <see cref="FromNetwork"/>, time by <see cref="Tick"/>.
/// </summary>
internal sealed class SwitchCore : IDisposable
{
    private readonly Ingress _ingress;
    private readonly Egress _egress;
    private readonly Handshakes _handshakes;
    private readonly LossReports _losses;
    private readonly RunTests _runTests;
    private readonly Relay _relay;

    public SwitchCore(
        CoreSettings settings, TimeProvider time, IDatagramLink link, SwitchIdentity identity, PeerVerifier verifier,
        LaneGroup? lanes = null)
    {
        Settings = settings;
        Lanes = lanes ?? new LaneGroup(1, time);
        Time = time;
        Link = link;
        Sender = new TunnelSender(this);
        Prober = new Prober(this);
        Moves = new Moves(this);
        LinkLocals = new LinkLocals(this);
        Shaping = new Shaping(this);
        Drops = Lanes.Drops;
        Captures = new Captures(this);
        Duplicates = new Duplicates(this);
        Probes = new PathProbes(this);
        Paths = new PathKeeper(this);
        Rendezvous = new Rendezvous(this);
        HostTag = DataPlane.HostTag.Of(settings.HostId);
        Services = new ServiceDesk(this);
        _handshakes = new Handshakes(this, identity, verifier);
        _losses = new LossReports(this);
        _relay = new Relay(this);
        _runTests = new RunTests(this);
        _ingress = new Ingress(this);
        _egress = new Egress(this, _handshakes, _runTests);
        UpdateClock();
    }

    public CoreSettings Settings { get; }

    /// <summary>This lane and the others of this switchd.</summary>
    public LaneGroup Lanes { get; }
    public TimeProvider Time { get; }
    public IDatagramLink Link { get; }
    public TunnelSender Sender { get; }
    public Prober Prober { get; }
    public Moves Moves { get; }
    public LinkLocals LinkLocals { get; }
    public Shaping Shaping { get; }
    public DropLog Drops { get; }
    public Captures Captures { get; }
    public Duplicates Duplicates { get; }
    public ServiceDesk Services { get; }

    /// <summary>The queue of datagrams that wait for this lane.</summary>
    public StandingQueue Arrivals { get; } = new();
    public PathProbes Probes { get; }
    public PathKeeper Paths { get; }
    public Rendezvous Rendezvous { get; }

    /// <summary>Stands for this host in routing headers; those of its lanes follow.</summary>
    public ulong HostTag { get; }

    /// <summary>Monotonic milliseconds, read once per batch.</summary>
    public long NowMs { get; private set; }

    /// <summary>The same clock, microseconds.</summary>
    public long NowUs { get; private set; }

    public Dictionary<string, SwitchEnvironment> Environments { get; } = [];

    /// <summary>By the id that peers write into their headers.</summary>
    public Dictionary<uint, (TunnelSession Session, PeerTunnel Peer)> Sessions { get; } = [];

    /// <summary>What could not be ascribed to a peer.</summary>
    public Counters<TunnelCount> Counters { get; } = new();

    /// <summary>Times that several datagrams came at once (UDP GRO); the lane counts them.</summary>
    public long RunsIn { get; set; }

    public long ReassemblyAbandoned => _egress.Reassembly.Abandoned;

    public long ReassemblyRecovered => _egress.Reassembly.Recovered;

    public long ReassemblyContradictions => _egress.Reassembly.Contradictions;

    /// <summary>Reads the clock; call once before each batch.</summary>
    public void UpdateClock()
    {
        NowUs = (long)Time.GetElapsedTime(0).TotalMicroseconds;
        NowMs = NowUs / 1000;
    }

    /// <summary>
    /// One super-frame that a node sent. The buffer belongs to the caller, may be marked and is not kept.
    /// </summary>
    public void FromPort(SwitchEnvironment environment, SwitchPort port, Span<byte> superFrame)
    {
        port.Capture?.Take(superFrame, fromNode: true);
        long losses = port.Counters.Losses;
        _ingress.Handle(environment, port, superFrame);
        if (port.Counters.Losses != losses)
            Drops.Note(port, superFrame);
    }

    /// <summary>
    /// A frame of the switch itself (prober): goes where the table says, without the checks of a port.
    /// </summary>
    public void FromSwitch(SwitchEnvironment environment, MacEntry to, ReadOnlySpan<byte> superFrame) =>
        _ingress.Send(environment, to, superFrame, environment.Origin);

    /// <summary>A frame that another lane has, for what only this one can do.</summary>
    public void HandedOver(in HandOver what, ReadOnlySpan<byte> superFrame)
    {
        if (what.Port is { } port)
            port.WriteHandedOver(superFrame);
        else if (!Environments.TryGetValue(what.Environment, out SwitchEnvironment? environment))
            Counters.Add(TunnelCount.DropUnknownEnvironment);
        else if (what.Host is null)
            Prober.Receive(environment, superFrame);
        else if (environment.PeerOf(what.Host) is { } peer)
            Sender.SendFrame(peer, superFrame, what.Origin, what.PassedOn);
        else
            Counters.Add(TunnelCount.DropUnknownHost);
    }

    /// <summary>
    /// Gives a frame to the first lane, which has the prober, and a way to each host where this one has none.
    /// </summary>
    public bool TryHandOver(SwitchEnvironment environment, string? host, ReadOnlySpan<byte> superFrame, ulong origin,
        bool passedOn) => Settings.Lane != 0 && Lanes.InboxOf(0).TryHandOver(
            Settings.Lane, new HandOver(null, environment.Id, host, origin, passedOn), superFrame);

    /// <summary>Runs something rare on the other lanes, soon; it may use nothing that is this lane's.</summary>
    public void TellOthers(Action<SwitchCore> what)
    {
        if (Lanes.Count > 1)
            Lanes.Tell(Settings.Lane, what);
    }

    /// <summary>One datagram; decrypted in place.</summary>
    /// <param name="datagram">It belongs to the caller.</param>
    /// <param name="from">Its sender's address as the kernel says it.</param>
    /// <param name="trafficClass">Of its IP header.</param>
    public void FromNetwork(Span<byte> datagram, ReadOnlySpan<byte> from, byte trafficClass = 0)
    {
        if (RelayHeader.Is(datagram))
            _relay.Handle(datagram, from, trafficClass, _egress);
        else
            _egress.Handle(datagram, new Arrival(from) { TrafficClass = trafficClass });
    }

    /// <summary>
    /// Handshakes, keepalives, claims. Call it every <see cref="TickMs"/>; probes have a tick of their own.
    /// </summary>
    public void Tick()
    {
        Captures.GiveUpUnread();
        foreach (SwitchEnvironment environment in Environments.Values)
        {
            foreach (PeerTunnel peer in environment.Peers)
            {
                _handshakes.Tick(peer);
                _losses.Tick(peer);
                _runTests.Tick(peer);
                Probes.Tick(peer);
                Paths.Tick(peer);
            }

            Moves.Tick(environment);
            LinkLocals.Tick(environment);
            Duplicates.Tick(environment);
        }
    }

    /// <summary>Whether super-frames wait for datagrams.</summary>
    public bool HasOpenFrames => _egress.Reassembly.Open > 0;

    /// <summary>Passes on what is whole of super-frames whose datagrams have not come for too long.</summary>
    public void GiveUpOldFrames() => _egress.GiveUpOld();

    /// <summary>Sends what limits held back and whose time has come.</summary>
    public void ReleaseHeldBack() => Shaping.Release(_ingress);

    /// <summary>Longest time between two calls of <see cref="Tick"/>.</summary>
    public const int TickMs = 50;

    public void AddSession(PeerTunnel peer, TunnelSession session)
    {
        while (peer.Sessions.Count >= Limits.MaxSessionsPerPeer)
        {
            // Not one that has just been made: the peer may be about to use it.
            TunnelSession victim = peer.Sessions.Where(s => s != peer.Current).MinBy(s => s.LastReceivedMs)!;
            RemoveSession(peer, victim);
        }

        peer.Sessions.Add(session);
        Sessions.Add(session.LocalId, (session, peer));
    }

    public void RemoveSession(PeerTunnel peer, TunnelSession session)
    {
        peer.Sessions.Remove(session);
        Sessions.Remove(session.LocalId);
        _egress.Reassembly.Forget(session.LocalId);
        if (peer.Current == session)
            peer.Current = peer.Sessions.FindLast(s => s.IsConfirmed);
        session.Dispose();
    }

    /// <summary>Ends all sessions with a host in one environment.</summary>
    public void RemovePeer(PeerTunnel peer)
    {
        peer.Environment.Peers.Remove(peer);
        peer.Environment.IndexPeers();
        foreach (PeerTunnel other in Environments.Values.SelectMany(e => e.Peers))
        {
            if (ReferenceEquals(other.NextHop, peer))
                other.NextHop = null;
            if (ReferenceEquals(other.Path.Via, peer))
                other.Change(new PathState(other.Sizes, other.Address));
        }

        while (peer.Sessions.Count > 0)
            RemoveSession(peer, peer.Sessions[^1]);
        _handshakes.Abandon(peer);
    }

    /// <summary>A session id that is not in use; never 0.</summary>
    public uint NewSessionId()
    {
        while (true)
        {
            uint id = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
            if (id != 0 && !Sessions.ContainsKey(id) && !_handshakes.IsPending(id))
                return id;
        }
    }

    public void Dispose()
    {
        foreach (SwitchEnvironment environment in Environments.Values)
        {
            while (environment.Peers.Count > 0)
                RemovePeer(environment.Peers[^1]);
        }

        Environments.Clear();
    }
}
