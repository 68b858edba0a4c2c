namespace VioActors.Switch.DataPlane;

/// <summary>
/// All counters of one switchd. Counter names are stable, e.g. <c>dropSpoofedMac</c>; they start at 0 with the
/// process.
/// </summary>
public sealed record SwitchStatus
{
    /// <summary>This host.</summary>
    public required string HostId { get; init; }

    /// <summary>The version that was applied last; 0 before the first.</summary>
    public required long Version { get; init; }

    /// <summary>Build of the program.</summary>
    public required string Build { get; init; }

    /// <summary>UDP port of the first lane.</summary>
    public required int Port { get; init; }

    /// <summary>False in a control run whose isolation check is off.</summary>
    public required bool Isolated { get; init; }

    /// <summary>Seconds since 1970 when the identity expires; null without one.</summary>
    public long? IdentityExpiresAtUnixSeconds { get; init; }

    /// <summary>What could not be ascribed to a peer: garbage, unknown sessions, abandoned reassemblies.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>One per lane; empty from older builds.</summary>
    public IReadOnlyList<LaneStatus> Lanes { get; init; } = [];

    /// <summary>One per environment.</summary>
    public required IReadOnlyList<EnvironmentStatus> Environments { get; init; }

    /// <summary>Frames that reached a port of another environment, all ports together. Must be 0.</summary>
    public long FramesCrossed => Environments.Sum(e => e.Ports.Sum(p => p.Counters.GetValueOrDefault("framesCrossed")));
}

/// <summary>One lane: a thread with its own socket, keys and queues of the ports.</summary>
/// <param name="Lane">Its number, from 0.</param>
/// <param name="Port">Its UDP port.</param>
/// <param name="FramesFromNodes">Frames that it read from ports.</param>
/// <param name="FramesToNodes">Frames that it gave to ports.</param>
/// <param name="DatagramsIn">Datagrams of other hosts that it took.</param>
/// <param name="DatagramsOut">Datagrams that it sent.</param>
/// <param name="FramesHandedOver">Frames that other lanes gave it, because only it could deliver them.</param>
public sealed record LaneStatus(
    int Lane, int Port, long FramesFromNodes, long FramesToNodes, long DatagramsIn, long DatagramsOut,
    long FramesHandedOver);

/// <summary>One environment on one host.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Ports">This host's ports.</param>
/// <param name="Tunnels">One per other member.</param>
/// <param name="Nodes">The table as the data plane has it now.</param>
public sealed record EnvironmentStatus(
    string Id, IReadOnlyList<PortStatus> Ports, IReadOnlyList<TunnelStatus> Tunnels, IReadOnlyList<NodeLocation> Nodes)
{
    /// <summary>
    /// What nodes of this host sent to others, those that speak first, at most <see cref="Limits.PairsPerStatus"/>.
    /// </summary>
    public IReadOnlyList<PairStatus> Pairs { get; init; } = [];

    /// <summary>Bytes of pairs beyond the <see cref="Limits.MaxPairs"/> that are counted one by one.</summary>
    public long OtherPairsBytes { get; init; }

    /// <summary>Addresses that this host found in two places within the last minutes.</summary>
    public IReadOnlyList<DuplicateStatus> Duplicates { get; init; } = [];
}

/// <summary>What one node of this host sent to one other node; the way back is counted where the other is.</summary>
/// <param name="From">The sender's id.</param>
/// <param name="To">The receiver's id.</param>
/// <param name="Frames">Ethernet frames; super-frames count once.</param>
/// <param name="Bytes">Of Ethernet frames.</param>
/// <param name="FramesHeldBack">Frames that a limit held back for a while.</param>
/// <param name="DropPairLimit">Frames that a limit dropped.</param>
/// <param name="LimitBytesPerSecond">The limit; null without one.</param>
public sealed record PairStatus(
    string From, string To, long Frames, long Bytes, long FramesHeldBack, long DropPairLimit,
    long? LimitBytesPerSecond);

