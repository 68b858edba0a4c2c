using System.Collections.Immutable;

namespace VioActors.Contracts.Adaptation;

/// <summary>A plan as it is kept: what it would change and why, and what it was made from.</summary>
public sealed record PlanRecord
{
    /// <summary>Its number in the site, from 1.</summary>
    public required long Plan { get; init; }

    /// <summary>When the inventory was taken.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>By which policy.</summary>
    public required PolicyChoice Policy { get; init; }

    /// <summary>Who asked for it; null: nobody, it was time.</summary>
    public string? AskedBy { get; init; }

    /// <summary>SHA-256 of the snapshot it was made from; names the snapshot's file.</summary>
    public required string Digest { get; init; }

    /// <summary>Hosts it was made for.</summary>
    public int Hosts { get; init; }

    /// <summary>Nodes it was made for.</summary>
    public int Nodes { get; init; }

    /// <summary>Everything it changes; what it leaves as it is can be explained from its snapshot.</summary>
    public ImmutableArray<PlannedChange> Changes { get; init; } = [];

    /// <summary>Changes beyond the most that one plan carries out; the next round sees them again.</summary>
    public int Left { get; init; }

    /// <summary>What the plan checker found wrong; a plan with anything here is never carried out.</summary>
    public ImmutableArray<Failure> Verdict { get; init; } = [];
}

/// <summary>What a plan changes of one node.</summary>
public sealed record PlannedChange
{
    /// <summary>Which node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Its environment.</summary>
    public required EnvironmentId Environment { get; init; }

    /// <summary>Environment and node for people: <c>astro/n1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The node's run when the inventory was taken: with any other the change is stale.</summary>
    public required long Run { get; init; }

    /// <summary>Where it is.</summary>
    public required HostId From { get; init; }

    /// <summary>Where it shall be; equal to <see cref="From"/>: it stays.</summary>
    public required HostId To { get; init; }

    /// <summary>Name of the host where it is.</summary>
    public required string FromName { get; init; }

    /// <summary>Name of the host where it shall be.</summary>
    public required string ToName { get; init; }

    /// <summary>CPU weight to set; null leaves it.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>CPU limit to set, percent of one core, 0 is none; null leaves it.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>Balloon target to set, MiB; null leaves it.</summary>
    public int? GuestMiB { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Why { get; init; }

    /// <summary>Use that the policy expects, in the policy's unit.</summary>
    public double PredictedUse { get; init; }

    /// <summary>CPU it had, in cores.</summary>
    public double GivenCores { get; init; }

    /// <summary>CPU it should have, in cores.</summary>
    public double WishCores { get; init; }

    /// <summary>What the change is worth, in the policy's measure.</summary>
    public double Gain { get; init; }

    /// <summary>Service lost by it, in seconds.</summary>
    public double CostSeconds { get; init; }

    /// <summary>What else was looked at, and why not that; at most 8.</summary>
    public ImmutableArray<RejectedPlace> Rejected { get; init; } = [];

    /// <summary>Whether the node changes its host.</summary>
    public bool Moves() => From != To;

    /// <summary>Whether what the node gets of its host changes.</summary>
    public bool Resizes() => CpuWeight is not null || CpuQuotaPercent is not null || GuestMiB is not null;

    /// <summary>Whether it does the same to the same node, for whatever reasons.</summary>
    public bool DoesAs(PlannedChange other) =>
        (Node, From, To, CpuWeight, CpuQuotaPercent, GuestMiB)
        == (other.Node, other.From, other.To, other.CpuWeight, other.CpuQuotaPercent, other.GuestMiB);
}

/// <summary>A place or an amount that was looked at and not taken.</summary>
/// <param name="Place">Host, site or amount.</param>
/// <param name="Why">One sentence.</param>
public sealed record RejectedPlace(string Place, string Why);

/// <summary>How a round ended.</summary>
public sealed record RoundReport
{
    /// <summary>Its number in the site, from 1.</summary>
    public required long Round { get; init; }

    /// <summary>When the inventory was taken.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>From the first question to the end of planning, seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>SHA-256 of its snapshot; null when there is none.</summary>
    public string? Digest { get; init; }

    /// <summary>Hosts that were looked at.</summary>
    public int Hosts { get; init; }

    /// <summary>Nodes that were planned for.</summary>
    public int Nodes { get; init; }

    /// <summary>Samples that were taken.</summary>
    public int Samples { get; init; }

    /// <summary>Samples that were refused: negative, no numbers, from the future, of unknown nodes.</summary>
    public int RefusedSamples { get; init; }

    /// <summary>Silent hosts, clocks that differ, refused samples by name; at most 32.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Why there is no plan; null when there is one.</summary>
    public Failure? Refused { get; init; }

    /// <summary>Nodes that the manager remembered and that are gone.</summary>
    public ImmutableArray<NodeId> Forgotten { get; init; } = [];
}
