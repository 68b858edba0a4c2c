using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>What happens to inventories between plans: loads go on, hosts share, plans are carried out.</summary>
internal static class Fleets
{
    /// <summary>A minute later: what each node wants now, served as its host can.</summary>
    public static Inventory Observe(Inventory last, Func<NodeInventory, double> wants, Random noise, DateTimeOffset now)
    {
        var nodes = last.Environments.SelectMany(one => one.Nodes).ToList();
        var wanted = nodes.ToDictionary(node => node.Id, node => Math.Min(node.Vcpus, wants(node)));
        var load = nodes.GroupBy(node => node.Host)
            .ToDictionary(one => one.Key, one => one.Sum(node => wanted[node.Id]));
        var hosts = last.Sites.SelectMany(site => site.Hosts).ToDictionary(host => host.Id);
        NodeInventory Seen(NodeInventory node)
        {
            var served = Math.Min(1, hosts[node.Host].CpuCores / Math.Max(1e-6, load[node.Host]));
            var history = SampleHistory.Empty;
            for (var age = 40; age >= 1; age--)
            {
                var want = Math.Min(node.Vcpus, wanted[node.Id] * (0.9 + 0.2 * noise.NextDouble()));
                (history, _) = history.Add(node.Id, new Sample(now.AddSeconds(-age), want * served, 1, 100)
                {
                    CpuWaitedCores = want * (1 - served),
                    WaitMeasured = true,
                }, now);
            }

            return node with { Samples = history };
        }

        return last with
        {
            Version = last.Version + 1,
            At = now,
            Environments = [.. last.Environments.Select(
                one => one with { Nodes = [.. one.Nodes.Select(Seen)] })],
        };
    }

    /// <summary>The inventory after a plan.</summary>
    public static Inventory Apply(Inventory inventory, Plan plan)
    {
        var decided = plan.Nodes.ToDictionary(one => one.Node);
        NodeInventory After(NodeInventory node)
        {
            var one = decided[node.Id];
            return node with
            {
                Host = one.To,
                LastMoved = one.To == node.Host ? node.LastMoved : inventory.At,
                CpuWeight = one.CpuWeight ?? node.CpuWeight,
                CpuQuotaPercent = one.CpuQuotaPercent ?? node.CpuQuotaPercent,
                GuestMiB = one.GuestMiB ?? node.GuestMiB,
                MemoryMiB = node.MemoryMiB + (one.GuestMiB ?? node.GuestMiB ?? 0) - (node.GuestMiB ?? 0),
            };
        }

        return inventory with
        {
            Environments = [.. inventory.Environments.Select(
                one => one with { Nodes = [.. one.Nodes.Select(After)] })],
        };
    }
}
