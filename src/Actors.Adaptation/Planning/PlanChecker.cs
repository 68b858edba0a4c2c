using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Planning;

/// <summary>
/// Checks any plan, whoever made it, against an inventory. Shares no code with planners, so that a mistake of theirs is
/// found here. What was wrong before and is not made worse by a move is not the plan's fault.
/// </summary>
public static class PlanChecker
{
    private const double Rounding = 1e-6;

    /// <summary>Everything that is wrong with the plan; empty when it may be carried out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="inventory">What is there now.</param>
    /// <param name="limits">How much it may move; null: any number.</param>
    public static IReadOnlyList<Failure> Check(Plan plan, Inventory inventory, PlanLimits? limits = null)
    {
        if (plan.InventoryVersion != inventory.Version)
            return [AdaptationRefusals.Stale(plan.InventoryVersion, inventory.Version)];
        var nodes = inventory.Environments.SelectMany(one => one.Nodes).ToDictionary(node => node.Id);
        var hosts = inventory.Sites.SelectMany(site => site.Hosts).ToDictionary(host => host.Id);
        var wrong = Shape(plan, nodes, hosts).ToList();
        if (wrong.Count > 0) return wrong;
        var to = plan.Nodes.ToDictionary(one => one.Node, one => one.To);
        wrong.AddRange(Hosts(plan, nodes, hosts));
        wrong.AddRange(inventory.Environments.SelectMany(one => Neighbours(one, to)));
        var sites = inventory.Sites.SelectMany(site => site.Hosts, (site, host) => (site, host))
            .ToDictionary(one => one.host.Id, one => one.site.Id);
        wrong.AddRange(inventory.Environments.SelectMany(one => OneSite(one, to, sites)));
        wrong.AddRange(LocalChecks.Nodes(plan, nodes));
        wrong.AddRange(LocalChecks.Hosts(plan, hosts));
        if (limits is null) return wrong;
        var environments = inventory.Environments.SelectMany(one => one.Nodes, (one, node) => (one.Id, Node: node.Id))
            .ToDictionary(one => one.Node, one => one.Id);
        wrong.AddRange(LocalChecks.Limits(plan, nodes, environments, sites, limits));
        return wrong;
    }

    private static IEnumerable<Failure> Shape(
        Plan plan, Dictionary<NodeId, NodeInventory> nodes, Dictionary<HostId, HostInventory> hosts)
    {
        foreach (var twice in plan.Nodes.GroupBy(one => one.Node).Where(same => same.Skip(1).Any()))
            yield return AdaptationRefusals.Plan("node-twice", $"Node {twice.Key} is decided twice.");
        foreach (var missing in nodes.Keys.Except(plan.Nodes.Select(one => one.Node)))
            yield return AdaptationRefusals.Plan("node-missing", $"Node {missing} is not decided.");
        foreach (var one in plan.Nodes)
        {
            if (!nodes.TryGetValue(one.Node, out var node))
                yield return AdaptationRefusals.UnknownNode(one.Node);
            else if (node.Host != one.From)
                yield return AdaptationRefusals.Plan("wrong-start", $"Node {one.Node} is not on {one.From}.");
            else if (node.Pinned && one.To != one.From)
                yield return AdaptationRefusals.Plan("pinned", $"Node {one.Node} is pinned to {one.From}.");
            if (!hosts.TryGetValue(one.To, out var host))
                yield return AdaptationRefusals.UnknownHost(one.Node, one.To);
            else if ((host.Closed || host.Asleep) && one.To != one.From)
                yield return AdaptationRefusals.Plan("closed", $"Host {one.To} takes no new nodes.");
            if (!double.IsFinite(one.CpuCores) || one.CpuCores < 0)
                yield return AdaptationRefusals.BadNumber($"CPU of node {one.Node}", one.CpuCores, "0 or more");
        }
    }

    private static IEnumerable<Failure> Hosts(
        Plan plan, Dictionary<NodeId, NodeInventory> nodes, Dictionary<HostId, HostInventory> hosts)
    {
        var (to, from) = (plan.Nodes.ToLookup(one => one.To), plan.Nodes.ToLookup(one => one.From));
        foreach (var host in hosts.Values)
        {
            var cores = to[host.Id].Sum(one => one.CpuCores);
            if (cores > host.CpuCores * (1 + Rounding))
                yield return AdaptationRefusals.Plan(
                    "cpu", $"Host {host.Id} would promise {cores} of {host.CpuCores} cores.");
            var arriving = to[host.Id].Where(one => one.From != host.Id).Sum(one => nodes[one.Node].MemoryMiB);
            // Nodes that leave hold their memory until their move is over, guests until their balloon has it.
            var grown = LocalChecks.Growth(from[host.Id], nodes);
            arriving += grown;
            var held = from[host.Id].Sum(one => nodes[one.Node].MemoryMiB);
            if (arriving > 0 && held + arriving > host.MemoryMiB)
                yield return AdaptationRefusals.Plan(
                    "memory", $"Host {host.Id} would promise {held + arriving} of {host.MemoryMiB} MiB.");
        }
    }

    private static IEnumerable<Failure> Neighbours(EnvironmentInventory environment, Dictionary<NodeId, HostId> to)
    {
        var moved = environment.Nodes.Where(node => to[node.Id] != node.Host).ToList();
        foreach (var node in moved)
            foreach (var other in environment.Nodes.Where(other => other.Id != node.Id))
            {
                var same = to[node.Id] == to[other.Id];
                if (node.Apart is { } apart && other.Apart == apart && same)
                    yield return AdaptationRefusals.Plan(
                        "apart", $"Nodes {node.Id} and {other.Id} would share {to[node.Id]}.");
                if (node.Together is { } together && other.Together == together && !same)
                    yield return AdaptationRefusals.Plan(
                        "together", $"Nodes {node.Id} and {other.Id} would be on different hosts.");
            }
    }

    private static IEnumerable<Failure> OneSite(
        EnvironmentInventory environment, Dictionary<NodeId, HostId> to, Dictionary<HostId, SiteId> sites)
    {
        var at = environment.Nodes.Where(node => !node.Pinned).Select(node => sites[to[node.Id]]).Distinct().ToList();
        if (at.Count > 1)
            yield return AdaptationRefusals.Plan(
                "split", $"Environment {environment.Id} would be in the sites {string.Join(", ", at)}.");
    }
}
