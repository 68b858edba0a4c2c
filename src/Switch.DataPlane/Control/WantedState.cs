namespace VioActors.Switch.DataPlane;

/// <summary>Everything that one host's switchd shall do. Applying it twice is the same as once.</summary>
public sealed record SwitchWantedState
{
    /// <summary>Rises with every change; a lower one than the last applied is refused.</summary>
    public required long Version { get; init; }

    /// <summary>All environments with ports on this host; what is not listed is removed.</summary>
    public IReadOnlyList<WantedEnvironment> Environments { get; init; } = [];

    /// <summary>
    /// Hosts that share no environment with this one, and pass on (ciphertext) for it or are passed on for by it. Hosts
    /// of the same environment do so for each other anyway. Probers given here are ignored.
    /// </summary>
    public IReadOnlyList<WantedMember> Relays { get; init; } = [];

    /// <summary>
    /// As <see cref="WantedEnvironment.Routes"/>, for every environment that both ends are members of. Hosts between
    /// them need not be: whoever is not must be among <see cref="Relays"/>, and passes on ciphertext only.
    /// </summary>
    public IReadOnlyList<WantedRoute> Routes { get; init; } = [];
}

/// <summary>One environment on one host.</summary>
public sealed record WantedEnvironment
{
    /// <summary>
    /// Opaque id; bound into keys, so both hosts must use exactly the same characters. 1 to 128 of them.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>All hosts that have ports of the environment, this one included.</summary>
    public IReadOnlyList<WantedMember> Members { get; init; } = [];

    /// <summary>The ports of this host.</summary>
    public IReadOnlyList<WantedPort> Ports { get; init; } = [];

    /// <summary>All nodes, wherever they are.</summary>
    public IReadOnlyList<WantedNode> Table { get; init; } = [];

    /// <summary>
    /// Chains of hosts whose neighbours reach each other while the others may not; the same list goes to every host.
    /// </summary>
    public IReadOnlyList<WantedRoute> Routes { get; init; } = [];

    /// <summary>Pairs of nodes whose traffic is limited; the same list goes to every host.</summary>
    public IReadOnlyList<WantedLimit> Limits { get; init; } = [];

    /// <summary>
    /// What happens to an address that is in two places: <c>report</c> says so in the status, <c>quarantine</c> also
    /// lets nothing pass from and to the node until it is over. Null is <c>report</c>.
    /// </summary>
    public string? Duplicates { get; init; }

    /// <summary>What the switch answers nodes itself: DHCP and DNS; null when nothing.</summary>
    public WantedServices? Services { get; init; }
}

/// <summary>A host that has ports of an environment.</summary>
public sealed record WantedMember
{
    /// <summary>The host id in its certificate.</summary>
    public required string Host { get; init; }

    /// <summary>
    /// Address and port of its switchd's first lane, e.g. <c>10.0.0.2:7946</c> or <c>[fd00::2]:7946</c>; empty for a
    /// host that nobody can call (behind NAT): it calls the others, and a common host tells its outer address.
    /// </summary>
    public required string Endpoint { get; init; }

    /// <summary>Further addresses that it may be reached at, at most 8 with the first; all are tried.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary>
    /// Address and port where its switchd takes TLS connections for when UDP does not pass; null where it does not.
    /// </summary>
    public string? TcpEndpoint { get; init; }

    /// <summary>
    /// How many lanes its switchd has, 1 to 8: sockets at the given ports and the ones after them. Need not be given:
    /// the hosts tell each other.
    /// </summary>
    public int Lanes { get; init; } = 1;

    /// <summary>MAC of its prober in this environment; null when it has none.</summary>
    public string? ProberMac { get; init; }

    /// <summary>IPv4 address of its prober; given together with the MAC.</summary>
    public string? ProberIp { get; init; }
}

/// <summary>
/// Everything between two of these hosts passes those between them. No direct way and no other relay is tried for it.
/// </summary>
/// <param name="Hosts">3 to 6 different members, in the order of the way; both directions.</param>
public sealed record WantedRoute(IReadOnlyList<string> Hosts);

