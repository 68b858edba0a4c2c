using VioActors.Contracts;

namespace VioActors.Actors.Site;

/// <summary>Checks that the marks of a spec's nodes can hold at all.</summary>
internal static class MarkCheck
{
    internal static void Add(List<SpecError> errors, IReadOnlyList<NodeSpec> nodes)
    {
        for (var i = 0; i < nodes.Count; i++)
            for (var j = 0; j < i; j++)
            {
                var (one, other) = (nodes[i], nodes[j]);
                var together = one.Together is not null && one.Together == other.Together;
                var apart = one.Apart is not null && one.Apart == other.Apart;
                if (together && apart)
                    errors.Add(new($"nodes[{i}].apart", $"keeps it from nodes[{j}], with which it shall be together"));
                else if (one.Host is null || other.Host is null)
                    continue;
                else if (together && one.Host != other.Host)
                    errors.Add(new($"nodes[{i}].together",
                        $"'{NameRule.Shown(one.Together)}' is that of nodes[{j}] too, whose host is another one"));
                else if (apart && one.Host == other.Host)
                    errors.Add(new($"nodes[{i}].apart",
                        $"'{NameRule.Shown(one.Apart)}' is that of nodes[{j}] too, whose host is the same"));
            }
    }
}
