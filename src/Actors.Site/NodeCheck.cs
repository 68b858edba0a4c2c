using VioActors.Contracts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>Checks one node of a spec.</summary>
internal static class NodeCheck
{
    private const int LongestArguments = 1000;

    internal static void Add(
        List<SpecError> errors, string at, NodeSpec node, SubnetPlan? plan, SiteState state, SiteMember? largest)
    {
        void Wrong(string field, string problem) => errors.Add(new($"{at}.{field}", problem));

        if (!NameRule.Accepts(node.Name))
            Wrong("name", $"'{NameRule.Shown(node.Name)}' {NameRule.Problem(node.Name)}");
        if (node.Image is null || !state.Images.ContainsKey(node.Image))
            Wrong("image", $"'{NameRule.Shown(node.Image)}' is unknown; the site has "
                + SiteRefusals.Listed(state.Images.Keys));
        if (node.MemoryMiB is < 64 or > 1_048_576)
            Wrong("memoryMiB", $"is {node.MemoryMiB}; 64 to 1048576 is allowed");
        if (node.Vcpus is < 1 or > 256)
            Wrong("vcpus", $"is {node.Vcpus}; 1 to 256 is allowed");
        else if (node.CpuQuotaPercent is { } quota && (quota < 5 || quota > 100 * node.Vcpus))
            Wrong("cpuQuotaPercent", $"is {quota}; 5 to {100 * node.Vcpus} is allowed for {node.Vcpus} vcpus");
        if (node.CpuWeight is < 1 or > 10_000)
            Wrong("cpuWeight", $"is {node.CpuWeight}; 1 to 10000 is allowed");
        if (node.KernelArguments is { } words && (words.Length > LongestArguments || !NameRule.IsPrintable(words)))
            Wrong("kernelArguments",
                $"has {words.Length} characters; at most {LongestArguments}, all printable ASCII, are allowed");
        if (node.Apart is not null && !NameRule.Accepts(node.Apart))
            Wrong("apart", $"'{NameRule.Shown(node.Apart)}' {NameRule.Problem(node.Apart)}");
        if (node.Together is not null && !NameRule.Accepts(node.Together))
            Wrong("together", $"'{NameRule.Shown(node.Together)}' {NameRule.Problem(node.Together)}");
        if (node.Ip is not null && IpProblem(node.Ip, plan) is { } ip)
            Wrong("ip", $"'{NameRule.Shown(node.Ip)}' {ip}");
        if (node.Mac is not null && MacProblem(node.Mac) is { } mac)
            Wrong("mac", $"'{NameRule.Shown(node.Mac)}' {mac}");
        AddHost(errors, at, node, state, largest);
    }

    private static string? IpProblem(string text, SubnetPlan? plan)
    {
        if (!Ipv4.TryParse(text, out var ip))
            return "is not an IPv4 address such as 10.10.0.5";
        if (plan is null || plan.IsForNodes(ip))
            return null;
        var range = $"nodes can have {Ipv4.Format(plan.FirstNode)} to {Ipv4.Format(plan.LastNode)}";
        if (!plan.Contains(ip))
            return $"is outside the subnet {plan}; {range}";
        if (ip == plan.Network)
            return $"is the network address of {plan}; {range}";
        return ip == plan.Broadcast
            ? $"is the broadcast address of {plan}; {range}"
            : $"is one of the {plan.ProberCount} addresses at the top of {plan} that the site keeps; {range}";
    }

    private static string? MacProblem(string text)
    {
        var parts = text.Split(':');
        if (parts.Length != 6 || !parts.All(part => part.Length == 2 && part.All(char.IsAsciiHexDigit)))
            return "is not a MAC address such as 52:54:00:12:34:56";
        if ((Convert.FromHexString(parts[0])[0] & 1) != 0)
            return "is a multicast address; the lowest bit of its first byte must be 0";
        if (parts.All(part => part == "00"))
            return "is all zero; a node needs a unicast address";
        return text.StartsWith(SubnetPlan.ProberMacPrefix, StringComparison.OrdinalIgnoreCase)
            ? $"starts with {SubnetPlan.ProberMacPrefix}, which the site keeps for itself"
            : null;
    }

    /// <summary>The host with the most memory of those that told what they have; null before any did.</summary>
    internal static SiteMember? Largest(IEnumerable<SiteMember> members) =>
        members.Where(member => member.Capacity is not null).MaxBy(member => member.Capacity!.MemoryMiB);

    private static void AddHost(
        List<SpecError> errors, string at, NodeSpec node, SiteState state, SiteMember? largest)
    {
        var pinned = node.Host is null ? null : state.Member(node.Host);
        if (node.Host is not null && pinned is null)
        {
            errors.Add(new($"{at}.host", $"'{NameRule.Shown(node.Host)}' is unknown; the site has "
                + SiteRefusals.Listed(
                    state.Members.Values.Select(member => member.Name).Order(StringComparer.Ordinal))));
            return;
        }
        // Before any host told what it has, placement is the one to say what is missing.
        if (pinned is not null) largest = Largest([pinned]);
        if (largest is null || node.MemoryMiB is < 64 or > 1_048_576)
            return;
        var overhead = Overhead.MemoryMiB(node.MemoryMiB);
        if (node.MemoryMiB + overhead > largest.Capacity!.MemoryMiB)
            errors.Add(new($"{at}.memoryMiB", $"is {node.MemoryMiB}, with {overhead} MiB for its emulator more than "
                + $"{(pinned is null ? "the largest host" : "its host")} '{largest.Name}' has: "
                + $"{largest.Capacity.MemoryMiB} MiB"));
    }
}
