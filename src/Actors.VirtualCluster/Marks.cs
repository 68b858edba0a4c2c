using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.VirtualCluster;

/// <summary>Where nodes are that go together or apart.</summary>
internal static class Marks
{
    /// <summary>All nodes with marks, on each host where they are or are about to be.</summary>
    public static ImmutableArray<PlacedMark> Of(EnvironmentState state, NodeId? except = null) =>
    [
        .. state.Nodes.Values.Where(node => node.Id != except && (node.Spec.Apart ?? node.Spec.Together) is not null)
            .SelectMany(
                node => Places(state, node),
                (node, host) => new PlacedMark(host, node.Spec.Apart, node.Spec.Together)),
    ];

    /// <summary>The node that keeps another one from a host; null when none does.</summary>
    /// <param name="state">The environment.</param>
    /// <param name="node">Who shall go there.</param>
    /// <param name="to">The host.</param>
    /// <param name="mayPart">Whether it may leave those it is together with, because they follow.</param>
    public static NodeState? Against(EnvironmentState state, NodeState node, HostId to, bool mayPart) =>
        state.Nodes.Values.FirstOrDefault(other => other.Id != node.Id
            && ((node.Spec.Apart is { } apart && other.Spec.Apart == apart && Places(state, other).Contains(to))
                || (!mayPart && node.Spec.Together is { } together && other.Spec.Together == together
                    && Places(state, other).Any(host => host != to))));

    private static IEnumerable<HostId> Places(EnvironmentState state, NodeState node)
    {
        if (node.Host is { } host) yield return host;
        if (state.BusyWith(node.Id) is { Move.To: { } to } && to != node.Host) yield return to;
    }
}
