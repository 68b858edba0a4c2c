using System.Collections.Immutable;

namespace VioActors.Contracts.Agents;

/// <summary>What a host sees of a node.</summary>
public enum NodePresence
{
    /// <summary>No domain, whatever the disk.</summary>
    Absent,

    /// <summary>The domain executes.</summary>
    Running,

    /// <summary>The domain exists but does not execute, for example after its move away.</summary>
    Paused,

    /// <summary>The domain waits for, or takes in, a move.</summary>
    Incoming,
}

/// <summary>One look at a node by its host's agent.</summary>
public sealed record NodeObservation
{
    /// <summary>The node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The environment it belongs to, when the agent knows; null when nothing of the node is kept.</summary>
    public EnvironmentId? Environment { get; init; }

    /// <summary>What the hypervisor says.</summary>
    public required NodePresence Presence { get; init; }

    /// <summary>Highest run the agent stored for it.</summary>
    public long Run { get; init; }

    /// <summary>The generation of that run; 0 from agents that do not say.</summary>
    public long Generation { get; init; }

    /// <summary>The move whose job is active on this host, as source; null when none is.</summary>
    public OperationId? ActiveMove { get; init; }

    /// <summary>Memory the guest has confirmed, MiB; null when the domain does not run.</summary>
    public int? ActualMemoryMiB { get; init; }
}

/// <summary>Figures of one move, from the hypervisor's own job statistics.</summary>
/// <param name="DowntimeMs">How long the guest did not execute, milliseconds.</param>
/// <param name="TotalMs">From start to end of the job, milliseconds.</param>
/// <param name="MemoryBytes">Memory sent.</param>
/// <param name="DiskBytes">Disk sent.</param>
public sealed record MoveStatistics(long DowntimeMs, long TotalMs, long MemoryBytes, long DiskBytes);

/// <summary>How a command ended.</summary>
public sealed record AgentOutcome
{
    /// <summary>Null when it was done; else why not.</summary>
    public Failure? Failure { get; init; }

    /// <summary>What the host saw at the end.</summary>
    public NodeObservation? Observation { get; init; }

    /// <summary>For <see cref="SendMove"/>, when the job completed.</summary>
    public MoveStatistics? Move { get; init; }

    /// <summary>Done, with what was seen.</summary>
    public static AgentOutcome Done(NodeObservation? observation = null) => new() { Observation = observation };

    /// <summary>Not done.</summary>
    public static AgentOutcome Failed(string code, string reason, string remedy) =>
        new() { Failure = new Failure(code, reason, remedy) };
}

/// <summary>What a host has and can do; stated by its agent at every connection.</summary>
public sealed record HostFacts
{
    /// <summary>The host's name in the site.</summary>
    public required string Name { get; init; }

    /// <summary>Memory that nodes may use, MiB.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>Cores that nodes may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Disk that nodes may use, MiB.</summary>
    public required long DiskMiB { get; init; }

    /// <summary>Which hypervisor runs nodes: <c>qemu</c> or <c>sim</c>, with its version.</summary>
    public required string Hypervisor { get; init; }

    /// <summary>Machine types nodes can have here, the preferred one first.</summary>
    public ImmutableArray<string> MachineTypes { get; init; } = [];

    /// <summary>CPU models nodes can have here, the preferred one first.</summary>
    public ImmutableArray<string> CpuModels { get; init; } = [];

    /// <summary>
    /// Address of its switch for tunnels, <c>ip:port</c> (UDP); further ones and <c>tcp:ip:port</c> behind commas.
    /// </summary>
    public required string SwitchEndpoint { get; init; }

    /// <summary>Address of its agent for move streams, <c>ip:port</c> (TCP).</summary>
    public required string MoveEndpoint { get; init; }
}
