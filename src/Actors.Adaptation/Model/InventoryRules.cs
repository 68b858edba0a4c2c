using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Model;

/// <summary>What an inventory must be before anything is planned on it.</summary>
public static class InventoryRules
{
    /// <summary>The first thing that is wrong with it; null when nothing is.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="now">The reader's clock.</param>
    public static Failure? Refuse(Inventory inventory, DateTimeOffset now) =>
        Hosts(inventory) ?? Nodes(inventory, now);

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
            if (!double.IsFinite(host.FullWatts) || host.FullWatts < 0)
                return AdaptationRefusals.BadNumber($"power of host {host.Id}", host.FullWatts, "0 or more");
        }

        return null;
    }

    private static Failure? Nodes(Inventory inventory, DateTimeOffset now)
    {
        var sites = inventory.Sites.SelectMany(site => site.Hosts, (site, host) => (site.Id, host))
            .ToDictionary(one => one.host.Id, one => one.Id);
        var seen = new HashSet<NodeId>();
        foreach (var environment in inventory.Environments)
        {
            SiteId? free = null;
            foreach (var node in environment.Nodes)
            {
                if (!seen.Add(node.Id)) return AdaptationRefusals.Twice($"node {node.Id}");
                if (!sites.TryGetValue(node.Host, out var site))
                    return AdaptationRefusals.UnknownHost(node.Id, node.Host);
                if (Node(node, now) is { } bad) return bad;
                if (node.Pinned) continue;
                if (free is { } other && other != site) return AdaptationRefusals.Split(environment.Id);
                free = site;
            }
        }

        return null;
    }

    private static Failure? Node(NodeInventory node, DateTimeOffset now)
    {
        ReadOnlySpan<(string Name, double Value)> values =
            [("CPU given", node.CpuCores), ("number of CPUs", node.Vcpus)];
        foreach (var (name, value) in values)
            if (!double.IsFinite(value) || value <= 0)
                return AdaptationRefusals.BadNumber($"{name} of node {node.Id}", value, "more than 0");
        if (node.MemoryMiB < 0)
            return AdaptationRefusals.BadNumber($"memory of node {node.Id}", node.MemoryMiB, "0 or more");
        if (node.CpuWeight is < 1 or > 10000)
            return AdaptationRefusals.BadNumber($"CPU weight of node {node.Id}", node.CpuWeight, "1 to 10000");
        foreach (var sample in node.Samples.Newest)
            if (SampleRules.Refuse(node.Id, sample, now) is { } bad) return bad;
        return null;
    }
}
