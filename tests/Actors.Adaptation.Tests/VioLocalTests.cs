using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>What changes without a move: weights, limits, balloons; drained hosts; power.</summary>
public sealed class VioLocalTests
{
    private static readonly VioPlanner Planner = new(new VioOptions());

    /// <summary>A node that wants so many cores and uses so much memory, for a minute now.</summary>
    private static NodeInventory NodeOf(
        int number, int host, double wants, double gets, int memory = 100, int? guest = null, int silent = 0)
    {
        var history = SampleHistory.Empty;
        for (var age = 60; age >= 0; age--)
            (history, _) = history.Add(Sites.Node(number), new Sample(
                Sites.Now.AddSeconds(-age), gets, 1, age > 60 - silent ? null : memory)
            {
                CpuWaitedCores = wants - gets,
                WaitMeasured = true,
            }, Sites.Now);
        return new NodeInventory(Sites.Node(number), Sites.Host(host), 1, (guest ?? 256) + 56, history)
        {
            GuestMiB = guest,
            FullMiB = 1024,
        };
    }

    private static Plan Made(Inventory inventory, VioPlanner? planner = null)
    {
        var plan = (planner ?? Planner).Plan(inventory).Plan!;
        Assert.Empty(PlanChecker.Check(plan, inventory, new VioOptions().Limits));
        return plan;
    }

    [Fact]
    public void On_a_full_host_each_has_its_part_by_virtual_CPUs_at_once_and_equal_inputs_change_nothing()
    {
        // One with four virtual CPUs beside three with one; one host only, so that nothing can move.
        var inventory = Sites.Inventory(
            Sites.Of(2048, 1),
            Sites.Env(1, NodeOf(1, 1, 0.9, 0.25) with { Vcpus = 4 }), Sites.Env(2, NodeOf(2, 1, 0.5, 0.25)),
            Sites.Env(3, NodeOf(3, 1, 0.5, 0.25)), Sites.Env(4, NodeOf(4, 1, 0.5, 0.25)));
        var plan = Made(inventory);
        Assert.Equal(4.0 / 7, plan.Nodes[0].CpuCores, 6);
        Assert.True(plan.Nodes[0].CpuWeight > 200, $"{plan.Nodes[0]}");
        Assert.All(plan.Nodes.Skip(1), one => Assert.True(one.CpuWeight < 100));
        Assert.All(Made(Fleets.Apply(inventory, plan)).Nodes, one => Assert.Null(one.CpuWeight));
    }

    [Fact]
    public void Who_needs_less_than_its_part_of_a_full_host_keeps_all_of_it()
    {
        var plan = Made(Sites.Inventory(
            Sites.Of(2048, 1), Sites.Env(1, NodeOf(1, 1, 1, 0.4)), Sites.Env(2, NodeOf(2, 1, 1, 0.4)),
            Sites.Env(3, NodeOf(3, 1, 0.2, 0.2))));
        Assert.InRange(plan.Nodes[2].CpuCores, 0.2, 0.25);
        Assert.Equal(plan.Nodes[0].CpuCores, plan.Nodes[1].CpuCores, 6);
        Assert.Equal(1, plan.Nodes.Sum(one => one.CpuCores), 6);
    }

    [Fact]
    public void Nobody_is_touched_where_all_have_what_they_want()
    {
        var plan = Made(Sites.Inventory(
            Sites.Of(2048, 2), Sites.Env(1, NodeOf(1, 1, 0.4, 0.4), NodeOf(2, 1, 0.4, 0.4, guest: 512))));
        Assert.All(plan.Nodes, one => Assert.True(one is
        { CpuWeight: null, CpuQuotaPercent: null, GuestMiB: null, Reason.Rejected: [] } && one.From == one.To));
    }

    [Fact]
    public void A_limit_that_is_too_low_is_raised_and_lowered_only_when_others_need_it()
    {
        var limited = NodeOf(1, 1, 0.9, 0.3) with { CpuQuotaPercent = 30 };
        var idle = NodeOf(2, 1, 0.1, 0.1) with { CpuQuotaPercent = 100 };
        var calm = Made(Sites.Inventory(Sites.Of(2048, 1), Sites.Env(1, limited), Sites.Env(2, idle)));
        Assert.Equal(100, calm.Nodes[0].CpuQuotaPercent);
        var busy = Made(Sites.Inventory(
            Sites.Of(2048, 1), Sites.Env(1, NodeOf(3, 1, 1, 0.9)), Sites.Env(2, idle)));
        Assert.InRange(busy.Nodes[1].CpuQuotaPercent!.Value, 10, 20);
        var alone = Made(Sites.Inventory(Sites.Of(2048, 1), Sites.Env(2, idle)));
        Assert.Null(alone.Nodes[0].CpuQuotaPercent);
    }

