using VioActors.Contracts;

namespace VioActors.Actors.Site;

/// <summary>Checks the limits between pairs of nodes in a spec.</summary>
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
        var first = new Dictionary<(string, string), int>();
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
            if (limits[i].Between is not { IsDefault: false, Length: 2 } pair)
            {
                errors.Add(new($"{field}.between", "must name two nodes"));
                continue;
            }

            var strangers = pair.Where(name => !names.Contains(name)).ToArray();
            foreach (var stranger in strangers)
                errors.Add(new($"{field}.between", $"'{NameRule.Shown(stranger)}' is no node of this environment"));
            if (strangers.Length > 0) continue;
            if (pair[0] == pair[1])
                errors.Add(new($"{field}.between", $"names '{pair[0]}' twice; a limit is between two nodes"));
            var key = string.CompareOrdinal(pair[0], pair[1]) < 0 ? (pair[0], pair[1]) : (pair[1], pair[0]);
            if (!first.TryAdd(key, i))
                errors.Add(new(
                    $"{field}.between", $"limits[{first[key]}] is between '{pair[0]}' and '{pair[1]}' too; "
                        + "a pair has one limit, which holds in each direction"));
        }
    }
}
