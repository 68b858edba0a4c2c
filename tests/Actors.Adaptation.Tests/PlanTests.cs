using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Violin;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class PlanTests
{
    private static readonly ViolinPlanner Planner = new(ViolinOptions.Corrected);

    // Scenario 1 after V2 ended: 10 busy nodes on 6 hosts, 4 hosts empty.
    private static Inventory AfterV2() => Sites.Inventory(
        Sites.Of(2048, 6, 4),
        Sites.Env(1, [.. Enumerable.Range(1, 4).Select(n => Sites.NodeOn(n, n, given: 0.5))]),
        Sites.Env(3, [.. Enumerable.Range(1, 6).Select(n => Sites.NodeOn(10 + n, n, given: n <= 4 ? 0.5 : 1))]));

    private static Plan Made(Inventory inventory, ViolinPlanner? planner = null)
    {
        var plan = (planner ?? Planner).Plan(inventory).Plan!;
        Assert.Empty(PlanChecker.Check(plan, inventory));
        return plan;
    }

    [Fact]
    public void Scenario_one_moves_the_smaller_environment_as_a_whole()
    {
        var moves = Made(AfterV2()).Moves.ToList();
        Assert.Equal([1, 2, 3, 4], moves.Select(one => one.Node.Uuid.ToByteArray()[0]));
        Assert.Equal(4, moves.Select(one => one.To).Distinct().Count());
        Assert.All(moves, one => Assert.True(one.Reason.Gain > 0 && one.Reason.CostSeconds == 20));
    }

    [Fact]
    public void As_printed_nothing_moves() =>
        Assert.Empty(Made(AfterV2(), new ViolinPlanner(ViolinOptions.AsPrinted)).Moves);

    [Fact]
    public void Reasons_say_what_was_rejected()
    {
        var stays = Made(AfterV2()).Nodes.Single(one => one.Node == Sites.Node(11)).Reason;
        Assert.Contains("balance", Assert.Single(stays.Rejected).Why);
    }

    [Fact]
    public void Wishes_are_carried_out_as_weights()
    {
        var plan = Made(Sites.Inventory(
            Sites.Of(2048, 1),
            Sites.Env(1, [Sites.NodeOn(1, 1, given: 0.5), Sites.NodeOn(2, 1, 0.3, given: 0.5)])));
        // One uses all of its half: twice that; the other a third more than its 0.3 of a half.
        Assert.Equal([100, 20], plan.Nodes.Select(one => one.CpuWeight!.Value));
        Assert.Equal(5, plan.Nodes[0].CpuCores / plan.Nodes[1].CpuCores, 9);
    }

    // Scenario 2: six nodes that use a third of their hosts are packed when four busy ones arrive.
    [Fact]
    public void Scenario_two_packs_the_idle_environment()
    {
        var inventory = Sites.Inventory(
            Sites.Of(2048, 6, 4),
            Sites.Env(1, [.. Enumerable.Range(1, 6).Select(n => Sites.NodeOn(n, n, 1.0 / 3))]),
            Sites.Env(2, [.. Enumerable.Range(1, 4).Select(n => Sites.NodeOn(10 + n, 6 + n, given: 0.5))]),
            Sites.Env(4, [.. Enumerable.Range(1, 4).Select(n => Sites.NodeOn(20 + n, 6 + n, given: 0.5))]));
        var plan = Made(inventory);
        int Hosts(int environment) => inventory.Environments[environment].Nodes
            .Select(node => plan.Nodes.Single(one => one.Node == node.Id).To).Distinct().Count();
        Assert.Equal(2, Hosts(0));
        Assert.Equal(4, Hosts(1));
        Assert.All(plan.Moves, one => Assert.True(int.Parse(one.To.Value[1..]) <= 6));
    }

    [Fact]
    public void A_head_node_stays_and_the_others_go()
    {
        var inventory = AfterV2();
        var first = inventory.Environments[0];
        inventory = inventory with
        {
            Environments = inventory.Environments.SetItem(
                0, first with { Nodes = first.Nodes.SetItem(0, first.Nodes[0] with { Pinned = true }) }),
        };
        Assert.Equal(3, Made(inventory).Moves.Count());
    }

    [Fact]
    public void Nothing_moves_where_no_memory_is()
    {
        var inventory = AfterV2() with { Sites = Sites.Of(100, 6, 4) };
        var plan = Made(inventory);
        Assert.Empty(plan.Moves);
        Assert.Contains(plan.Nodes[0].Reason.Rejected, one => one.Why.Contains("room"));
    }

    [Fact]
    public void A_stale_plan_is_refused()
    {
        var plan = Made(AfterV2());
        Assert.Equal("stale-plan", Assert.Single(PlanChecker.Check(plan, AfterV2() with { Version = 8 })).Code);
    }

    // The checker finds each fault when it is planted into a good plan.
    [Theory]
    [InlineData("node-missing")]
    [InlineData("node-twice")]
    [InlineData("not-found")]
    [InlineData("wrong-start")]
    [InlineData("cpu")]
    [InlineData("bad-number")]
    [InlineData("split")]
    [InlineData("memory")]
    [InlineData("pinned")]
    [InlineData("closed")]
    [InlineData("apart")]
    [InlineData("together")]
    [InlineData("weight")]
    [InlineData("quota")]
    [InlineData("guest")]
    [InlineData("balloon")]
    [InlineData("balloon-below-use")]
    [InlineData("balloon-twice")]
    [InlineData("sleep")]
    [InlineData("asleep")]
    [InlineData("host-twice")]
    [InlineData("limit-host")]
    [InlineData("limit-link")]
    public void A_planted_fault_is_found(string code)
    {
        var inventory = AfterV2();
        var nodes = inventory.Environments[0].Nodes;
        var plan = Made(inventory);
        var first = plan.Nodes[0];
        plan = plan with
        {
            Nodes = code switch
            {
                "node-missing" => plan.Nodes.RemoveAt(0),
                "node-twice" => plan.Nodes.Add(first),
                "not-found" => plan.Nodes.SetItem(0, first with { To = Sites.Host(99) }),
                "wrong-start" => plan.Nodes.SetItem(0, first with { From = Sites.Host(3) }),
                "cpu" => plan.Nodes.SetItem(0, first with { CpuCores = 1.5 }),
                "bad-number" => plan.Nodes.SetItem(0, first with { CpuCores = double.NaN }),
                "split" => plan.Nodes.SetItem(0, first with { To = first.From }),
                "apart" => plan.Nodes.SetItem(0, first with { To = plan.Nodes[1].To }),
                "weight" => plan.Nodes.SetItem(0, first with { CpuWeight = 0 }),
                "quota" => plan.Nodes.SetItem(0, first with { CpuQuotaPercent = 101 }),
                "balloon" => plan.Nodes.SetItem(0, first with { GuestMiB = 200 }),
                "guest" => plan.Nodes.SetItem(0, first with { GuestMiB = 257 }),
                "balloon-below-use" => plan.Nodes.SetItem(0, first with { GuestMiB = 99 }),
                // It grows where another arrives: both would have the same memory.
                "balloon-twice" => plan.Nodes.SetItem(5, plan.Nodes[5] with { GuestMiB = 2048 }),
                _ => plan.Nodes,
            },
            Hosts = code switch
            {
                "sleep" => [new HostDecision(first.From, true, "")],
                "asleep" => [new HostDecision(first.From, false, "")],
                "host-twice" => [new(Sites.Host(99), true, ""), new(first.From, true, ""), new(first.From, true, "")],
                _ => [],
            },
        };
        inventory = code switch
        {
            "memory" => inventory with { Sites = Sites.Of(255, 6, 4) },
            "closed" => inventory with
            {
                Sites = [.. inventory.Sites.Select(site => site with
                {
                    Hosts = [.. site.Hosts.Select(host => host with { Closed = true })],
                })],
            },
            "pinned" => WithNodes(inventory, nodes.SetItem(0, nodes[0] with { Pinned = true })),
            "guest" or "balloon-below-use" => WithNodes(
                inventory, nodes.SetItem(0, nodes[0] with { GuestMiB = 200, FullMiB = 256 })),
            "balloon-twice" => inventory with
            {
                Environments = [.. inventory.Environments.Select(one => one with
                {
                    Nodes = [.. one.Nodes.Select(node => node with { GuestMiB = 200, FullMiB = 4096 })],
                })],
            },
            "limit-link" => inventory with
            {
                Environments = [
                    Sites.Env(1, nodes[0], nodes[1]), Sites.Env(4, nodes[2], nodes[3]), inventory.Environments[1]],
            },
            "apart" => WithNodes(inventory, [.. nodes.Select(node => node with { Apart = "a" })]),
            "together" => WithNodes(inventory, [.. nodes.Select(node => node with { Together = "a" })]),
            _ => inventory,
        };
        var limits = code switch
        {
            "limit-host" => new PlanLimits(0, 100),
            "limit-link" => new PlanLimits(100, 3),
            _ => null,
        };
        var found = code switch
        {
            "weight" or "quota" or "guest" => "bad-number",
            "balloon-below-use" => "balloon",
            "balloon-twice" => "memory",
            "asleep" => "sleep",
            "limit-host" or "limit-link" => "limit",
            _ => code,
        };
        Assert.Contains(PlanChecker.Check(plan, inventory, limits), failure => failure.Code == found);
    }

    private static Inventory WithNodes(
        Inventory inventory, System.Collections.Immutable.ImmutableArray<NodeInventory> nodes) => inventory with
        {
            Environments = inventory.Environments.SetItem(0, inventory.Environments[0] with { Nodes = nodes }),
        };
}
