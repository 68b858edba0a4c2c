using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Networks;

/// <summary>The environment's Ethernet exists with this subnet. Sent first; ignored later.</summary>
/// <param name="Environment">Which.</param>
/// <param name="Subnet">CIDR.</param>
/// <param name="Name">The environment's name, the start of its domain; null in calls of older builds.</param>
/// <param name="Options">What it does beside carrying frames; null is all defaults.</param>
[Wire("network.create")]
public sealed record CreateNetwork(
    EnvironmentId Environment, string Subnet, string? Name = null, NetworkOptions? Options = null);

/// <summary>Where a node is to be plugged in.</summary>
/// <param name="Node">The node.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Ip">Its IPv4 address.</param>
/// <param name="Host">Where its port is.</param>
/// <param name="Name">Its name in the environment; null in calls of older builds.</param>
/// <param name="IsMachine">Whether the host itself is the node, by an interface of its own.</param>
[Wire("network.plug-item")]
public sealed record PlugItem(
    NodeId Node, string Mac, string Ip, HostId Host, string? Name = null, bool IsMachine = false);

/// <summary>Gives nodes a place in the table and ports on their hosts; answered when the switches applied it.</summary>
[Wire("network.plug")]
public sealed record Plug(string RequestId, IReadOnlyList<PlugItem> Items);

/// <summary>
/// Takes nodes out of the table; answered when their hosts' switches applied it or are not reachable.
/// </summary>
[Wire("network.unplug")]
public sealed record Unplug(string RequestId, IReadOnlyList<NodeId> Nodes);

/// <summary>Binds a closed port for a node on the host it moves to; answered when both switches applied it.</summary>
[Wire("network.prebind")]
public sealed record Prebind(string RequestId, NodeId Node, HostId To);

/// <summary>Ends a move in the table: the node is on <paramref name="Host"/>, no port is pre-bound.</summary>
[Wire("network.settle")]
public sealed record Settle(string RequestId, NodeId Node, HostId Host);

/// <summary>
/// These, and no others, are the limits of nodes and between pairs of them. Not answered: the switches get them as soon
/// as they can.
/// A limit whose nodes are not both plugged in waits for them.
/// </summary>
[Wire("network.limit")]
public sealed record LimitPairs(IReadOnlyList<SwitchLimit> Limits);

/// <summary>The table is as asked and the switches that matter applied it; or why not.</summary>
[Wire("network.answer")]
public sealed record NetworkAnswer(string RequestId, Failure? Failure);

/// <summary>A network tells one host's switch its part of the environment; a null part removes it.</summary>
/// <param name="Environment">Which.</param>
/// <param name="Version">Version of the network's table.</param>
/// <param name="Part">What this host's switch shall hold.</param>
[Wire("switch.set-part")]
public sealed record SetSwitchPart(EnvironmentId Environment, long Version, SwitchEnvironment? Part);

/// <summary>
/// The site tells one host's switch who passes on for it, for whom it passes on, and which ways to take.
/// </summary>
/// <param name="Version">Of the site's reach; an older one is ignored.</param>
/// <param name="Relays">Hosts with which it shall have tunnels for passing on.</param>
/// <param name="Routes">Chains that it is part of.</param>
[Wire("switch.set-reach")]
public sealed record SetSwitchReach(
    long Version, IReadOnlyList<SwitchRelay> Relays, IReadOnlyList<ReachRoute> Routes);

/// <summary>A switch tells a network which version its host has applied, and its endpoint.</summary>
/// <param name="Environment">The network.</param>
/// <param name="Host">The host.</param>
/// <param name="Version">The version of the network's table.</param>
/// <param name="Endpoint">Address for tunnels; null while the host never connected.</param>
/// <param name="Failure">
/// Why it was not applied; <see cref="FailureCode.HostUnreachable"/> while the host is away.
/// </param>
[Wire("switch.part-applied")]
public sealed record SwitchPartApplied(
    EnvironmentId Environment, HostId Host, long Version, string? Endpoint, Failure? Failure);

/// <summary>A host's agent is connected: its switch gets its wanted state again.</summary>
[Wire("switch.host-connected")]
public sealed record SwitchHostConnected(HostId Host, string Endpoint);

/// <summary>A host's agent is not connected.</summary>
[Wire("switch.host-disconnected")]
public sealed record SwitchHostDisconnected(HostId Host);

/// <summary>Payload of the effect <c>switch</c>.</summary>
/// <param name="Host">Whose switch.</param>
/// <param name="Wanted">What it shall hold.</param>
/// <param name="By">
/// Who asked for the change, as <see cref="Principal"/> is written; null in calls of older builds.
/// </param>
[Wire("switch.call")]
public sealed record SwitchCall(HostId Host, SwitchWanted Wanted, string? By = null);

/// <summary>Result of the effect <c>switch</c>.</summary>
[Wire("switch.answered")]
public sealed record SwitchAnswered(long Version, Failure? Failure);

/// <summary>Timer of a switch: the host did not apply its wanted state, so it gets it again.</summary>
/// <param name="Version">The wanted state that failed; ignored when a newer one exists.</param>
[Wire("switch.retry")]
public sealed record SwitchRetry(long Version);
