using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Planning;

/// <summary>Checks what a plan changes without a move: weights, limits, balloons, hosts that sleep or wake.</summary>
internal static class LocalChecks
{
    internal static IEnumerable<Failure> Nodes(Plan plan, Dictionary<NodeId, NodeInventory> nodes)
    {
        foreach (var one in plan.Nodes)
        {
            var node = nodes[one.Node];
            if (one.CpuWeight is < 1 or > 10000)
                yield return AdaptationRefusals.BadNumber(
                    $"CPU weight of node {one.Node}", one.CpuWeight.Value, "1 to 10000");
            if (one.CpuQuotaPercent is { } quota && (quota < 0 || quota > Math.Max(1, Math.Ceiling(100 * node.Vcpus))))
                yield return AdaptationRefusals.BadNumber(
                    $"CPU limit of node {one.Node}", quota, $"0 to {Math.Ceiling(100 * node.Vcpus)} percent");
            if (one.GuestMiB is not { } guest) continue;
            if (node.GuestMiB is not { } now)
                yield return AdaptationRefusals.Plan("balloon", $"Nobody may change the balloon of node {one.Node}.");
            else if (guest < 1 || guest > Math.Max(now, node.FullMiB))
                yield return AdaptationRefusals.BadNumber(
                    $"memory of the guest of node {one.Node}", guest, $"1 to {node.FullMiB} MiB");
            else if (guest < now && node.Samples.Newest.Any(sample => sample.MemoryUsedMiB > guest))
                yield return AdaptationRefusals.Plan(
                    "balloon", $"Node {one.Node} uses more than the {guest} MiB its balloon would leave it.");
        }
    }

    /// <summary>What guests of a host would get more than they have, in MiB: it must be free now.</summary>
    internal static long Growth(IEnumerable<NodeDecision> held, Dictionary<NodeId, NodeInventory> nodes) =>
        held.Sum(one => one.GuestMiB is { } guest && nodes[one.Node].GuestMiB is { } now
            ? Math.Max(0, guest - now)
            : 0L);

    internal static IEnumerable<Failure> Hosts(Plan plan, Dictionary<HostId, HostInventory> hosts)
    {
        var used = plan.Nodes.SelectMany(one => new[] { one.From, one.To }).ToHashSet();
        var seen = new HashSet<HostId>();
        foreach (var one in plan.Hosts)
        {
            if (!hosts.TryGetValue(one.Host, out var host))
                yield return AdaptationRefusals.Plan(FailureCode.NotFound, $"Host {one.Host} is not known here.");
            else if (!seen.Add(one.Host))
                yield return AdaptationRefusals.Plan("host-twice", $"Host {one.Host} is decided twice.");
            else if (one.Sleep && used.Contains(one.Host))
                yield return AdaptationRefusals.Plan("sleep", $"Host {one.Host} would sleep with nodes on it.");
            else if (one.Sleep == host.Asleep)
                yield return AdaptationRefusals.Plan(
                    "sleep", $"Host {one.Host} {(one.Sleep ? "sleeps" : "is awake")} already.");
        }
    }

    internal static IEnumerable<Failure> Limits(
        Plan plan, Dictionary<NodeId, NodeInventory> nodes, Dictionary<NodeId, EnvironmentId> environments,
        Dictionary<HostId, SiteId> sites, PlanLimits limits)
    {
        var moves = plan.Moves.ToList();
        var ends = moves.SelectMany(one => new[] { (one.From, one), (one.To, one) });
        foreach (var host in ends.GroupBy(one => one.Item1, one => one.one))
        {
            var bound = host.Select(one => (environments[one.Node], nodes[one.Node].Together)).Distinct().Count();
            if (host.Count() > limits.MovesPerHost && (bound > 1 || nodes[host.First().Node].Together is null))
                yield return AdaptationRefusals.Plan(
                    "limit", $"Host {host.Key} would have {host.Count()} moves of at most {limits.MovesPerHost}.");
        }

        var links = moves.GroupBy(one => (From: sites[one.From], To: sites[one.To]));
        foreach (var link in links.Where(one => one.Key.From != one.Key.To && one.Count() > limits.MovesPerLink))
            if (link.Select(one => environments[one.Node]).Distinct().Count() > 1)
                yield return AdaptationRefusals.Plan(
                    "limit", $"From {link.Key.From} to {link.Key.To} would go {link.Count()} moves of at most "
                    + $"{limits.MovesPerLink}.");
    }
}
