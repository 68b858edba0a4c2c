using System.Collections.Immutable;
using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Environments;

/// <summary>The environment exists.</summary>
[Wire("environment.established")]
public sealed record EnvironmentEstablished(
    EnvironmentId Environment, string Owner, string Name, string Subnet, int ReadyTimeoutSeconds,
    NetworkOptions? Network = null);

/// <summary>A node is wanted; it has an identity and addresses but no place yet.</summary>
[Wire("environment.node-added")]
public sealed record NodeAdded(NodeId Node, NodeSpec Spec, ImageDefinition Image, string Mac, string Ip);

/// <summary>A node is gone.</summary>
[Wire("environment.node-removed")]
public sealed record NodeRemoved(NodeId Node);

/// <summary>A host's own machine takes part, as a node that nobody runs.</summary>
[Wire("environment.machine-connected")]
public sealed record MachineConnected(MachineConnection Machine, string By);

/// <summary>It does not any more.</summary>
/// <param name="Name">Its name in the environment.</param>
/// <param name="By">Who ended it.</param>
/// <param name="Why">Why the site ended it by itself; null when somebody asked.</param>
[Wire("environment.machine-disconnected")]
public sealed record MachineDisconnected(string Name, string By, Failure? Why = null);

/// <summary>These, and no others, are the limits of nodes and between pairs of them.</summary>
[Wire("environment.limits-set")]
public sealed record LimitsSet(ImmutableArray<SwitchLimit> Limits);

/// <summary>An operation was accepted.</summary>
/// <param name="Operation">Its id.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Nodes">The nodes it works on.</param>
/// <param name="By">Who asked.</param>
/// <param name="At">When.</param>
[Wire("environment.operation-started")]
public sealed record OperationStarted(
    OperationId Operation, OperationKind Kind, ImmutableArray<NodeId> Nodes, string By, DateTimeOffset At)
{
    /// <summary>Nodes that shall come to be.</summary>
    public ImmutableArray<NodeId> Added { get; init; } = [];

    /// <summary>Nodes that shall go.</summary>
    public ImmutableArray<NodeId> Removed { get; init; } = [];

    /// <summary>Nodes that shall get other amounts.</summary>
    public ImmutableArray<NodeAmounts> Resized { get; init; } = [];

    /// <summary>Of a stop: seconds the guest has to shut down; 0 cuts power, null is the usual time.</summary>
    public int? StopGraceSeconds { get; init; }
}

/// <summary>What a node gets of its host.</summary>
/// <param name="Node">Which.</param>
/// <param name="MemoryMiB">Balloon target.</param>
/// <param name="CpuWeight">Share, 1 to 10000.</param>
/// <param name="CpuQuotaPercent">Hard limit in percent of one core; null is none.</param>
[Wire("environment.node-amounts")]
public sealed record NodeAmounts(NodeId Node, int MemoryMiB, int CpuWeight, int? CpuQuotaPercent);

/// <summary>A user asked for the end of an operation.</summary>
[Wire("environment.cancel-asked")]
public sealed record CancelAsked(OperationId Operation);

/// <summary>The machine type and CPU model that a node keeps wherever it goes.</summary>
[Wire("environment.node-pinned")]
public sealed record NodePinned(NodeId Node, string MachineType, string CpuModel);

/// <summary>The same for several nodes, which got their room together.</summary>
[Wire("environment.nodes-pinned")]
public sealed record NodesPinned(IReadOnlyList<NodeId> Nodes, string MachineType, string CpuModel);

/// <summary>A saga began a step, forward or back, and waits for these requests.</summary>
/// <param name="Operation">Whose step.</param>
/// <param name="Step">Its index in the saga.</param>
/// <param name="Undo">Whether it goes back.</param>
/// <param name="Round">How often the saga went forward from its first step.</param>
/// <param name="Attempt">How often this step was begun in this round and direction.</param>
/// <param name="Requests">Ids of what it waits for.</param>
[Wire("environment.step-began")]
public sealed record StepBegan(
    OperationId Operation, int Step, bool Undo, int Round, int Attempt, ImmutableArray<string> Requests);