/// <summary>An address that is in two places.</summary>
/// <param name="Kind"><c>moves</c>: claimed by two hosts in turn; <c>twoPlaces</c>: the node still speaks on a host
/// that it left; <c>othersAddress</c>: the node uses the address of another one.</param>
/// <param name="Node">The node whose frames showed it.</param>
/// <param name="Address">The MAC or IP address.</param>
/// <param name="OtherNode">Whose address it is, when it is another's; else null.</param>
/// <param name="Hosts">The two places.</param>
/// <param name="Quarantined">Whether nothing passes from and to <paramref name="Node"/> meanwhile.</param>
/// <param name="EndsInMs">Until then, unless the controller's row for the node changes before.</param>
public sealed record DuplicateStatus(
    string Kind, string Node, string Address, string? OtherNode, IReadOnlyList<string> Hosts, bool Quarantined,
    long EndsInMs);

/// <summary>One port.</summary>
/// <param name="Tap">Name of our TAP.</param>
/// <param name="Node">Its node.</param>
/// <param name="Open">False while it is only pre-bound.</param>
/// <param name="Broken">True when its interface vanished; apply again.</param>
/// <param name="Counters">By name.</param>
public sealed record PortStatus(
    string Tap, string Node, bool Open, bool Broken, IReadOnlyDictionary<string, long> Counters)
{
    /// <summary>Whether the lane that says this has the port's driver.</summary>
    internal bool HasDriver { get; init; }

    /// <summary>What is at its other end: joint, tap, stream or vhost-user.</summary>
    public string Kind { get; init; } = "joint";

    /// <summary>
    /// What the other end does by itself: <c>csum</c>, <c>tso4</c>, <c>tso6</c>, <c>ecn</c>, with spaces between. What
    /// is missing is done here, in software.
    /// </summary>
    public string Offloads { get; init; } = "";

    /// <summary>Why no frame passes; null when they do.</summary>
    public string? Trouble { get; init; }
}

/// <summary>The tunnel to one host for one environment.</summary>
/// <param name="Host">The peer.</param>
/// <param name="Endpoint">The address in use: its own, or of the host that relays.</param>
/// <param name="Up">Whether authenticated packets came within the last seconds.</param>
/// <param name="SessionAgeMs">Age of the session in use; null without one.</param>
/// <param name="Cipher">Of that session; null without one.</param>
/// <param name="Capabilities">What the peer's hello said it can do; null without a session.</param>
/// <param name="LastRefusal">Why the last handshake failed; null when it did not.</param>
/// <param name="Counters">By name.</param>
public sealed record TunnelStatus(
    string Host, string Endpoint, bool Up, long? SessionAgeMs, string? Cipher, string? Capabilities,
    string? LastRefusal,
    IReadOnlyDictionary<string, long> Counters)
{
    /// <summary>
    /// <c>gso</c> when several datagrams leave in one call, else <c>gso off</c> with the reason; null from older
    /// builds.
    /// </summary>
    public string? Offloads { get; init; }

    /// <summary>The way of its datagrams: <c>direct</c>, <c>relayed via HOST</c> or <c>tcp</c>.</summary>
    public string Path { get; init; } = "direct";

    /// <summary>Where the peer sees this host, behind NAT not its own address; null when it did not say.</summary>
    public string? SeenAs { get; init; }

    /// <summary>Smoothed round trip between the two switchds, milliseconds; null before the first answer.</summary>
    public double? RttMs { get; init; }

    /// <summary>Share of the peer's datagrams that did not arrive, as last measured; 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Bytes of the largest IP packet that was seen to cross the path whole.</summary>
    public int Mtu { get; init; }

    /// <summary>Whether the kernel takes several datagrams for this path in one call (UDP GSO).</summary>
    public bool TakesRuns { get; init; } = true;
}

/// <summary>Where the data plane sends a node's frames.</summary>
/// <param name="Node">The node.</param>
/// <param name="Mac">Its MAC.</param>
/// <param name="Ip">Its address.</param>
/// <param name="Host">The host that has it now, by the controller or by a newer claim.</param>
/// <param name="Sequence">The number behind that.</param>
public sealed record NodeLocation(string Node, string Mac, string Ip, string Host, ulong Sequence);
