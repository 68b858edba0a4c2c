using System.Collections.Immutable;
using VioActors.Contracts.Adaptation;

namespace VioActors.Contracts.Api;

/// <summary>How a site adapts.</summary>
public sealed record AdaptView
{
    /// <summary>What the manager does by itself.</summary>
    public required AdaptMode Mode { get; init; }

    /// <summary>Seconds from the end of a round to the next.</summary>
    public required int PeriodSeconds { get; init; }

    /// <summary>Whether rounds of its own stand still.</summary>
    public required bool Paused { get; init; }

    /// <summary>Which policy makes plans.</summary>
    public required PolicyChoice Policy { get; init; }

    /// <summary>Names of the hosts that are being emptied.</summary>
    public ImmutableArray<string> Closed { get; init; } = [];

    /// <summary>Number of the round that goes on; null between rounds.</summary>
    public long? Round { get; init; }

    /// <summary>How the last round ended.</summary>
    public RoundReport? LastRound { get; init; }

    /// <summary>The newest plan.</summary>
    public AdaptPlanView? Plan { get; init; }
}

/// <summary>A plan, and what became of it.</summary>
/// <param name="Plan">The plan; its number is 0 when it was not kept.</param>
/// <param name="ApprovedBy">Who said that it shall be carried out; null: nobody.</param>
/// <param name="Changes">Its changes, in the plan's order.</param>
public sealed record AdaptPlanView(PlanRecord Plan, string? ApprovedBy, ImmutableArray<ChangeView> Changes);

/// <summary>What became of one change.</summary>
/// <param name="Node">Environment and node: <c>astro/n1</c>.</param>
/// <param name="Phase">Where it is.</param>
/// <param name="Failure">Why it was refused or failed.</param>
public sealed record ChangeView(string Node, ChangePhase Phase, Failure? Failure);

/// <summary>A plan in one line.</summary>
/// <param name="Plan">Its number.</param>
/// <param name="At">When its inventory was taken.</param>
/// <param name="Policy">Name of its policy.</param>
/// <param name="AskedBy">Who asked for it; null: it was time.</param>
/// <param name="ApprovedBy">Who said that it shall be carried out.</param>
/// <param name="Moves">Nodes it would move.</param>
/// <param name="Resizes">Nodes it would give other amounts.</param>
/// <param name="Gain">What it is worth, in the policy's measure.</param>
/// <param name="CostSeconds">Service lost by its moves, in seconds.</param>
/// <param name="Done">Changes that were done.</param>
/// <param name="Refused">Changes that were refused.</param>
/// <param name="Failed">Changes that failed.</param>
/// <param name="Why">What the checker found, or why the last change was not done.</param>
/// <param name="Digest">Names its snapshot.</param>
/// <param name="Replayable">Whether this server still has the snapshot.</param>
public sealed record PlanLine(
    long Plan, DateTimeOffset At, string Policy, string? AskedBy, string? ApprovedBy, int Moves, int Resizes,
    double Gain, double CostSeconds, int Done, int Refused, int Failed, string? Why, string Digest, bool Replayable);

/// <summary>Why a node changed, or did not, in the last round.</summary>
public sealed record ExplainView
{
    /// <summary>Environment and node.</summary>
    public required string Node { get; init; }

    /// <summary>Which round.</summary>
    public required long Round { get; init; }

    /// <summary>When its inventory was taken.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>By which policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Name of the host where it was.</summary>
    public required string From { get; init; }

    /// <summary>Name of the host where it should be; equal to <see cref="From"/>: there.</summary>
    public required string To { get; init; }

