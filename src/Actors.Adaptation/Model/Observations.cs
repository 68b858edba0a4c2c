using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Model;

/// <summary>The histories of all known nodes. A sample of a node that is not known is refused, not kept.</summary>
/// <param name="Nodes">Each node's history.</param>
public sealed record Observations(ImmutableSortedDictionary<NodeId, SampleHistory> Nodes)
{
    /// <summary>No nodes.</summary>
    public static readonly Observations None = new(ImmutableSortedDictionary<NodeId, SampleHistory>.Empty);

    /// <summary>Knows exactly these nodes; histories of those already known stay.</summary>
    public Observations Know(IEnumerable<NodeId> nodes) => new(nodes.Distinct().ToImmutableSortedDictionary(
        node => node, node => Nodes.GetValueOrDefault(node, SampleHistory.Empty)));

    /// <summary>The observations with one more sample, or the same and why it was refused.</summary>
    /// <param name="node">Whose sample it is.</param>
    /// <param name="sample">The measurement.</param>
    /// <param name="now">The reader's clock.</param>
    public (Observations Next, Failure? Refused) Add(NodeId node, Sample sample, DateTimeOffset now)
    {
        if (!Nodes.TryGetValue(node, out var history)) return (this, AdaptationRefusals.UnknownNode(node));
        var (next, refused) = history.Add(node, sample, now);
        return refused is null ? (new Observations(Nodes.SetItem(node, next)), null) : (this, refused);
    }
}
