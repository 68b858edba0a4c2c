using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Bench.Plan;

/// <summary>A large inventory: sites of 1,250 hosts, environments of 8 nodes, a tenth of the hosts full.</summary>
internal static class PlanInventory
{
    private const int HostsPerSite = 1250;
    private const int NodesPerEnvironment = 8;
    private const int Samples = 30;
    private const double HostCores = 32;
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Inventory Of(int hosts, int nodes)
    {
        var random = new Random(7);
        var sites = Enumerable.Range(0, (hosts + HostsPerSite - 1) / HostsPerSite).Select(site => new SiteInventory(
            SiteId.From($"d{site + 1}"),
            [.. Enumerable.Range(site * HostsPerSite, Math.Min(HostsPerSite, hosts - site * HostsPerSite))
                .Select(host => new HostInventory(IdOf(host), HostCores, 262144) { FullWatts = 300 + host % 3 * 50 })]))
            .ToImmutableArray();
        var used = Enumerable.Range(0, hosts).Select(_ => 0.0).ToArray();
        // What a node wants on a usual and on a full host, so that both have the same number of nodes.
        var usual = HostCores * hosts / nodes;
        var plans = new List<(int Environment, int Host, double Wants)>(nodes);
        for (var node = 0; node < nodes; node++)
        {
            var environment = node / NodesPerEnvironment;
            var site = environment % sites.Length;
            var host = site * HostsPerSite + random.Next(sites[site].Hosts.Length);
            var wants = usual * (host % 10 == 0 ? 1.1 : 0.55) * (0.6 + 0.8 * random.NextDouble());
            used[host] += wants;
            plans.Add((environment, host, wants));
        }

        return new Inventory(1, Now, sites,
        [
            .. plans.Index().GroupBy(one => one.Item.Environment).Select(same => new EnvironmentInventory(
                EnvironmentId.From($"s.e{same.Key + 1}"),
                [.. same.Select(one => NodeOf(
                    one.Index, one.Item.Host, one.Item.Wants, Math.Min(1, HostCores / used[one.Item.Host]), random))])),
        ]);
    }

    private static NodeInventory NodeOf(int number, int host, double wants, double served, Random random)
    {
        var id = NodeId.Of(new Guid(number + 1, 1, 1, new byte[8]));
        var history = SampleHistory.Empty;
        for (var age = Samples; age > 0; age--)
        {
            var now = wants * (0.95 + 0.1 * random.NextDouble());
            (history, _) = history.Add(id, new Sample(Now.AddSeconds(1 - age), now * served, 2, 500)
            {
                CpuWaitedCores = now * (1 - served),
                WaitMeasured = true,
            }, Now);
        }

        return new NodeInventory(id, IdOf(host), 2, 2048, history)
        {
            Vcpus = 4,
            GuestMiB = 1900,
            FullMiB = 2048,
        };
    }

    private static HostId IdOf(int host) => HostId.From($"h{host + 1}");
}