    // Two nodes of one environment beside a third of another: one is fast only where it is alone.
    [Fact]
    public void Who_waits_for_its_slowest_node_gains_more_from_a_share()
    {
        var plan = Made(Sites.Inventory(
            Sites.Of(300, 2), Sites.Env(1, NodeOf(1, 1, 1, 0.5), NodeOf(2, 2, 1, 1)),
            Sites.Env(2, NodeOf(3, 1, 1, 0.5))));
        Assert.Equal(0.75, plan.Nodes[0].CpuCores, 6);
        Assert.Equal(0.25, plan.Nodes[2].CpuCores, 6);
    }

    [Fact]
    public void Memory_is_taken_from_idle_guests_only_when_another_needs_it_and_given_when_it_is_free()
    {
        var idle = NodeOf(1, 1, 0.1, 0.1, memory: 200, guest: 900);
        var tight = NodeOf(2, 1, 0.1, 0.1, memory: 505, guest: 512);
        var sites = Sites.Of(900 + 512 + 2 * 56, 1);
        Assert.All(Made(Sites.Inventory(sites, Sites.Env(1, idle))).Nodes, one => Assert.Null(one.GuestMiB));

        var inventory = Sites.Inventory(sites, Sites.Env(1, idle), Sites.Env(2, tight));
        var first = Made(inventory);
        Assert.InRange(first.Nodes[0].GuestMiB!.Value, 230, 899);
        Assert.Null(first.Nodes[1].GuestMiB);
        // The guest that refused its balloon: nothing is given that it still has.
        Assert.Null(Made(inventory with { Version = 8 }).Nodes[1].GuestMiB);
        var second = Made(Fleets.Apply(inventory, first));
        Assert.True(second.Nodes[1].GuestMiB >= 612, $"{second.Nodes[1]}");
        Assert.Null(second.Nodes[0].GuestMiB);
    }

    // A full host beside one with CPU to spare, whose guest of 900 MiB and two others leave too little memory free.
    private static Inventory LacksMemory(int uses, long memory, params int[] others) => Sites.Inventory(
        [
            Sites.Of(2048, 2)[0] with
            {
                Hosts =
                [
                    Sites.Of(2048, 1)[0].Hosts[0],
                    .. Enumerable.Range(2, 1 + others.Length).Select(host =>
                        Sites.Of(host == 2 ? memory : others[host - 3], 3)[0].Hosts[host - 1]),
                ],
            },
        ],
        Sites.Env(1, NodeOf(1, 1, 1, 0.5)), Sites.Env(2, NodeOf(2, 1, 1, 0.5)),
        Sites.Env(3, NodeOf(3, 2, 0.1, 0.1, memory: uses, guest: 900)));

    [Fact]
    public void Guests_give_memory_for_a_move_that_lacks_only_that()
    {
        var plan = Made(LacksMemory(uses: 200, memory: 1100));
        Assert.Empty(plan.Moves);
        Assert.InRange(plan.Nodes[2].GuestMiB!.Value, 230, 744);
    }

    [Fact]
    public void Guests_keep_their_memory_when_all_they_can_give_is_too_little_for_the_move()
    {
        var plan = Made(LacksMemory(uses: 600, memory: 956));
        Assert.Empty(plan.Moves);
        Assert.Null(plan.Nodes[2].GuestMiB);
    }

