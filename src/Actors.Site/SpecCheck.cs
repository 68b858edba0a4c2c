using VioActors.Contracts;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.Site;

/// <summary>One thing that is wrong in a spec.</summary>
/// <param name="Field">Where, for example <c>nodes[2].ip</c>.</param>
/// <param name="Problem">Names the value and the limit.</param>
internal sealed record SpecError(string Field, string Problem);

/// <summary>Checks a whole spec against the rules and the site; finds all errors, not the first.</summary>
internal static class SpecCheck
{
    internal static IReadOnlyList<SpecError> Errors(EnvironmentSpec spec, SiteState state)
    {
        var errors = new List<SpecError>();
        if (!NameRule.Accepts(spec.Name))
            errors.Add(new("name", $"'{NameRule.Shown(spec.Name)}' {NameRule.Problem(spec.Name)}"));
        if (spec.ReadyTimeoutSeconds is < 5 or > 3600)
            errors.Add(new("readyTimeoutSeconds", $"is {spec.ReadyTimeoutSeconds}; 5 to 3600 is allowed"));
        var plan = SubnetPlan.Read(spec.Subnet, out var problem);
        if (plan is null)
            errors.Add(new("subnet", $"'{NameRule.Shown(spec.Subnet)}' {problem}"));

        var nodes = spec.Nodes.IsDefault ? [] : spec.Nodes;
        if (nodes.Length is < 1 or > SiteLimits.Nodes)
        {
            errors.Add(new("nodes", $"has {nodes.Length} entries; 1 to {SiteLimits.Nodes} are allowed"));
            return errors;
        }
        if (plan is not null && nodes.Length > plan.NodeCount)
            errors.Add(new("nodes", $"has {nodes.Length} entries, but {plan} holds {plan.NodeCount} nodes beside "
                + $"{plan.ProberCount} addresses that the site keeps"));
        var largest = NodeCheck.Largest(state.Members.Values);
        for (var i = 0; i < nodes.Length; i++)
            NodeCheck.Add(errors, $"nodes[{i}]", nodes[i], plan, state, largest);
        NetworkCheck.Add(errors, spec.Network ?? new(), nodes);
        AddRepeated(errors, nodes, "name", node => node.Name);
        AddRepeated(errors, nodes, "ip", node => node.Ip);
        AddRepeated(errors, nodes, "mac", node => node.Mac?.ToLowerInvariant());
        MarkCheck.Add(errors, nodes);
        LimitCheck.Add(errors, spec);
        return errors;
    }

    private static void AddRepeated(
        List<SpecError> errors, IReadOnlyList<NodeSpec> nodes, string field, Func<NodeSpec, string?> value)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < nodes.Count; i++)
            if (value(nodes[i]) is { Length: > 0 } text && !first.TryAdd(text, i))
                errors.Add(new($"nodes[{i}].{field}",
                    $"'{NameRule.Shown(text)}' is that of nodes[{first[text]}] too; each node needs its own"));
    }
}
