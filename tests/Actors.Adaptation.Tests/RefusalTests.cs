using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Violin;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class RefusalTests
{
    private static readonly Observations Known = Observations.None.Know([Sites.Node(1)]);

    private static Sample Good => new(Sites.Now, 0.5, 1, 100);

    public static TheoryData<string, double, double, double> BadNumbers => new()
    {
        { "CPU used", double.NaN, 1, 1 },
        { "CPU used", -1, 1, 1 },
        { "CPU given", 1, 0, 1 },
        { "CPU given", 1, double.PositiveInfinity, 1 },
        { "memory used", 1, 1, -5 },
    };

    [Theory]
    [MemberData(nameof(BadNumbers))]
    public void Bad_numbers_are_refused_by_name(string name, double used, double given, double memory)
    {
        var (next, refused) = Known.Add(Sites.Node(1), new Sample(Sites.Now, used, given, memory), Sites.Now);
        Assert.Same(Known, next);
        Assert.Contains(name, refused!.Reason);
        Assert.Contains(Sites.Node(1).Value, refused.Reason);
    }

    [Fact]
    public void Samples_from_the_future_are_refused()
    {
        Assert.Equal("from-the-future", Known.Add(
            Sites.Node(1), Good with { At = Sites.Now.AddSeconds(3) }, Sites.Now).Refused!.Code);
        Assert.Null(Known.Add(Sites.Node(1), Good with { At = Sites.Now.AddSeconds(1) }, Sites.Now).Refused);
    }

    [Fact]
    public void Samples_of_unknown_nodes_are_refused() =>
        Assert.Contains(Sites.Node(2).Value, Known.Add(Sites.Node(2), Good, Sites.Now).Refused!.Reason);

    [Fact]
    public void Samples_out_of_order_are_refused()
    {
        var (next, _) = Known.Add(Sites.Node(1), Good, Sites.Now);
        Assert.Equal("old-sample", next.Add(Sites.Node(1), Good, Sites.Now).Refused!.Code);
    }

    [Fact]
    public void Histories_are_bounded_and_the_oldest_goes_first()
    {
        var history = SampleHistory.Empty;
        for (var second = 0; second < SampleHistory.Limit + 5; second++)
            (history, _) = history.Add(
                Sites.Node(1), Good with { At = Sites.Now.AddSeconds(second) }, Sites.Now.AddSeconds(second));
        Assert.Equal(SampleHistory.Limit, history.Newest.Length);
        Assert.Equal(Sites.Now.AddSeconds(5), history.Newest[^1].At);
    }

    [Fact]
    public void Nodes_that_left_are_forgotten_and_others_keep_their_history()
    {
        var (seen, _) = Known.Add(Sites.Node(1), Good, Sites.Now);
        var next = seen.Know([Sites.Node(1), Sites.Node(2)]);
        Assert.Single(next.Nodes[Sites.Node(1)].Newest);
        Assert.Empty(next.Know([Sites.Node(2)]).Nodes[Sites.Node(2)].Newest);
        Assert.Equal([Sites.Node(2)], next.Know([Sites.Node(2)]).Nodes.Keys);
    }

    public static TheoryData<string, Inventory> BadInventories => new()
    {
        { "h9", Sites.Inventory(Sites.Of(1000, 1), Sites.Env(1, Sites.NodeOn(1, 9))) },
        { "CPU of host h1", Sites.Inventory(
            [new SiteInventory(new("d1"), [new HostInventory(Sites.Host(1), double.NaN, 1)])]) },
        { "twice", Sites.Inventory(
            Sites.Of(1000, 1), Sites.Env(1, Sites.NodeOn(1, 1)), Sites.Env(2, Sites.NodeOn(1, 1))) },
        { "several sites", Sites.Inventory(
            Sites.Of(1000, 1, 1), Sites.Env(1, Sites.NodeOn(1, 1), Sites.NodeOn(2, 2))) },
        { "CPU given", Sites.Inventory(
            Sites.Of(1000, 1), Sites.Env(1, Sites.NodeOn(1, 1) with { CpuCores = 0 })) },
        { "memory of node", Sites.Inventory(Sites.Of(1000, 1), Sites.Env(1, Sites.NodeOn(1, 1, memory: -1))) },
        { "clock here", Sites.Inventory(Sites.Of(1000, 1), Sites.Env(1, Sites.NodeOn(1, 1)))
            with { At = Sites.Now.AddSeconds(-60) } },
    };

    [Theory]
    [MemberData(nameof(BadInventories))]
    public void Bad_inventories_are_refused_by_name(string name, Inventory inventory)
    {
        var answer = new ViolinPlanner(ViolinOptions.Corrected).Plan(inventory);
        Assert.Null(answer.Plan);
        Assert.Contains(name, answer.Refused!.Reason);
    }

    [Fact]
    public void Parameters_out_of_range_are_refused()
    {
        foreach (var bad in new[]
            {
                new ViolinOptions { Alpha = 1 }, new ViolinOptions { Beta = 1 }, new ViolinOptions { Window = 0 },
                new ViolinOptions { Alpha = double.NaN }, new ViolinOptions { MoveCostSeconds = -1 },
            })
            Assert.Throws<ArgumentOutOfRangeException>(() => new ViolinPlanner(bad));
    }
}
