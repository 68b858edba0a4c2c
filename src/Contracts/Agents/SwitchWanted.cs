using System.Collections.Immutable;

namespace VioActors.Contracts.Agents;

/// <summary>The whole wanted state of one host's switch; the newer version replaces the older.</summary>
public sealed record SwitchWanted
{
    /// <summary>Site generation, then a count that rises with every change.</summary>
    public required long Generation { get; init; }

    /// <summary>Rises with every change of this host's wanted state.</summary>
    public required long Version { get; init; }

    /// <summary>The environments that have, or will have, a port on this host.</summary>
    public ImmutableArray<SwitchEnvironment> Environments { get; init; } = [];

    /// <summary>Hosts to have tunnels with for passing on, whatever environments they share.</summary>
    public ImmutableArray<SwitchRelay> Relays { get; init; } = [];

    /// <summary>Chains of hosts that this one is part of.</summary>
    public ImmutableArray<ReachRoute> Routes { get; init; } = [];
}

/// <summary>A host that passes on for this one, or for which this one does.</summary>
/// <param name="Host">The host.</param>
/// <param name="Endpoint">Its switch, as in <see cref="SwitchMember.Endpoint"/>.</param>
public sealed record SwitchRelay(HostId Host, string Endpoint);

/// <summary>One environment's part of a switch.</summary>
public sealed record SwitchEnvironment
{
    /// <summary>The environment.</summary>
    public required EnvironmentId Environment { get; init; }

    /// <summary>Its subnet, CIDR.</summary>
    public required string Subnet { get; init; }

    /// <summary>All hosts that take part, this one included.</summary>
    public ImmutableArray<SwitchMember> Members { get; init; } = [];

    /// <summary>All nodes of the environment, wherever they are.</summary>
    public ImmutableArray<SwitchEntry> Entries { get; init; } = [];

    /// <summary>Limits of these nodes and between pairs of them.</summary>
    public ImmutableArray<SwitchLimit> Limits { get; init; } = [];

    /// <summary>What the switch answers nodes itself; null when nothing, and in calls of older builds.</summary>
    public SwitchServices? Services { get; init; }

    /// <summary><c>report</c> or <c>quarantine</c>, for an address in two places; null is <c>report</c>.</summary>
    public string? Duplicates { get; init; }
}

/// <summary>Most that two nodes may send each other, in each direction; or that one node may send, and get.</summary>
/// <param name="First">A node.</param>
/// <param name="Second">Another, whose id is higher; null when the limit is the first one's alone.</param>
/// <param name="RateKbit">Of Ethernet frames, kbit/s.</param>
public sealed record SwitchLimit(NodeId First, NodeId? Second, int RateKbit)
{
    /// <summary>Whether it is about this node.</summary>
    public bool Names(NodeId node) => First == node || Second == node;

    /// <summary>The limit of a pair, whichever of the two is named first.</summary>
    public static SwitchLimit Of(NodeId one, NodeId other, int rateKbit) =>
        one.CompareTo(other) < 0 ? new(one, other, rateKbit) : new(other, one, rateKbit);
}

/// <summary>Where and for which names an environment's switch answers DHCP and DNS; the same on all hosts.</summary>
/// <param name="Mac">MAC of the service address.</param>
/// <param name="Ip">The service address with the subnet's prefix length, <c>10.10.0.239/24</c>.</param>
/// <param name="Ip6">Its IPv6 address; null without DHCPv6.</param>
/// <param name="Domain">Nodes are found as <c>name.domain</c>.</param>
public sealed record SwitchServices(string Mac, string Ip, string? Ip6, string Domain)
{
    /// <summary>IPv4 address of the node that is the way out; null when there is none.</summary>
    public string? Gateway { get; init; }

    /// <summary>Its IPv6 address.</summary>
    public string? Gateway6 { get; init; }

    /// <summary>IPv4 address of the node that serves boot files; null when none does.</summary>
    public string? BootServer { get; init; }

    /// <summary>Boot file or URL for DHCP; null for none.</summary>
    public string? BootFile { get; init; }

    /// <summary>Boot URL for DHCPv6; null for none.</summary>
    public string? BootUrl { get; init; }
}

/// <summary>A host that takes part in an environment's switch.</summary>
/// <param name="Host">The host.</param>
/// <param name="Endpoint">Its switch, <c>ip:port</c>; null while not known.</param>
/// <param name="ProberMac">MAC of its prober port in this environment.</param>
/// <param name="ProberIp">Address of its prober port in this environment.</param>
public sealed record SwitchMember(HostId Host, string? Endpoint, string ProberMac, string ProberIp);

/// <summary>Where a node's MAC is.</summary>
/// <param name="Node">The node; the names of its interfaces follow from its id.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Ip">Its IPv4 address.</param>
/// <param name="Host">The host it runs on.</param>
/// <param name="PreboundHost">A second host with a closed port for it, while it moves there; else null.</param>
/// <param name="Sequence">Rises with every change of place.</param>
/// <param name="Name">Its name in the environment; null when older builds made the entry.</param>
/// <param name="Ip6">Its IPv6 address beside the link-local one; null where none is told.</param>
/// <param name="IsMachine">Whether the host itself is the node, by an interface of its own.</param>
public sealed record SwitchEntry(
    NodeId Node, string Mac, string Ip, HostId Host, HostId? PreboundHost, long Sequence, string? Name = null,
    string? Ip6 = null, bool IsMachine = false);
