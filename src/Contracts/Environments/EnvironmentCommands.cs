using System.Collections.Immutable;
using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Environments;

/// <summary>
/// The site hands a checked spec to the environment: it creates itself, or grows, shrinks and resizes.
/// Not answered; the operation shows what became of it.
/// </summary>
/// <param name="Operation">The operation that was promised to the user.</param>
/// <param name="Environment">This environment.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Spec">What is wanted.</param>
/// <param name="Images">Definitions of all images that the spec names.</param>
[Wire("environment.apply")]
public sealed record ApplyEnvironment(
    OperationId Operation, EnvironmentId Environment, string Owner, EnvironmentSpec Spec,
    ImmutableSortedDictionary<string, ImageDefinition> Images);

/// <summary>Removes the environment and all its nodes. The reply is <see cref="OperationAccepted"/>.</summary>
[Wire("environment.delete")]
public sealed record DeleteEnvironment;

/// <summary>Moves a node to another host while it runs. The reply is <see cref="OperationAccepted"/>.</summary>
/// <param name="Node">Which.</param>
/// <param name="To">The host; null lets the site choose.</param>
/// <param name="BandwidthMiBps">Most memory copied per second, MiB; null is no limit.</param>
[Wire("environment.move-node")]
public sealed record MoveNode(NodeId Node, HostId? To, int? BandwidthMiBps);

/// <summary>Changes what a node gets; null leaves a value. The reply is <see cref="OperationAccepted"/>.</summary>
/// <param name="Node">Which.</param>
/// <param name="MemoryMiB">Balloon target, at most the memory the node started with.</param>
/// <param name="CpuWeight">1 to 10000.</param>
/// <param name="CpuQuotaPercent">Percent of one core; 0 removes the limit.</param>
[Wire("environment.resize-node")]
public sealed record ResizeNodeTo(NodeId Node, int? MemoryMiB, int? CpuWeight, int? CpuQuotaPercent);

/// <summary>Stops a node; its place and disk stay. The reply is <see cref="OperationAccepted"/>.</summary>
/// <param name="Node">Which.</param>
/// <param name="GraceSeconds">Seconds the guest has to shut down; 0 cuts power.</param>
[Wire("environment.stop-node")]
public sealed record StopNodeNow(NodeId Node, int GraceSeconds);

/// <summary>
/// Starts a stopped node, on another host when its own was fenced. The reply is <see cref="OperationAccepted"/>.
/// </summary>
[Wire("environment.start-node")]
public sealed record StartNodeNow(NodeId Node);

/// <summary>
/// An operator gives up a machine that a host holds by a decision that the store lacks, with its disk. Not answered.
/// </summary>
/// <param name="Host">The host.</param>
/// <param name="Node">Whose machine.</param>
[Wire("environment.clear-stray")]
public sealed record ClearStray(HostId Host, NodeId Node);

/// <summary>
/// Asks an operation to end early. The reply is <see cref="OperationAccepted"/>, or a refusal when it is too late.
/// </summary>
[Wire("environment.cancel")]
public sealed record CancelOperation(OperationId Operation);

/// <summary>
/// A host's own machine becomes a node, by an interface of its own. Repeated, it asks again. The reply is
/// <see cref="MachineConnection"/>; the interface comes as soon as the host's switch has it.
/// </summary>
/// <param name="Host">The host.</param>
/// <param name="Name">Its name in the environment; no node has it.</param>
/// <param name="LeaseSeconds">
/// Silence after which it is taken out: <see cref="MachineLease.ShortestSeconds"/> to
/// <see cref="MachineLease.LongestSeconds"/>. Null: it stays until somebody disconnects it, since who asks so does not
/// renew.
/// </param>
[Wire("environment.connect-machine")]
public sealed record ConnectMachine(HostId Host, string Name, int? LeaseSeconds = null);

/// <summary>
/// A connected machine is still there: its lease begins anew. The reply is <see cref="MachineConnection"/>, or the
/// refusal <c>not-connected</c> when it was taken out, also if another one has its name now.
/// </summary>
/// <param name="Name">Its name in the environment.</param>
/// <param name="Node">Its id in the table.</param>
[Wire("environment.renew-machine")]
public sealed record RenewMachine(string Name, NodeId Node);

/// <summary>Ends that. The reply is the <see cref="MachineConnection"/> that was.</summary>
[Wire("environment.disconnect-machine")]
public sealed record DisconnectMachine(string Name);

/// <summary>A machine that is connected to an environment.</summary>
/// <param name="Node">Its id in the table.</param>
/// <param name="Name">Its name in the environment.</param>
/// <param name="Host">The host that it is.</param>
/// <param name="Mac">Of its interface.</param>
/// <param name="Ip">Of its interface.</param>
/// <param name="LeaseSeconds">Silence after which it is taken out; null: never.</param>
[Wire("environment.machine-connection")]
public sealed record MachineConnection(
    NodeId Node, string Name, HostId Host, string Mac, string Ip, int? LeaseSeconds = null);

/// <summary>The operation to watch.</summary>
[Wire("environment.operation-accepted")]
public sealed record OperationAccepted(OperationId Operation);

/// <summary>Timer: look at both hosts of a move again, or retry an undo.</summary>
[Wire("environment.look-again")]
public sealed record LookAgain(OperationId Operation);

/// <summary>Timer: ask a node's host what it sees of the node.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Look">How often it was asked, this time included; bounded.</param>
[Wire("environment.look-at-node")]
public sealed record LookAtNode(NodeId Node, int Look);

/// <summary>
/// Timer: a host came back with a node that an operation worked on; see again whether it belongs there.
/// </summary>
/// <param name="Host">The host.</param>
/// <param name="Seen">What it saw when it came back.</param>
[Wire("environment.look-at-returned")]
public sealed record LookAtReturned(HostId Host, NodeObservation Seen);

/// <summary>Timer: a connected machine was not heard of for the time of its lease.</summary>
/// <param name="Name">Its name in the environment.</param>
/// <param name="Node">Its id in the table.</param>
/// <param name="Due">When the lease ends; if the timer comes much later, nobody listened meanwhile.</param>
[Wire("environment.machine-lease-over")]
public sealed record MachineLeaseOver(string Name, NodeId Node, DateTimeOffset Due);
