using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Long-running work of an environment: a saga over nodes, or the move of one node.</summary>
public sealed record OperationState
{
    /// <summary>Its id, which is also the prefix of all its requests.</summary>
    public required OperationId Id { get; init; }

    /// <summary>What it does.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>All nodes it works on; no other operation may.</summary>
    public required ImmutableArray<NodeId> Nodes { get; init; }

    /// <summary>Nodes that shall come to be.</summary>
    public ImmutableArray<NodeId> Added { get; init; } = [];

    /// <summary>Nodes that shall go.</summary>
    public ImmutableArray<NodeId> Removed { get; init; } = [];

    /// <summary>Nodes that shall get other amounts.</summary>
    public ImmutableArray<NodeAmounts> Resized { get; init; } = [];

    /// <summary>Amounts before a resize, to go back to.</summary>
    public ImmutableArray<NodeAmounts> AmountsBefore { get; init; } = [];

    /// <summary>Of a stop: seconds the guest has to shut down; null is the usual time.</summary>
    public int? StopGraceSeconds { get; init; }

    /// <summary>Who asked.</summary>
    public required string By { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Where it is.</summary>
    public OperationPhase Phase { get; init; }

    /// <summary>Index of the saga's current step.</summary>
    public int Step { get; init; }

    /// <summary>How often the saga went forward from its first step.</summary>
    public int Round { get; init; }

    /// <summary>How often the current step was begun in this direction.</summary>
    public int Attempt { get; init; }

    /// <summary>Requests of the current step that are not answered yet.</summary>
    public ImmutableSortedSet<string> Awaiting { get; init; } = [];

    /// <summary>
    /// First failure in the current step; one that can be tried again comes before a host that cannot be asked.
    /// </summary>
    public Failure? StepFailure { get; init; }

    /// <summary>Why it goes back, or ended badly.</summary>
    public Failure? Failure { get; init; }

    /// <summary>A user asked for its end.</summary>
    public bool CancelAsked { get; init; }

    /// <summary>The move's own state; null for sagas.</summary>
    public MoveState? Move { get; init; }

    /// <summary>Whether it has ended.</summary>
    internal bool Ended => Phase is OperationPhase.Done or OperationPhase.Failed or OperationPhase.Cancelled;

    /// <summary>Whether it concerns the environment as a whole, so that nothing else may run.</summary>
    internal bool WholeEnvironment => Kind is OperationKind.Create or OperationKind.Delete or OperationKind.Grow
        or OperationKind.Shrink or OperationKind.Apply;
}

/// <summary>The state of a move.</summary>
public sealed record MoveState
{
    /// <summary>Which node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Where it was.</summary>
    public required HostId From { get; init; }

    /// <summary>Where it shall be; null until the site chose.</summary>
    public HostId? To { get; init; }

    /// <summary>The target was declared off since the room there was asked for.</summary>
    public bool TargetWasOff { get; init; }

    /// <summary>Where the target's agent takes the streams.</summary>
    public string? ToEndpoint { get; init; }

    /// <summary>Most memory copied per second, MiB.</summary>
    public int? BandwidthMiBps { get; init; }

    /// <summary>Where it is.</summary>
    public MovePhase Phase { get; init; }

    /// <summary>How the source's job ended; null when well, or not yet.</summary>
    public Failure? JobFailure { get; init; }

    /// <summary>Figures of the job when it ended well.</summary>
    public MoveStatistics? Statistics { get; init; }

    /// <summary>How often both hosts were asked since the job ended.</summary>
    public int Looks { get; init; }

    /// <summary>What the source saw in this look; null when it could not be asked.</summary>
    public NodeObservation? AtSource { get; init; }

    /// <summary>What the target saw in this look; null when it could not be asked.</summary>
    public NodeObservation? AtTarget { get; init; }
}
