using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Planning;

/// <summary>What is to be done: complete and immutable, so that carrying it out leaves no choice.</summary>
/// <param name="Policy">Which policy made it.</param>
/// <param name="InventoryVersion">On which inventory; on any other it is stale.</param>
/// <param name="At">When that inventory was taken.</param>
/// <param name="Nodes">One decision for every node of the inventory, in the inventory's order.</param>
public sealed record Plan(
    string Policy, long InventoryVersion, DateTimeOffset At, ImmutableArray<NodeDecision> Nodes)
{
    /// <summary>Hosts that shall sleep or wake; a host that is not here stays as it is.</summary>
    public ImmutableArray<HostDecision> Hosts { get; init; } = [];

    /// <summary>The decisions that move a node.</summary>
    public IEnumerable<NodeDecision> Moves => Nodes.Where(one => one.From != one.To);
}

/// <summary>What happens to one host.</summary>
/// <param name="Host">The host.</param>
/// <param name="Sleep">True: it may sleep, nothing is on it and nothing comes; false: it shall wake.</param>
/// <param name="Why">One sentence.</param>
public sealed record HostDecision(HostId Host, bool Sleep, string Why);

/// <summary>What happens to one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="From">Where it is.</param>
/// <param name="To">Where it shall be; equal to <paramref name="From"/>: it stays.</param>
/// <param name="CpuCores">CPU it shall get when all are busy, in cores; also its weight among its neighbours.</param>
/// <param name="Reason">Why.</param>
public sealed record NodeDecision(NodeId Node, HostId From, HostId To, double CpuCores, Reason Reason)
{
    /// <summary>CPU weight to set, 1 to 10000; null leaves it.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>Hard CPU limit to set, in percent of one core; 0 takes the limit away; null leaves it.</summary>
    public int? CpuQuotaPercent { get; init; }

    /// <summary>Balloon target to set, in MiB; null leaves it.</summary>
    public int? GuestMiB { get; init; }
}

/// <summary>Why a node moves, or stays.</summary>
/// <param name="Text">One sentence.</param>
/// <param name="PredictedUse">Predicted usage that the wish came from, in the policy's unit.</param>
/// <param name="GivenCores">CPU it had, in cores.</param>
/// <param name="WishCores">CPU it should have, in cores.</param>
/// <param name="Gain">What the move is worth, in the policy's own measure (balance, or seconds of service).</param>
/// <param name="CostSeconds">Service lost by the move, in seconds.</param>
/// <param name="Rejected">Other places that were looked at, and why not there.</param>
public sealed record Reason(
    string Text, double PredictedUse, double GivenCores, double WishCores, double Gain, double CostSeconds,
    ImmutableArray<RejectedOption> Rejected);

/// <summary>A place that was looked at and not taken.</summary>
/// <param name="Place">Host or site.</param>
/// <param name="Why">One sentence.</param>
public sealed record RejectedOption(string Place, string Why);