/// <summary>One node's port on this host.</summary>
public sealed record WantedPort
{
    /// <summary>
    /// What is at its other end: <c>joint</c> (default), <c>tap</c>, <c>stream</c> or <c>vhost-user</c>.
    /// </summary>
    public string Kind { get; init; } = "joint";

    /// <summary>
    /// Name of our TAP, 1 to 15 characters of a-z and 0-9; of a port without one, its name in the status.
    /// </summary>
    public required string Tap { get; init; }

    /// <summary>
    /// Name of the private bridge that joins our TAP and the node's; same rule. Empty for other kinds than a joint.
    /// </summary>
    public string Bridge { get; init; } = "";

    /// <summary>
    /// For <c>stream</c> and <c>vhost-user</c>: the socket on which the machine listens, a file in the directory that
    /// switchd was started with; 1 to 64 characters of a-z, 0-9, dot and dash. Null for other kinds.
    /// </summary>
    public string? Socket { get; init; }

    /// <summary>
    /// For <c>tap</c>: bits of the environment's network, 1 to 32, with which the interface gets the node's address.
    /// </summary>
    public int? NetworkBits { get; init; }

    /// <summary>
    /// Name of the TAP that is made for the hypervisor, which opens it and does nothing else to it; same rule. Null
    /// when somebody else plugs the node into the bridge, and then has to keep the link silent.
    /// </summary>
    public string? NodeTap { get; init; }

    /// <summary>The node's id.</summary>
    public required string Node { get; init; }

    /// <summary>The node's MAC, e.g. <c>02:00:00:00:00:01</c>.</summary>
    public required string Mac { get; init; }

    /// <summary>The node's IPv4 address.</summary>
    public required string Ip { get; init; }

    /// <summary>The node's IPv6 address; null when it has only the link-local one that its MAC makes.</summary>
    public string? Ip6 { get; init; }

    /// <summary>
    /// False for the destination of a move: closed until the node announces itself there or the controller sends true.
    /// A port that is open stays open, unless its node left this host and the table pre-binds it here again.
    /// </summary>
    public bool Open { get; init; } = true;

    /// <summary>MTU of the node's link in bytes, 576 to 65535; default 1500.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>
    /// Most that the node may send, in kbit/s of Ethernet frames, broadcasts included, 64 to 100,000,000; null without
    /// a limit.
    /// </summary>
    public int? FromNodeKbps { get; init; }

    /// <summary>Most that the node gets, counted the same way; null without a limit.</summary>
    public int? ToNodeKbps { get; init; }
}

/// <summary>Most that two nodes may send each other, in each direction; broadcasts are not counted.</summary>
/// <param name="First">A node's id.</param>
/// <param name="Second">Another's.</param>
/// <param name="KilobitsPerSecond">Of Ethernet frames, 64 to 100,000,000.</param>
public sealed record WantedLimit(string First, string Second, int KilobitsPerSecond);

/// <summary>Where one node is.</summary>
public sealed record WantedNode
{
    /// <summary>The node's MAC.</summary>
    public required string Mac { get; init; }

    /// <summary>The node's IPv4 address.</summary>
    public required string Ip { get; init; }

    /// <summary>The node's IPv6 address; null when it has only the link-local one that its MAC makes.</summary>
    public string? Ip6 { get; init; }

    /// <summary>The node's id.</summary>
    public required string Node { get; init; }

    /// <summary>
    /// Its name for DNS and DHCP, unique in the environment: 1 to 63 of a-z, 0-9 and -; null when it has none.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The host it is on.</summary>
    public required string Host { get; init; }

    /// <summary>The host it may appear on next; null when no move is on.</summary>
    public string? PreBound { get; init; }

    /// <summary>
    /// Bump it with every change of <see cref="Host"/>. A claim that the data plane saw adds 1 to it, and is kept
    /// against a lower number as long as this row lists the claiming host.
    /// </summary>
    public ulong Sequence { get; init; }
}
