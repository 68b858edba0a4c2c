using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Hosts;

/// <summary>The host's agent is connected, with these facts.</summary>
[Wire("host.came")]
public sealed record HostCame(HostId Host, HostFacts Facts, SiteId Site);

/// <summary>The host's agent is not connected.</summary>
[Wire("host.went")]
public sealed record HostWent;

/// <summary>Room for a node is booked, overhead included.</summary>
[Wire("host.booked")]
public sealed record HostBooked(EnvironmentId Environment, NodeId Node, int MemoryMiB, int Vcpus, long DiskMiB);

/// <summary>Room for several nodes of an environment is booked, all of it at once.</summary>
[Wire("host.nodes-booked")]
public sealed record HostNodesBooked(EnvironmentId Environment, IReadOnlyList<BookedRoom> Rooms);

/// <summary>What one of them may use.</summary>
/// <param name="Node">The node.</param>
/// <param name="MemoryMiB">Memory, overhead included.</param>
/// <param name="Vcpus">Virtual CPUs.</param>
/// <param name="DiskMiB">Most its disk can take.</param>
[Wire("host.booked-room")]
public sealed record BookedRoom(NodeId Node, int MemoryMiB, int Vcpus, long DiskMiB);

/// <summary>The node's room is free again.</summary>
[Wire("host.unbooked")]
public sealed record HostUnbooked(NodeId Node);

/// <summary>A command is on its way.</summary>
[Wire("host.command-sent")]
public sealed record CommandSent(string RequestId, EnvironmentId Environment, NodeId Node);

/// <summary>A command is over.</summary>
[Wire("host.command-ended")]
public sealed record CommandEnded(string RequestId);

/// <summary>An operator declared the host off; its bookings are void.</summary>
[Wire("host.was-fenced")]
public sealed record HostWasFenced;