    /// <summary>CPU weight to set; null leaves it.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>CPU limit to set, percent of one core, 0 is none; null leaves it.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>Balloon target to set, MiB; null leaves it.</summary>
    public int? GuestMiB { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Why { get; init; }

    /// <summary>What it was decided from.</summary>
    public required NodeInputs Inputs { get; init; }

    /// <summary>Use that the policy expects, in the policy's unit.</summary>
    public double PredictedUse { get; init; }

    /// <summary>CPU it should have, in cores.</summary>
    public double WishCores { get; init; }

    /// <summary>What the change is worth, in the policy's measure.</summary>
    public double Gain { get; init; }

    /// <summary>Service lost by it, in seconds.</summary>
    public double CostSeconds { get; init; }

    /// <summary>What else was looked at, and why not that.</summary>
    public ImmutableArray<RejectedPlace> Rejected { get; init; } = [];

    /// <summary>What became of its change in the newest plan; null when that has none of it.</summary>
    public ChangeView? Outcome { get; init; }
}

/// <summary>What was known of a node.</summary>
/// <param name="Samples">Samples in its history.</param>
/// <param name="NewestAt">Time of the newest, by the server's clock.</param>
/// <param name="CpuUsedCores">CPU used, in the newest.</param>
/// <param name="CpuWaitedCores">CPU wanted but not given, in the newest.</param>
/// <param name="CpuGivenCores">CPU it was given, in cores.</param>
/// <param name="MemoryUsedMiB">Memory used, in the newest.</param>
/// <param name="Vcpus">Its virtual CPUs.</param>
/// <param name="CpuWeight">Its CPU weight.</param>
/// <param name="CpuQuotaPercent">Its CPU limit.</param>
/// <param name="MemoryMiB">Memory booked for it, with the emulator's overhead.</param>
/// <param name="Pinned">Whether it had to stay on its host.</param>
/// <param name="LastMoved">When it last changed its host, as far as that is known.</param>
/// <param name="HostCores">Cores of its host.</param>
/// <param name="HostNodes">Nodes on its host.</param>
/// <param name="HostUsedCores">CPU that those used, in the newest sample of each.</param>
public sealed record NodeInputs(
    int Samples, DateTimeOffset? NewestAt, double? CpuUsedCores, double? CpuWaitedCores, double CpuGivenCores,
    double? MemoryUsedMiB, double Vcpus, int CpuWeight, int? CpuQuotaPercent, long MemoryMiB, bool Pinned,
    DateTimeOffset? LastMoved, double HostCores, int HostNodes, double HostUsedCores);

/// <summary>A kept snapshot, planned again.</summary>
/// <param name="Plan">Number of the plan that the snapshot belongs to; 0 for the last round.</param>
/// <param name="Then">What its own policy plans.</param>
/// <param name="Now">What the other policy plans.</param>
/// <param name="Rows">Nodes that the two treat differently.</param>
public sealed record ReplayView(long Plan, PlanRecord Then, PlanRecord Now, ImmutableArray<ReplayRow> Rows);

/// <summary>One node in two plans.</summary>
/// <param name="Node">Environment and node.</param>
/// <param name="Then">What its own policy does with it.</param>
/// <param name="Now">What the other does.</param>
public sealed record ReplayRow(string Node, string Then, string Now);

/// <summary>Changes how a site adapts; null leaves a part.</summary>
/// <param name="Mode">What the manager does by itself.</param>
/// <param name="PeriodSeconds">1 to 3600.</param>
/// <param name="Paused">Whether rounds of its own stand still.</param>
/// <param name="Policy">Which policy makes plans.</param>
public sealed record AdaptBody(
    AdaptMode? Mode = null, int? PeriodSeconds = null, bool? Paused = null, PolicyChoice? Policy = null);

/// <summary>Asks for a plan.</summary>
/// <param name="Policy">By this policy; null is the site's own.</param>
public sealed record PlanBody(PolicyChoice? Policy = null);

/// <summary>Asks that the newest plan be carried out.</summary>
/// <param name="Plan">The plan that is meant; null is the newest.</param>
public sealed record ApplyPlanBody(long? Plan = null);

/// <summary>A plan is on its way.</summary>
/// <param name="Plan">Its number.</param>
/// <param name="Changes">How many nodes it changes.</param>
public sealed record PlanStarted(long Plan, int Changes);

/// <summary>Asks for a replay.</summary>
/// <param name="Plan">Of which plan; null is the last round.</param>
/// <param name="Policy">Under which policy; null is the site's present one.</param>
public sealed record ReplayBody(long? Plan = null, PolicyChoice? Policy = null);

/// <summary>Whether a host is being emptied.</summary>
/// <param name="Closed">Whether it gives up its nodes and gets none.</param>
public sealed record HostDrainBody(bool Closed);
