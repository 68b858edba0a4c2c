using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Simulation.Oracle;

/// <summary>
/// A small placement problem: up to four sites of one host, up to eight environments, some of the hosts full. Small
/// enough for <see cref="PlacementOracle"/> to try everything.
/// </summary>
public sealed class OracleInstance
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private OracleInstance(double[] cores, double[] wants, int[] homes, Inventory inventory) =>
        (Cores, Wants, Homes, Inventory) = (cores, wants, homes, inventory);

    /// <summary>CPU of each site, in cores.</summary>
    public IReadOnlyList<double> Cores { get; }

    /// <summary>What each environment wants, in cores: known here, only observed by planners.</summary>
    public IReadOnlyList<double> Wants { get; }

    /// <summary>Where each environment is.</summary>
    public IReadOnlyList<int> Homes { get; }

    /// <summary>What a planner sees of it.</summary>
    public Inventory Inventory { get; }

    /// <summary>A random one; the same seed gives the same.</summary>
    public static OracleInstance Of(int seed)
    {
        var random = new Random(seed);
        var cores = new double[random.Next(2, 5)];
        for (var i = 0; i < cores.Length; i++) cores[i] = random.Next(2, 9);
        var nodes = new double[random.Next(2, 9)][];
        var homes = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            homes[i] = random.Next(cores.Length);
            nodes[i] = new double[random.Next(1, 5)];
            var busy = random.Next(2) == 0;
            for (var j = 0; j < nodes[i].Length; j++) nodes[i][j] = busy ? 1 : 0.1 + 0.8 * random.NextDouble();
        }

        return new OracleInstance(cores, [.. nodes.Select(one => one.Sum())], homes, Seen(cores, nodes, homes));
    }

    private static Inventory Seen(double[] cores, double[][] nodes, int[] homes)
    {
        var sites = cores.Index().Select(site => new SiteInventory(
            SiteId.From($"d{site.Index + 1}"), [new HostInventory(HostAt(site.Index), site.Item, 100_000)]));
        var given = Given(cores, nodes, homes);
        return new Inventory(1, Now, [.. sites],
        [
            .. nodes.Index().Select(one => new EnvironmentInventory(
                EnvironmentId.From($"s.e{one.Index + 1}"),
                [.. one.Item.Index().Select(node => NodeOf(
                    one.Index, node.Index, HostAt(homes[one.Index]), node.Item, given[one.Index][node.Index]))])),
        ]);
    }

    private static NodeInventory NodeOf(int environment, int number, HostId host, double wants, double given)
    {
        var id = NodeId.Of(new Guid(environment + 1, (short)number, 1, new byte[8]));
        var history = SampleHistory.Empty;
        var used = Math.Min(wants, given);
        for (var age = 30; age >= 0; age--)
            (history, _) = history.Add(id, new Sample(Now.AddSeconds(-age), used, given, 100)
            {
                CpuWaitedCores = wants - used,
                WaitMeasured = true,
            }, Now);
        return new NodeInventory(id, host, given, 256, history);
    }

    // Fair shares of each host: who wants less than an equal share has it, the others share what is left.
    private static double[][] Given(double[] cores, double[][] nodes, int[] homes)
    {
        var given = nodes.Select(one => new double[one.Length]).ToArray();
        for (var site = 0; site < cores.Length; site++)
        {
            var (left, waiting) = (cores[site], 0);
            var here = nodes.Index().Where(one => homes[one.Index] == site)
                .SelectMany(one => one.Item.Index(), (one, node) => (Of: one.Index, At: node.Index, Wants: node.Item))
                .OrderBy(one => one.Wants).ToList();
            waiting = here.Count;
            foreach (var one in here)
            {
                var share = left / waiting--;
                given[one.Of][one.At] = share;
                left -= Math.Min(share, one.Wants);
            }
        }

        return given;
    }

    private static HostId HostAt(int site) => HostId.From($"h{site + 1}");
}
