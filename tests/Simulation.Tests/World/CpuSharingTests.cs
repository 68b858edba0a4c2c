using VioActors.Contracts;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests.World;

public sealed class CpuSharingTests
{
    private const double Rounding = 1e-9;

    private static WorldNode Node(double demand, int weight, int? quota = null, double vcpus = 1) => new()
    {
        Id = NodeId.Of(new Guid(1, 0, 0, new byte[8])),
        Work = new PhasedWork(new PhasedSetup("p", 1, vcpus, 1, [new PhaseSetup(1, 1)]), 0),
        Demand = demand,
        Weight = weight,
        QuotaPercent = quota,
    };

    [Fact]
    public void Shares_follow_weights_and_what_one_leaves_goes_to_the_others()
    {
        WorldNode[] nodes = [Node(1, 300), Node(1, 100), Node(0.1, 100)];
        CpuSharing.Share(1, nodes);
        Assert.Equal(0.1, nodes[2].Gets, 12);
        Assert.Equal(0.9 * 3 / 4, nodes[0].Gets, 12);
        Assert.Equal(0.9 / 4, nodes[1].Gets, 12);
        Assert.Equal([0.6, 0.2, 0.2], nodes.Select(node => Math.Round(node.Given, 12)));
    }

    [Fact]
    public void A_quota_holds_also_on_an_idle_host()
    {
        WorldNode[] nodes = [Node(2, 100, quota: 40, vcpus: 2), Node(0, 100)];
        CpuSharing.Share(8, nodes);
        Assert.Equal((0.4, 0.4), (nodes[0].Gets, nodes[0].Given));
    }

    [Fact]
    public void Never_more_than_there_is_and_nothing_is_wasted()
    {
        var dice = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var cores = 0.5 + dice.NextDouble() * 8;
            WorldNode[] nodes =
            [
                .. Enumerable.Range(0, dice.Next(1, 20)).Select(_ => Node(
                    dice.NextDouble() * 3, dice.Next(1, 10_000), dice.Next(3) == 0 ? dice.Next(1, 200) : null,
                    dice.Next(1, 4))),
            ];
            CpuSharing.Share(cores, nodes);

            var wanted = nodes.Sum(node => Math.Min(node.Demand, node.Limit));
            Assert.Equal(Math.Min(cores, wanted), nodes.Sum(node => node.Gets), 9);
            Assert.All(nodes, node => Assert.InRange(node.Gets, 0, Math.Min(node.Demand, node.Limit) + Rounding));
            // All that got less than they wanted got the same for their weight, and nobody more.
            var short_ = nodes.Where(node => node.Gets < Math.Min(node.Demand, node.Limit) - Rounding).ToList();
            if (short_.Count == 0) continue;
            var rate = short_[0].Gets / short_[0].Weight;
            Assert.All(short_, node => Assert.Equal(rate, node.Gets / node.Weight, 9));
            Assert.All(nodes, node => Assert.True(node.Gets / node.Weight <= rate + Rounding));
        }
    }
}
