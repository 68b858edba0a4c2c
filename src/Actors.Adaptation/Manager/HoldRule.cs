using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>What planners may not touch of a site's nodes, by what its manager knows at one moment.</summary>
/// <param name="manager">What the manager knows.</param>
/// <param name="now">The moment.</param>
public sealed class HoldRule(AdaptationState manager, DateTimeOffset now)
{
    private readonly Dictionary<NodeId, Work> _work = manager.Work.ToDictionary(one => one.Change.Node);

    /// <summary>
    /// Where a node counts: where a change that waits or runs brings it. A host that others are about to leave would
    /// else look full until the last has gone, and more would be planned to leave it.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="host">Where it is.</param>
    public HostId PlaceOf(NodeId node, HostId host) =>
        _work.TryGetValue(node, out var work) && work.Change.Moves() ? work.Change.To : host;

    /// <summary>
    /// Memory in MiB that a node has, or will have when the change that waits or runs has given it more: nobody else
    /// can be promised that.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="now">What it has.</param>
    public int MemoryOf(NodeId node, int now) =>
        _work.TryGetValue(node, out var work) ? Math.Max(now, work.Change.GuestMiB ?? 0) : now;

    /// <summary>What of a node may not be changed, and why.</summary>
    public NodeHolds Of(NodeLook node)
    {
        var memory = manager.Nodes.GetValueOrDefault(node.Node);
        if (node.BusyWith is { } what) return NodeHolds.All($"{what} works on it");
        if (_work.TryGetValue(node.Node, out var work))
            return NodeHolds.All($"a change of plan {work.Plan} is under way");
        if (memory?.HeldUntil is { } until && until > now)
            return NodeHolds.All($"a change of it was refused or failed, so it is left alone until {until:HH:mm:ss}Z");
        // Planners expect the most of a node that nobody has seen yet; that is no reason to give it more.
        return (node.WasMeasured
            ? AmountRule.Of(node.Written, node.Now, memory, node.HasBalloon)
            : NodeHolds.All("it was not measured yet")) with
        {
            Place = node.Place,
        };
    }
}

/// <summary>A node as a look at the site finds it.</summary>
/// <param name="Node">Which.</param>
/// <param name="Written">What its owner wrote.</param>
/// <param name="Now">What it has now.</param>
public sealed record NodeLook(NodeId Node, NodeAmount Written, NodeAmount Now)
{
    /// <summary>What works on it already, <c>operation X</c>; null: nothing.</summary>
    public string? BusyWith { get; init; }

    /// <summary>Why it stays on its host whatever happens; null: it may move.</summary>
    public string? Place { get; init; }

    /// <summary>Whether there is a sample of it.</summary>
    public required bool WasMeasured { get; init; }

    /// <summary>Whether its guest says how much memory it uses.</summary>
    public required bool HasBalloon { get; init; }
}