    [Fact]
    public void Guests_keep_their_memory_when_the_same_plan_moves_the_node_to_another_host()
    {
        var plan = Made(LacksMemory(uses: 200, memory: 1100, others: 2048));
        Assert.Equal(Sites.Host(3), Assert.Single(plan.Moves).To);
        Assert.Null(plan.Nodes[2].GuestMiB);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.04)]
    public void A_guest_that_gave_memory_does_not_take_it_back_when_there_is_no_margin(double margin)
    {
        var planner = new VioPlanner(new VioOptions { MemoryMargin = margin });
        var inventory = Sites.Inventory(
            Sites.Of(600 + 512 + 2 * 56, 1), Sites.Env(1, NodeOf(1, 1, 0.1, 0.1, memory: 500, guest: 600)),
            Sites.Env(2, NodeOf(2, 1, 0.1, 0.1, memory: 505, guest: 512)));
        var first = Made(inventory, planner);
        Assert.InRange(first.Nodes[0].GuestMiB!.Value, 500, 599);
        var second = Made(Fleets.Apply(inventory, first), planner);
        Assert.Null(second.Nodes[0].GuestMiB);
        Assert.True(second.Nodes[1].GuestMiB > 512);
    }

    // Samples of a minute reach back further than the hour of the peak.
    [Fact]
    public void A_guest_keeps_what_any_sample_that_is_kept_says_it_used()
    {
        var history = SampleHistory.Empty;
        for (var minute = 119; minute >= 0; minute--)
            (history, _) = history.Add(Sites.Node(1), new Sample(
                Sites.Now.AddMinutes(-minute), 0.1, 1, minute > 100 ? 800 : 200), Sites.Now);
        var plan = Made(Sites.Inventory(
            Sites.Of(900 + 512 + 2 * 56, 1), Sites.Env(1, NodeOf(1, 1, 0.1, 0.1, guest: 900) with
            {
                Samples = history,
            }),
            Sites.Env(2, NodeOf(2, 1, 0.1, 0.1, memory: 505, guest: 512))));
        Assert.True(plan.Nodes[0].GuestMiB is null or >= 800);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(50, true)]
    [InlineData(58, false)]
    [InlineData(61, false)]
    public void A_guest_gives_as_soon_as_it_said_what_it_uses_and_silence_is_no_use_of_all(int silent, bool gives)
    {
        var idle = NodeOf(1, 1, 0.1, 0.1, memory: 200, guest: 900, silent: silent);
        var plan = Made(Sites.Inventory(
            Sites.Of(900 + 512 + 2 * 56, 1), Sites.Env(1, idle),
            Sites.Env(2, NodeOf(2, 1, 0.1, 0.1, memory: 505, guest: 512))));
        Assert.Equal(gives, plan.Nodes[0].GuestMiB < 900);
    }

    [Fact]
    public void A_closed_host_is_emptied_whatever_the_cooldown()
    {
        var sites = Sites.Of(2048, 3);
        var closed = sites.SetItem(0, sites[0] with
        {
            Hosts = sites[0].Hosts.SetItem(0, sites[0].Hosts[0] with { Closed = true }),
        });
        var plan = Made(Sites.Inventory(closed, Sites.Env(
            1, NodeOf(1, 1, 0.2, 0.2) with { LastMoved = Sites.Now }, NodeOf(2, 1, 0.2, 0.2),
            NodeOf(3, 1, 0.2, 0.2) with { Pinned = true })));
        Assert.Equal([true, true, false], plan.Nodes.Select(one => one.To != Sites.Host(1)));
    }

    [Fact]
    public void Power_mode_empties_a_host_of_many_nodes_over_several_plans_and_moves_none_twice()
    {
        const int Each = 20;
        var saving = new VioPlanner(new VioOptions { PowerSaving = true, SpareHosts = 0 });
        var sites = Sites.Of(65536, 3);
        sites = [sites[0] with { Hosts = [.. sites[0].Hosts.Select(host => host with { CpuCores = 16 })] }];
        var inventory = Sites.Inventory(sites, [.. Enumerable.Range(0, 3 * Each).Select(index =>
            Sites.Env(index + 1, Sites.NodeOn(index + 1, index / Each + 1)))]);
        var (random, moved) = (new Random(1), new List<NodeDecision>());
        for (var minute = 0; minute < 20; minute++)
        {
            inventory = Fleets.Observe(
                inventory, node => 0.1 + 0.1 * random.NextDouble(), random, Sites.Now.AddMinutes(minute));
            var plan = Made(inventory, saving);
            moved.AddRange(plan.Moves);
            inventory = Fleets.Apply(inventory, plan);
        }

        // All of one host, and of no other.
        Assert.Equal(Each, moved.Select(one => one.Node).Distinct().Count());
        Assert.Equal(Each, moved.Count);
        var sleeps = Assert.Single(Made(inventory, saving).Hosts);
        Assert.All(moved, one => Assert.Equal(sleeps.Host, one.From));
        Assert.True(sleeps.Sleep);
    }

    [Fact]
    public void Power_mode_empties_a_host_lets_it_sleep_and_wakes_it()
    {
        var saving = new VioPlanner(new VioOptions { PowerSaving = true, SpareHosts = 0 });
        var inventory = Sites.Inventory(
            Sites.Of(2048, 2), Sites.Env(1, NodeOf(1, 1, 0.3, 0.3), NodeOf(2, 2, 0.2, 0.2)));
        var packed = Made(inventory, saving);
        var move = Assert.Single(packed.Moves);
        Assert.Empty(packed.Hosts);
        inventory = Fleets.Apply(inventory, packed);
        var sleeping = Assert.Single(Made(inventory, saving).Hosts);
        Assert.Equal((move.From, true), (sleeping.Host, sleeping.Sleep));

        var sites = inventory.Sites.SetItem(0, inventory.Sites[0] with
        {
            Hosts = [.. inventory.Sites[0].Hosts.Select(host => host with { Asleep = host.Id == sleeping.Host })],
        });
        inventory = inventory with
        {
            Sites = sites,
            Environments = [Sites.Env(
                1, NodeOf(1, 1, 1, 0.5) with { Host = move.To }, NodeOf(2, 1, 1, 0.5) with { Host = move.To })],
        };
        var woken = Assert.Single(Made(inventory, saving).Hosts);
        Assert.Equal((sleeping.Host, false), (woken.Host, woken.Sleep));
    }
}
