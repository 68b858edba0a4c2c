using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>All that a site's manager decides from. Changed only by <see cref="AdaptationEvolve"/>.</summary>
public sealed record AdaptationState
{
    /// <summary>What it does by itself; nothing unless somebody says so.</summary>
    public AdaptMode Mode { get; init; } = AdaptMode.Manual;

    /// <summary>Seconds from the end of a round to the next.</summary>
    public int PeriodSeconds { get; init; } = ManagerLimits.UsualPeriod;

    /// <summary>Whether rounds of its own stand still.</summary>
    public bool Paused { get; init; }

    /// <summary>Which policy makes plans.</summary>
    public PolicyChoice Policy { get; init; } = PolicyChoice.Default;

    /// <summary>Hosts that are being emptied, with their names.</summary>
    public ImmutableSortedDictionary<HostId, string> Closed { get; init; } =
        ImmutableSortedDictionary<HostId, string>.Empty;

    /// <summary>Rounds begun so far; also the number of the newest.</summary>
    public long Rounds { get; init; }

    /// <summary>The round that is going on; null between rounds. There is never a second one.</summary>
    public RoundBegan? Round { get; init; }

    /// <summary>How the last round ended; null before the first.</summary>
    public RoundReport? LastRound { get; init; }

    /// <summary>The newest plan; null before the first.</summary>
    public PlanRecord? LastPlan { get; init; }

    /// <summary>The newest plans, oldest first; at most <see cref="ManagerLimits.History"/>.</summary>
    public ImmutableList<PlanSummary> History { get; init; } = [];

    /// <summary>Changes that wait or run, the first first; each node at most once.</summary>
    public ImmutableList<Work> Work { get; init; } = [];

    /// <summary>What became of the changes of the newest plan.</summary>
    public ImmutableSortedDictionary<NodeId, AdaptChangeDone> Outcomes { get; init; } =
        ImmutableSortedDictionary<NodeId, AdaptChangeDone>.Empty;

    /// <summary>What the manager did to nodes.</summary>
    public ImmutableSortedDictionary<NodeId, NodeMemory> Nodes { get; init; } =
        ImmutableSortedDictionary<NodeId, NodeMemory>.Empty;

    /// <summary>Whether rounds come by themselves.</summary>
    internal bool Runs => Mode != AdaptMode.Manual && !Paused;
}

/// <summary>A plan in one line.</summary>
/// <param name="Plan">Its number.</param>
/// <param name="At">When its inventory was taken.</param>
/// <param name="Policy">Name of its policy.</param>
/// <param name="AskedBy">Who asked for it; null: nobody, it was time.</param>
/// <param name="Digest">Names its snapshot.</param>
/// <param name="Moves">Nodes it would move.</param>
/// <param name="Resizes">Nodes it would give other amounts.</param>
/// <param name="Gain">What its changes are worth together, in the policy's measure.</param>
/// <param name="CostSeconds">Service lost by its moves together, in seconds.</param>
/// <param name="Wrong">What the checker found; null: nothing.</param>
public sealed record PlanSummary(
    long Plan, DateTimeOffset At, string Policy, string? AskedBy, string Digest, int Moves, int Resizes, double Gain,
    double CostSeconds, string? Wrong)
{
    /// <summary>Who said that it shall be carried out; null: nobody.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>Changes that were done.</summary>
    public int Done { get; init; }

    /// <summary>Changes that were refused.</summary>
    public int Refused { get; init; }

    /// <summary>Changes that failed.</summary>
    public int Failed { get; init; }

    /// <summary>Why the last of those was.</summary>
    public string? LastFailure { get; init; }
}

/// <summary>One change that waits or runs.</summary>
/// <param name="Plan">Of which plan.</param>
/// <param name="PlannedAt">When that plan's inventory was taken.</param>
/// <param name="Change">What to do.</param>
/// <param name="Runs">Whether it was begun.</param>
public sealed record Work(long Plan, DateTimeOffset PlannedAt, PlannedChange Change, bool Runs);

/// <summary>What the manager did to one node, and when.</summary>
/// <param name="At">When it last did, or tried.</param>
public sealed record NodeMemory(DateTimeOffset At)
{
    /// <summary>When it moved the node; null: never.</summary>
    public DateTimeOffset? LastMoved { get; init; }

    /// <summary>It leaves the node alone until then: a change was refused or failed.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>The CPU weight it set; another one now is somebody else's wish.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>The CPU limit it set, percent of one core, 0 for none.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>The balloon target it set, MiB.</summary>
    public int? GuestMiB { get; init; }
}
