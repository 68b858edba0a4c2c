using System.Text.Json.Serialization;

namespace VioActors.Contracts.Agents;

/// <summary>
/// What a server tells one host to do with one node. Commands are idempotent. Those with a run are refused
/// (<see cref="FailureCode.StaleRun"/>) when the agent stored a higher (generation, run) pair for the node.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(PrepareNode), "prepare")]
[JsonDerivedType(typeof(StartNode), "start")]
[JsonDerivedType(typeof(AwaitReady), "await-ready")]
[JsonDerivedType(typeof(StopNode), "stop")]
[JsonDerivedType(typeof(RemoveNode), "remove")]
[JsonDerivedType(typeof(ResizeNode), "resize")]
[JsonDerivedType(typeof(ReceiveMove), "receive-move")]
[JsonDerivedType(typeof(SendMove), "send-move")]
[JsonDerivedType(typeof(AbortMove), "abort-move")]
[JsonDerivedType(typeof(ObserveNode), "observe")]
public abstract record AgentCommand
{
    /// <summary>The node it is about.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The node's run number under which this was decided; 0 for pure observations.</summary>
    public long Run { get; init; }
}

/// <summary>Fetch the image, make the node's disk. Answers when both are there.</summary>
public sealed record PrepareNode : AgentCommand
{
    /// <summary>What will run.</summary>
    public required NodeShape Shape { get; init; }
}

/// <summary>Start the domain; ok when it already runs under this run.</summary>
public sealed record StartNode : AgentCommand
{
    /// <summary>What to run.</summary>
    public required NodeShape Shape { get; init; }
}

/// <summary>Answer when the node answered ARP and ICMP of the host's prober, or fail with <c>not-ready</c>.</summary>
public sealed record AwaitReady : AgentCommand
{
    /// <summary>The environment whose prober asks.</summary>
    public required EnvironmentId Environment { get; init; }

    /// <summary>The node's address.</summary>
    public required string Ip { get; init; }

    /// <summary>How long to try, seconds.</summary>
    public required int TimeoutSeconds { get; init; }
}

/// <summary>Stop the domain; ok when it does not run. Its disk stays.</summary>
public sealed record StopNode : AgentCommand
{
    /// <summary>Seconds to wait for the guest to shut down before power is cut; 0 cuts at once.</summary>
    public int GraceSeconds { get; init; }
}

/// <summary>Stop the domain and remove all that the host keeps of the node; ok when there is nothing.</summary>
public sealed record RemoveNode : AgentCommand
{
    /// <summary>
    /// Cleans up after a move: a machine that executes is left alone and the answer is <c>still-runs</c>. It runs by a
    /// decision that whoever asks does not know.
    /// </summary>
    public bool SparesRunning { get; init; }
}

/// <summary>
/// Change what a running node gets. Answers when the guest confirmed its memory (see
/// <see cref="NodeObservation.ActualMemoryMiB"/>), or fails with what the guest did.
/// </summary>
public sealed record ResizeNode : AgentCommand
{
    /// <summary>Balloon target, MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Share, 1 to 10000.</summary>
    public required int CpuWeight { get; init; }

    /// <summary>Hard limit in percent of one core; null removes it.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>
    /// The guest's memory stays as it is: it is neither asked for any nor waited for, so that a guest which is slow
    /// with its balloon, or has none, gets its CPU at once.
    /// </summary>
    public bool KeepsMemory { get; init; }
}

/// <summary>
/// Make ready to take over a node: image, disk, sockets, and the way in for the source host's agent only.
/// </summary>
public sealed record ReceiveMove : AgentCommand
{
    /// <summary>The operation, which names the move on both hosts.</summary>
    public required OperationId Move { get; init; }

    /// <summary>What will run here.</summary>
    public required NodeShape Shape { get; init; }

    /// <summary>The only host whose agent may connect for this move.</summary>
    public required HostId From { get; init; }
}

/// <summary>
/// Move the node away. Answers when the hypervisor's job has ended, well or badly; asked again for the same move,
/// it attaches to the running job or repeats the outcome. The truth is what both hosts observe afterwards.
/// </summary>
public sealed record SendMove : AgentCommand
{
    /// <summary>The operation, as in <see cref="ReceiveMove"/>.</summary>
    public required OperationId Move { get; init; }

    /// <summary>What runs here.</summary>
    public required NodeShape Shape { get; init; }

    /// <summary>Where it goes.</summary>
    public required HostId To { get; init; }

    /// <summary>The target agent's address for move streams, <c>ip:port</c>.</summary>
    public required string ToEndpoint { get; init; }

    /// <summary>Most memory copied per second, MiB; null is no limit.</summary>
    public int? BandwidthMiBps { get; init; }
}

/// <summary>Stop a move's job if one runs and forget the move's sockets; the node stays where it is.</summary>
public sealed record AbortMove : AgentCommand
{
    /// <summary>The operation.</summary>
    public required OperationId Move { get; init; }
}

/// <summary>Say what the host sees of the node now.</summary>
public sealed record ObserveNode : AgentCommand;
