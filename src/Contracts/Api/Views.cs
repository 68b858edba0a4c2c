using System.Collections.Immutable;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;

namespace VioActors.Contracts.Api;

/// <summary>An environment as the API shows it.</summary>
public sealed record EnvironmentView
{
    /// <summary>Opaque id.</summary>
    public required EnvironmentId Id { get; init; }

    /// <summary>Name, unique per owner.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Owner { get; init; }

    /// <summary>
    /// <c>creating</c>, <c>running</c>, <c>degraded</c>, <c>deleting</c>, <c>failed</c> or <c>deleted</c>.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>IPv4 subnet.</summary>
    public required string Subnet { get; init; }

    /// <summary>Its nodes, by name.</summary>
    public ImmutableArray<NodeView> Nodes { get; init; } = [];

    /// <summary>Limits of its nodes and between pairs of them.</summary>
    public ImmutableArray<LimitSpec> Limits { get; init; } = [];

    /// <summary>Its latest operations, newest first, at most 20.</summary>
    public ImmutableArray<OperationView> Operations { get; init; } = [];
}

/// <summary>A node as the API shows it.</summary>
public sealed record NodeView
{
    /// <summary>Opaque id; the UUID of its domain.</summary>
    public required NodeId Id { get; init; }

    /// <summary>Name, unique in its environment.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Power as last known.</summary>
    public required NodePower Power { get; init; }

    /// <summary>The host it belongs on; null while it has none.</summary>
    public HostId? Host { get; init; }

    /// <summary>Name of that host.</summary>
    public string? HostName { get; init; }

    /// <summary>How often its place or power was decided.</summary>
    public long Run { get; init; }

    /// <summary>IPv4 address.</summary>
    public required string Ip { get; init; }

    /// <summary>MAC address.</summary>
    public required string Mac { get; init; }

    /// <summary>Name of its image.</summary>
    public required string Image { get; init; }

    /// <summary>Memory now, MiB.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>Most memory, MiB.</summary>
    public int MaxMemoryMiB { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public int Vcpus { get; init; }

    /// <summary>CPU weight.</summary>
    public int CpuWeight { get; init; }

    /// <summary>CPU limit in percent of one core; null is none.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>Why it is not ready, when that is known: the exact answer to "why is this pending".</summary>
    public Failure? Why { get; init; }
}

/// <summary>An operation as the API shows it.</summary>
public sealed record OperationView
{
    /// <summary>Opaque id.</summary>
    public required OperationId Id { get; init; }

    /// <summary>What it does.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>The environment it works on.</summary>
    public required EnvironmentId Environment { get; init; }

    /// <summary>Name of the environment and, for one node, the node: <c>astro/n1</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>Where it is.</summary>
    public required OperationPhase Phase { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>The step it is at, for people.</summary>
    public required string Step { get; init; }

    /// <summary>All its steps, in order.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];

    /// <summary>Why it failed or goes back.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Who asked.</summary>
    public required string By { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Figures of a finished move.</summary>
    public MoveStatistics? Move { get; init; }
}

/// <summary>A host as the API shows it.</summary>
public sealed record HostView
{
    /// <summary>Opaque id.</summary>
    public required HostId Id { get; init; }

    /// <summary>Name in the site.</summary>
    public required string Name { get; init; }

    /// <summary><c>connected</c>, <c>away</c> or <c>fenced</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What it has; null before its first connection.</summary>
    public HostFacts? Facts { get; init; }

    /// <summary>Memory booked, emulator overhead included, MiB.</summary>
    public int BookedMemoryMiB { get; init; }

    /// <summary>Virtual CPUs booked.</summary>
    public int BookedVcpus { get; init; }

    /// <summary>Nodes booked on it.</summary>
    public ImmutableArray<NodeId> Nodes { get; init; } = [];
}

/// <summary>What applying a spec would change.</summary>
/// <param name="Change"><c>+</c> added, <c>-</c> removed, <c>~</c> changed.</param>
/// <param name="What">The thing, for example <c>node n5</c>.</param>
/// <param name="Detail">From what to what.</param>
public sealed record DiffLine(string Change, string What, string Detail);

/// <summary>Answer to applying a spec.</summary>
/// <param name="Environment">Its id.</param>
/// <param name="Created">Whether it is new.</param>
/// <param name="Changes">The difference; empty when it is as wanted already.</param>
/// <param name="Operation">What to watch; null on a dry run or when nothing changes.</param>
public sealed record ApplyResult(
    EnvironmentId Environment, bool Created, ImmutableArray<DiffLine> Changes, OperationId? Operation);

/// <summary>Body of every answer that is not a success.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Remedy">The next step.</param>
/// <param name="Facts">Facts for programs.</param>
public sealed record Problem(
    string Code, string Reason, string Remedy, ImmutableSortedDictionary<string, string>? Facts = null);

/// <summary>One event of the journal as the API streams it.</summary>
/// <param name="Position">Place in the journal; resume after it.</param>
/// <param name="Actor">Whose event, <c>kind/id</c>.</param>
/// <param name="Name">Wire name.</param>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Data">The event.</param>
public sealed record EventView(
    long Position, string Actor, string Name, DateTimeOffset At, string By, System.Text.Json.JsonElement Data);

/// <summary>A host's own machine in an environment.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Host">Name of the host.</param>
/// <param name="Interface">Name of its interface on the host.</param>
/// <param name="Mac">Of the interface.</param>
/// <param name="Address">Of the interface, with the bits of the network.</param>
/// <param name="Node">Its id there; renewals name it.</param>
/// <param name="LeaseSeconds">Seconds without a renewal after which it is taken out; null: never.</param>
public sealed record MachineView(
    string Name, string Host, string Interface, string Mac, string Address, NodeId? Node = null,
    int? LeaseSeconds = null);
