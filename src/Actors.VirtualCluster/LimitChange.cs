using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.VirtualCluster;

/// <summary>One pair of nodes, by name, whose limit differs between an environment and its spec.</summary>
/// <param name="First">A node.</param>
/// <param name="Second">Another, whose name is higher.</param>
/// <param name="Was">kbit/s; null when there was none.</param>
/// <param name="Becomes">kbit/s; null when there shall be none.</param>
internal sealed record LimitChange(string First, string Second, int? Was, int? Becomes)
{
    /// <summary>All differences, ordered by names.</summary>
    public static ImmutableArray<LimitChange> Between(EnvironmentState state, EnvironmentSpec wanted)
    {
        var were = state.Limits.ToDictionary(
            limit => Pair(state.Nodes[limit.First].Spec.Name, state.Nodes[limit.Second].Spec.Name),
            limit => limit.RateKbit);
        var shall = Listed(wanted).ToDictionary(limit => Pair(limit.Between[0], limit.Between[1]),
            limit => limit.RateKbit);
        return
        [
            .. were.Keys.Union(shall.Keys).Order()
                .Select(pair => new LimitChange(
                    pair.First, pair.Second, were.TryGetValue(pair, out var was) ? was : null,
                    shall.TryGetValue(pair, out var becomes) ? becomes : null))
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
                .Select(limit => SwitchLimit.Of(ids[limit.Between[0]], ids[limit.Between[1]], limit.RateKbit))
                .OrderBy(limit => limit.First).ThenBy(limit => limit.Second),
        ];
    }

    private static IEnumerable<LimitSpec> Listed(EnvironmentSpec spec) => spec.Limits.IsDefault ? [] : spec.Limits;

    private static (string First, string Second) Pair(string one, string other) =>
        string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
}
