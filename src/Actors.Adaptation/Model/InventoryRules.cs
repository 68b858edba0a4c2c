using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Model;

/// <summary>What an inventory must be before anything is planned on it.</summary>
public static class InventoryRules
{
    /// <summary>The first thing that is wrong with it; null when nothing is.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="now">The reader's clock.</param>
    public static Failure? Refuse(Inventory inventory, DateTimeOffset now) =>
        Hosts(inventory) ?? inventory.Environments
            .SelectMany(one => one.Nodes)
            .GroupBy(node => node.Id)
            .Where(same => same.Count() > 1)
            .Select(same => AdaptationRefusals.Twice($"node {same.Key}"))
            .FirstOrDefault() ?? Nodes(inventory, now);

    private static Failure? Hosts(Inventory inventory)
    {
        var seen = new HashSet<HostId>();
        foreach (var host in inventory.Sites.SelectMany(site => site.Hosts))
        {
            if (!seen.Add(host.Id)) return AdaptationRefusals.Twice($"host {host.Id}");
            if (!double.IsFinite(host.CpuCores) || host.CpuCores <= 0)
                return AdaptationRefusals.BadNumber($"CPU of host {host.Id}", host.CpuCores, "more than 0");
            if (host.MemoryMiB < 0)
                return AdaptationRefusals.BadNumber($"memory of host {host.Id}", host.MemoryMiB, "0 or more");
        }

        return null;
    }

    private static Failure? Nodes(Inventory inventory, DateTimeOffset now)
    {
        var sites = inventory.Sites.SelectMany(site => site.Hosts, (site, host) => (site.Id, host))
            .ToDictionary(one => one.host.Id, one => one.Id);
        foreach (var environment in inventory.Environments)
        {
            foreach (var node in environment.Nodes)
            {
                if (!sites.ContainsKey(node.Host)) return AdaptationRefusals.UnknownHost(node.Id, node.Host);
                if (Node(node, now) is { } bad) return bad;
            }

            var free = environment.Nodes.Where(node => !node.Pinned).Select(node => sites[node.Host]).Distinct();
            if (free.Skip(1).Any()) return AdaptationRefusals.Split(environment.Id);
        }

        return null;
    }

    private static Failure? Node(NodeInventory node, DateTimeOffset now)
    {
        (string Name, double Value)[] values = [("CPU given", node.CpuCores), ("number of CPUs", node.Vcpus)];
        foreach (var (name, value) in values)
            if (!double.IsFinite(value) || value <= 0)
                return AdaptationRefusals.BadNumber($"{name} of node {node.Id}", value, "more than 0");
        if (node.MemoryMiB < 0)
            return AdaptationRefusals.BadNumber($"memory of node {node.Id}", node.MemoryMiB, "0 or more");
        return node.Samples.Newest.Select(sample => SampleRules.Refuse(node.Id, sample, now))
            .FirstOrDefault(bad => bad is not null);
    }
}