/// <summary>One of the requests of the current step was answered.</summary>
/// <param name="Operation">Whose.</param>
/// <param name="RequestId">Which.</param>
/// <param name="Failure">Null when it succeeded.</param>
[Wire("environment.step-answered")]
public sealed record StepAnswered(OperationId Operation, string RequestId, Failure? Failure);

/// <summary>A saga turned round: what was done is undone, because of this.</summary>
[Wire("environment.operation-turned")]
public sealed record OperationTurned(OperationId Operation, Failure Why);

/// <summary>An operation ended.</summary>
[Wire("environment.operation-ended")]
public sealed record OperationEnded(OperationId Operation, OperationPhase Phase, Failure? Failure, DateTimeOffset At);

/// <summary>The site proposed, and the environment decided: the node belongs on this host, under this run.</summary>
[Wire("environment.node-placed")]
public sealed record NodePlaced(NodeId Node, HostId Host, long Run);

/// <summary>The node has no place any more.</summary>
[Wire("environment.node-unplaced")]
public sealed record NodeUnplaced(NodeId Node);

/// <summary>
/// Whether the node runs, under which run that was decided, and why it is not ready when that is known.
/// </summary>
[Wire("environment.node-power")]
public sealed record NodePowerChanged(NodeId Node, NodePower Power, long Run, Failure? Why = null);

/// <summary>The most memory that the node's guest may have, while nobody knows; null: it has what it should.</summary>
[Wire("environment.node-memory-held")]
public sealed record NodeMemoryHeld(NodeId Node, int? MemoryMiB);

/// <summary>The node's amounts were changed, after the guest confirmed.</summary>
[Wire("environment.node-resized")]
public sealed record NodeResized(NodeId Node, int MemoryMiB, int CpuWeight, int? CpuQuotaPercent);

/// <summary>A move is being prepared; the node's run rises.</summary>
[Wire("environment.move-began")]
public sealed record MoveBegan(
    OperationId Operation, NodeId Node, HostId From, HostId? To, long Run, int? BandwidthMiBps);

/// <summary>The reconciler of a move reached another phase and waits for these requests.</summary>
[Wire("environment.move-advanced")]
public sealed record MoveAdvanced(OperationId Operation, MovePhase Phase, ImmutableArray<string> Requests);

/// <summary>The site chose the target of a move.</summary>
[Wire("environment.move-targeted")]
public sealed record MoveTargeted(OperationId Operation, HostId To);

/// <summary>The target is booked; its agent takes move streams here.</summary>
[Wire("environment.move-booked")]
public sealed record MoveBooked(OperationId Operation, string ToEndpoint);

/// <summary>The source's hypervisor job ended; what is true is observed next.</summary>
[Wire("environment.move-job-ended")]
public sealed record MoveJobEnded(OperationId Operation, Failure? Failure, MoveStatistics? Statistics);

/// <summary>Both hosts of a move are asked again what they see.</summary>
[Wire("environment.move-looked")]
public sealed record MoveLooked(OperationId Operation);

/// <summary>What one of the two hosts of a move saw; a null observation is a host that could not be asked.</summary>
[Wire("environment.move-observed")]
public sealed record MoveObserved(OperationId Operation, HostId Host, NodeObservation? Seen);

/// <summary>The node runs on the target and nowhere else.</summary>
[Wire("environment.node-moved")]
public sealed record NodeMoved(OperationId Operation, NodeId Node, HostId Host);

/// <summary>An operator declared a host off: what it ran of this environment may start elsewhere.</summary>
[Wire("environment.host-declared-off")]
public sealed record HostDeclaredOff(HostId Host);

/// <summary>A host that has room booked for nodes of this environment is called so.</summary>
[Wire("environment.host-named")]
public sealed record HostNamed(HostId Host, string Name);

/// <summary>A host that was declared off is back.</summary>
[Wire("environment.host-back")]
public sealed record HostBack(HostId Host);

/// <summary>The environment is gone; only its history stays.</summary>
[Wire("environment.deleted")]
public sealed record EnvironmentDeleted;
