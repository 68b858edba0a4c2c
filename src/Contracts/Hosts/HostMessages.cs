using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Hosts;

/// <summary>The host's agent said hello to this server.</summary>
/// <param name="Host">The host.</param>
/// <param name="Facts">What it has.</param>
/// <param name="Nodes">Every node it knows of.</param>
/// <param name="Site">The site whose certificate it showed; its capacity is told there.</param>
[Wire("host.connected")]
public sealed record HostConnected(HostId Host, HostFacts Facts, IReadOnlyList<NodeObservation> Nodes, SiteId Site);

/// <summary>The connection to the agent is gone.</summary>
[Wire("host.disconnected")]
public sealed record HostDisconnected(HostId Host);

/// <summary>
/// Books room for a node, or changes its booking to these amounts. Answered by <see cref="BookAnswer"/>.
/// </summary>
/// <param name="RequestId">Comes back in the answer.</param>
/// <param name="Environment">Who asks.</param>
/// <param name="Node">For which node.</param>
/// <param name="MemoryMiB">Guest memory; overhead is added here.</param>
/// <param name="Vcpus">Virtual CPUs; more than the host has cores is allowed, weights share them.</param>
/// <param name="DiskMiB">Most its disk can take.</param>
[Wire("host.book")]
public sealed record Book(
    string RequestId, EnvironmentId Environment, NodeId Node, int MemoryMiB, int Vcpus, long DiskMiB);

/// <summary>The booking holds, with the host's facts; or what is missing.</summary>
[Wire("host.book-answer")]
public sealed record BookAnswer(string RequestId, HostId Host, NodeId Node, HostFacts? Facts, Failure? Failure);

/// <summary>
/// Books room for several nodes of an environment, for all of them or for none; each as <see cref="Book"/> does.
/// Answered by <see cref="BookNodesAnswer"/>.
/// </summary>
/// <param name="RequestId">Comes back in the answer.</param>
/// <param name="Environment">Who asks.</param>
/// <param name="Nodes">What each needs; each node once.</param>
[Wire("host.book-nodes")]
public sealed record BookNodes(string RequestId, EnvironmentId Environment, IReadOnlyList<NodeRoom> Nodes);

/// <summary>Room for one node.</summary>
/// <param name="Node">For which node.</param>
/// <param name="MemoryMiB">Guest memory; overhead is added by the host.</param>
/// <param name="Vcpus">Virtual CPUs; more than the host has cores is allowed, weights share them.</param>
/// <param name="DiskMiB">Most its disk can take.</param>
[Wire("host.node-room")]
public sealed record NodeRoom(NodeId Node, int MemoryMiB, int Vcpus, long DiskMiB);

/// <summary>All of these bookings hold, with the host's facts; or none was made, and what is missing.</summary>
[Wire("host.book-nodes-answer")]
public sealed record BookNodesAnswer(
    string RequestId, HostId Host, IReadOnlyList<NodeId> Nodes, HostFacts? Facts, Failure? Failure);

/// <summary>Frees a node's booking; fine when there is none. Answered by <see cref="UnbookAnswer"/>.</summary>
[Wire("host.unbook")]
public sealed record Unbook(string RequestId, EnvironmentId Environment, NodeId Node);

/// <summary>There is no booking any more.</summary>
[Wire("host.unbook-answer")]
public sealed record UnbookAnswer(string RequestId, HostId Host, NodeId Node);

/// <summary>Passes a command to the host's agent. Answered by <see cref="CommandAnswer"/>.</summary>
[Wire("host.command")]
public sealed record HostCommand(string RequestId, EnvironmentId Environment, AgentCommand Command);

/// <summary>How the command ended; <see cref="FailureCode.HostUnreachable"/> means its effect is unknown.</summary>
[Wire("host.command-answer")]
public sealed record CommandAnswer(string RequestId, HostId Host, NodeId Node, AgentOutcome Outcome);

/// <summary>An operator states that the host is off and will not run its nodes again as they are.</summary>
[Wire("host.fence")]
public sealed record FenceHost(HostId Host);

/// <summary>Reply to <see cref="FenceHost"/>: how many nodes were on it.</summary>
[Wire("host.fence-answer")]
public sealed record HostFencedReply(int Nodes);

/// <summary>Tells an environment that a host with nodes of it was declared off.</summary>
[Wire("host.fenced-notice")]
public sealed record HostFencedNotice(HostId Host);

/// <summary>Tells an environment what a host that came back sees of its nodes.</summary>
[Wire("host.returned-notice")]
public sealed record HostReturnedNotice(HostId Host, IReadOnlyList<NodeObservation> Nodes);

/// <summary>The host's agent saw these machines end; by now they may run again, so whoever cares asks.</summary>
[Wire("host.nodes-ended")]
public sealed record HostNodesEnded(HostId Host, IReadOnlyList<NodeId> Nodes);

/// <summary>Tells an environment that machines of its nodes on a host may have ended.</summary>
[Wire("host.nodes-ended-notice")]
public sealed record NodesEndedNotice(HostId Host, IReadOnlyList<NodeId> Nodes);

/// <summary>
/// Payload of the effect <c>agent</c>: a command on its way to the host's agent; answered by
/// <see cref="AgentAnswered"/>.
/// </summary>
/// <param name="Host">Whose agent.</param>
/// <param name="Generation">The site's generation when it was decided.</param>
/// <param name="Command">What to do.</param>
/// <param name="By">Who asked, as <see cref="Principal"/> is written; null in calls of older builds.</param>
[Wire("host.agent-call")]
public sealed record AgentCall(HostId Host, long Generation, AgentCommand Command, string? By = null);

/// <summary>Result of the effect <c>agent</c>.</summary>
/// <param name="RequestId">The request that asked, which is the effect's id.</param>
/// <param name="Outcome">How it ended.</param>
[Wire("host.agent-answered")]
public sealed record AgentAnswered(string RequestId, AgentOutcome Outcome);
