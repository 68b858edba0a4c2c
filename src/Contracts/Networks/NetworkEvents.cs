namespace VioActors.Contracts.Networks;

/// <summary>The environment has an Ethernet.</summary>
[Wire("network.created")]
public sealed record NetworkCreated(
    EnvironmentId Environment, string Subnet, string? Name = null, NetworkOptions? Options = null);

/// <summary>A node is in the table.</summary>
[Wire("network.plugged")]
public sealed record NodePlugged(
    NodeId Node, string Mac, string Ip, HostId Host, string? Name = null, bool IsMachine = false);

/// <summary>A node is out of the table.</summary>
[Wire("network.unplugged")]
public sealed record NodeUnplugged(NodeId Node);

/// <summary>A node has a closed port on a second host.</summary>
[Wire("network.prebound")]
public sealed record NodePrebound(NodeId Node, HostId To);

/// <summary>A node is on this host and nowhere else.</summary>
[Wire("network.settled")]
public sealed record NodeSettled(NodeId Node, HostId Host);

/// <summary>A host takes part, with its prober's addresses.</summary>
[Wire("network.member-added")]
public sealed record MemberAdded(HostId Host, string ProberMac, string ProberIp);

/// <summary>A host has no port of the environment any more.</summary>
[Wire("network.member-removed")]
public sealed record MemberRemoved(HostId Host);

/// <summary>The address of a member's switch.</summary>
[Wire("network.endpoint-changed")]
public sealed record EndpointChanged(HostId Host, string Endpoint);

/// <summary>These, and no others, are the limits of nodes and between pairs of them.</summary>
[Wire("network.limited")]
public sealed record PairsLimited(IReadOnlyList<Agents.SwitchLimit> Limits);

/// <summary>Somebody waits until these members have applied this version or a later one.</summary>
[Wire("network.waiting")]
public sealed record NetworkWaiting(string RequestId, long Version, IReadOnlyList<HostId> Hosts, bool AwayIsFine);

/// <summary>A member applied a version.</summary>
[Wire("network.applied")]
public sealed record MemberApplied(HostId Host, long Version);

/// <summary>Nobody waits for this request any more.</summary>
[Wire("network.answered")]
public sealed record NetworkAnswered(string RequestId);

/// <summary>A switch shall hold, or not hold, this part.</summary>
[Wire("switch.part-set")]
public sealed record SwitchPartSet(EnvironmentId Environment, long Version, Agents.SwitchEnvironment? Part);

/// <summary>A switch shall know these relays and routes.</summary>
[Wire("switch.reach-set")]
public sealed record SwitchReachSet(
    long Version, IReadOnlyList<Agents.SwitchRelay> Relays, IReadOnlyList<ReachRoute> Routes);

/// <summary>The host's switch is reachable at this endpoint.</summary>
[Wire("switch.came")]
public sealed record SwitchCame(HostId Host, string Endpoint);

/// <summary>The host's agent is away.</summary>
[Wire("switch.went")]
public sealed record SwitchWent;

/// <summary>The host applied its wanted state up to this version.</summary>
[Wire("switch.applied")]
public sealed record SwitchApplied(long Version);

/// <summary>The host did not apply this version of its wanted state; it is tried again later.</summary>
[Wire("switch.not-applied")]
public sealed record SwitchNotApplied(long Version, Failure Failure);

/// <summary>The wanted state was sent again after a failure.</summary>
[Wire("switch.resent")]
public sealed record SwitchResent(long Version);
