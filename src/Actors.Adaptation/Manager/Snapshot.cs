using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// Everything a plan is made from, and nothing else: with it the same policy gives the same plan again, and another
/// policy can be compared with it.
/// </summary>
public sealed record Snapshot
{
    /// <summary>The policy of the plan.</summary>
    public required PolicyChoice Policy { get; init; }

    /// <summary>What was there.</summary>
    public required Inventory Inventory { get; init; }

    /// <summary>What people call the hosts.</summary>
    public required ImmutableSortedDictionary<HostId, string> Hosts { get; init; }

    /// <summary>What beside the inventory is known of its nodes.</summary>
    public required ImmutableSortedDictionary<NodeId, NodeFacts> Nodes { get; init; }
}

/// <summary>What planners do not look at, and carrying out and people do.</summary>
/// <param name="Name">Environment and node: <c>astro/n1</c>.</param>
/// <param name="Run">The node's run.</param>
/// <param name="Holds">What may not be changed of the node now.</param>
public sealed record NodeFacts(string Name, long Run, NodeHolds Holds);

/// <summary>What may not be changed of a node; null: it may.</summary>
/// <param name="Weight">Why its CPU weight stays.</param>
/// <param name="Quota">Why its CPU limit stays.</param>
/// <param name="Memory">Why its balloon stays.</param>
/// <param name="Place">Why it stays on its host.</param>
public sealed record NodeHolds(string? Weight, string? Quota, string? Memory, string? Place)
{
    /// <summary>All may be changed.</summary>
    public static readonly NodeHolds None = new(null, null, null, null);

    /// <summary>Nothing may be changed, for one reason.</summary>
    public static NodeHolds All(string why) => new(why, why, why, why);
}
