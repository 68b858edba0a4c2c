using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.VirtualCluster;

/// <summary>One node or pair of nodes, by name, whose limit differs between an environment and its spec.</summary>
/// <param name="First">A node.</param>
/// <param name="Second">Another, whose name is higher; null for a limit of the first one alone.</param>
/// <param name="Was">kbit/s; null when there was none.</param>
/// <param name="Becomes">kbit/s; null when there shall be none.</param>
internal sealed record LimitChange(string First, string? Second, int? Was, int? Becomes)
{
    /// <summary>All differences, ordered by names.</summary>
    public static ImmutableArray<LimitChange> Between(EnvironmentState state, EnvironmentSpec wanted)
    {
        string Name(NodeId node) => state.Nodes[node].Spec.Name;
        var were = state.Limits.ToDictionary(
            limit => Key(Name(limit.First), limit.Second is { } second ? Name(second) : null),
            limit => limit.RateKbit);
        var shall = Listed(wanted).ToDictionary(limit => Key(limit.First, limit.Second), limit => limit.RateKbit);
        return
        [
            .. were.Keys.Union(shall.Keys).Order()
                .Select(key => new LimitChange(
                    key.First, key.Second, were.TryGetValue(key, out var was) ? was : null,
                    shall.TryGetValue(key, out var becomes) ? becomes : null))
                .Where(change => change.Was != change.Becomes),
        ];
    }

    /// <summary>What a spec wants, by the ids of nodes; all of them must exist.</summary>
    public static ImmutableArray<SwitchLimit> Wanted(EnvironmentState state, EnvironmentSpec wanted)
    {
        var ids = state.Nodes.Values.ToDictionary(node => node.Spec.Name, node => node.Id);
        return
        [
            .. Listed(wanted)
                .Select(limit => limit.Second is { } second
                    ? SwitchLimit.Of(ids[limit.First], ids[second], limit.RateKbit)
                    : new SwitchLimit(ids[limit.First], Second: null, limit.RateKbit))
                .OrderBy(limit => limit.First).ThenBy(limit => limit.Second),
        ];
    }

    private static IEnumerable<(string First, string? Second, int RateKbit)> Listed(EnvironmentSpec spec) =>
        (spec.Limits.IsDefault ? [] : spec.Limits).Select(limit => limit.Node is { } node
            ? (node, (string?)null, limit.RateKbit)
            : (limit.Between[0], limit.Between[1], limit.RateKbit));

    private static (string First, string? Second) Key(string one, string? other) =>
        other is null || string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}
