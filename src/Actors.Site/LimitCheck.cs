using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Actors.Site;

/// <summary>Checks the limits in a spec.</summary>
internal static class LimitCheck
{
    internal static void Add(List<SpecError> errors, EnvironmentSpec spec)
    {
        var limits = spec.Limits.IsDefault ? [] : spec.Limits;
        if (limits.Length > SiteLimits.PairLimits)
        {
            errors.Add(new("limits", $"has {limits.Length} entries; at most {SiteLimits.PairLimits} are allowed"));
            return;
        }

        var names = spec.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < limits.Length; i++)
        {
            var field = $"limits[{i}]";
            if (limits[i] is null)
            {
                errors.Add(new(field, "is empty"));
                continue;
            }

            if (limits[i].RateKbit is < SiteLimits.LeastRateKbit or > SiteLimits.MostRateKbit)
                errors.Add(new(
                    $"{field}.rateKbit", $"is {limits[i].RateKbit}; {SiteLimits.LeastRateKbit} to "
                        + $"{SiteLimits.MostRateKbit} kbit/s are allowed"));
            ImmutableArray<string> pair = limits[i].Between.IsDefault ? [] : limits[i].Between;
            if (limits[i].Node is not null ? pair.Length > 0 : pair.Length != 2)
            {
                errors.Add(new($"{field}.between", limits[i].Node is null
                    ? "must name two nodes; 'node' names one" : "cannot be there together with 'node'"));
                continue;
            }

            if (limits[i].Node is { } alone)
                pair = [alone];
            var strangers = pair.Where(name => !names.Contains(name)).ToArray();
            foreach (var stranger in strangers)
                errors.Add(new(
                    $"{field}.{(pair.Length == 1 ? "node" : "between")}",
                    $"'{NameRule.Shown(stranger)}' is no node of this environment"));
            if (strangers.Length > 0) continue;
            if (pair.Length == 2 && pair[0] == pair[1])
                errors.Add(new($"{field}.between", $"names '{pair[0]}' twice; a limit is between two nodes"));
            var key = string.Join(' ', pair.Order(StringComparer.Ordinal));
            if (!first.TryAdd(key, i))
                errors.Add(new(
                    $"{field}.{(pair.Length == 1 ? "node" : "between")}",
                    $"limits[{first[key]}] is that of {string.Join(" and ", pair.Select(name => $"'{name}'"))} too; "
                        + "a node or a pair has one limit, which holds in each direction"));
        }
    }
}
