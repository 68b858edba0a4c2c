using System.Text.Json;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Contracts;
using VioActors.Simulation.DataCenter;
using VioActors.Simulation.Tests.DataCenter;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests.World;

public sealed class WorldPlanTests
{
    private static readonly WorldSetup OneNode = new([Worlds.Site("d1", 2)], [Worlds.Phased("a", 1, 400)])
    {
        Length = TimeSpan.FromHours(1),
    };

    private static WorldReport Run(WorldSetup setup, IPlanner? planner) =>
        WorldRun.Run(setup, planner, cancel: TestContext.Current.CancellationToken);

    private static IPlanner? PlannerOf(string policy) => policy switch
    {
        "vio" => new VioPlanner(new VioOptions()),
        "violin-2007" => new ViolinPlanner(ViolinOptions.Corrected),
        _ => null,
    };

    [Theory]
    [InlineData("none")]
    [InlineData("violin-2007")]
    [InlineData("vio")]
    public void Any_fleet_keeps_its_bounds_and_the_same_seed_gives_the_same_report(string policy)
    {
        var reports = new HashSet<string>();
        for (var seed = 1; seed <= 12; seed++)
        {
            var setup = Worlds.Any(seed);
            var report = Run(setup, PlannerOf(policy));
            Assert.Null(report.Failure);
            var most = setup.Sites.Sum(site => site.Hosts.Sum(group => group.Count * group.Power.Full));
            Assert.InRange(report.EnergyKwh, 0, most * report.Seconds / 3.6e6);
            Assert.InRange(report.LostServiceSeconds, 0, setup.Nodes * report.Seconds);
            Assert.InRange(report.CpuSlack, 0, 1);
            Assert.InRange(report.MemorySlack, 0, 1);
            Assert.All(report.Hosts, host => Assert.All(
                host.Load, load => Assert.True(load <= 1 + 1e-9)));
            Assert.Equal(Text(report), Text(Run(setup, PlannerOf(policy))));
            reports.Add(Text(report));
        }

        Assert.Equal(12, reports.Count);
    }

    [Fact]
    public void Deaths_and_loads_do_not_depend_on_the_policy()
    {
        var without = Run(Worlds.Any(4), null);
        var with = Run(Worlds.Any(4), PlannerOf("vio"));
        Assert.True(without.HostDeaths > 0);
        Assert.Equal(without.HostDeaths, with.HostDeaths);
    }

    [Fact]
    public void Requests_that_come_do_not_depend_on_which_nodes_are_up()
    {
        static double Last(FailureSetup failures)
        {
            var web = new ServiceSetup("w1", 2, 4, 512, 100, 0.005)
            {
                Noise = 0.2,
                Bursts = new BurstSetup(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1), 3),
                Apart = true,
            };
            var watch = new Scripted((_, _, stays) => stays);
            Run(new WorldSetup([Worlds.Site("d1", 2, 4)], [web])
            {
                Length = TimeSpan.FromMinutes(20),
                Failures = failures,
            }, watch);
            return watch.Seen[^1].Environments[0].Nodes[0].Samples.Newest[0].CpuUsedCores;
        }

        // Alone it has the load of both.
        var died = new FailureSetup { Known = [(1, TimeSpan.FromMinutes(10))] };
        Assert.Equal(2 * Last(new FailureSetup()), Last(died), 9);
    }

    [Fact]
    public void Under_vio_a_service_keeps_its_CPU_beside_nodes_that_take_all_there_is()
    {
        // Four cores: the service needs 1.2 of its two, four others take whatever there is.
        var setup = new WorldSetup(
            [Worlds.Site("d1", 1, 4)], [new ServiceSetup("w1", 1, 2, 512, 240, 0.005), Worlds.Phased("a", 4, 3600)])
        {
            Length = TimeSpan.FromMinutes(30),
        };
        Assert.InRange(Run(setup, null).RequestsLostPercent!.Value, 30, 35);
        Assert.InRange(Run(setup, PlannerOf("vio")).RequestsLostPercent!.Value, 0, 1);
    }

    [Fact]
    public void A_plan_that_moves_more_than_its_planner_may_ends_the_run()
    {
        var setup = new WorldSetup([Worlds.Site("d1", 2)], [Worlds.Phased("a", 3, 400)]);
        var greedy = new Scripted((inventory, node, stays) => stays with { To = inventory.Sites[0].Hosts[1].Id })
        {
            Limits = new PlanLimits(1, 1),
        };
        Assert.Contains("limit: Host d1-h", Run(setup, greedy).Failure);
    }

    [Fact]
    public void A_plan_that_fails_the_check_ends_the_run_and_is_named()
    {
        var greedy = new Scripted((_, _, stays) => stays with { CpuCores = 7 });
        var report = Run(OneNode, greedy);
        Assert.StartsWith("At 00:00:10: cpu: Host d1-h1 would promise 7 of 1 cores", report.Failure);
        Assert.Equal("runs", report.Environments[0].State);
    }

    [Fact]
    public void A_move_costs_the_copy_and_its_downtime()
    {
        var moves = new Scripted((inventory, node, stays) => inventory.At.Minute == 1 && node.LastMoved is null
            && !node.Pinned ? stays with { To = HostId.From("d1-h2") } : stays);
        var report = Run(OneNode, moves);
        Assert.Equal((1, 0), (report.Migrations, report.Undone));
        // 512 MiB at 119.2 MiB/s while it writes 20 x 0.9 MiB/s: 4.295 s, then the 51.2 MiB that are written again.
        var (seconds, downtime) = PreCopy.Expect(512, 51.2, 119.2, 18, new CopySetup());
        Assert.Equal(downtime, report.DowntimeSeconds, 3);
        Assert.InRange(report.OverallSeconds!.Value, 400 + downtime + seconds * 0.05, 400 + downtime + seconds * 0.2);
        Assert.True(report.SlavPercent >= 0);
    }

    [Fact]
    public void Moves_there_and_back_are_counted_as_undone()
    {
        var restless = new Scripted((_, node, stays) => node.Pinned
            ? stays : stays with { To = HostId.From(node.Host.Value == "d1-h1" ? "d1-h2" : "d1-h1") });
        var report = Run(OneNode, restless);
        Assert.True(report.Migrations > 3);
        Assert.Equal(report.Migrations - 1, report.Undone);
    }

    [Fact]
    public void A_quota_and_a_small_balloon_are_felt()
    {
        var half = Run(OneNode, new Scripted((_, _, stays) => stays with { CpuQuotaPercent = 50 }));
        Assert.Null(half.Failure);
        Assert.Equal(10 + 390 * 2, half.OverallSeconds!.Value, 6);
        var tooSmall = Run(OneNode, new Scripted((_, _, stays) => stays with { GuestMiB = 128 }));
        Assert.StartsWith("At 00:00:10: balloon:", tooSmall.Failure);
        var fits = Run(OneNode, new Scripted((_, _, stays) => stays with { GuestMiB = 400 }));
        Assert.Equal(400, fits.OverallSeconds!.Value, 6);
    }

    [Fact]
    public void A_guest_that_grows_beyond_its_balloon_swaps()
    {
        var grows = new TraceSetup("t", 1, 512, [SyntheticTraces.Steady(0.5)])
        {
            Memory = [new CpuTrace([.. Enumerable.Range(0, CpuTrace.Length).Select(at => at == 0 ? 0.1 : 0.9)])],
        };
        var setup = new WorldSetup([Worlds.Site("d1", 1)], [grows]) { Length = TimeSpan.FromMinutes(20) };
        var shrinks = Run(setup, new Scripted((inventory, _, stays) =>
            stays with { GuestMiB = inventory.At.Minute == 0 ? 128 : null }));
        Assert.Null(shrinks.Failure);
        // From 10 % to 90 % within 300 s: above 128 MiB (25 %) after 56.25 s; three quarters are lost from then on.
        Assert.Equal((1200 - 57) * 0.75, shrinks.LostServiceSeconds, 6);
        Assert.Equal(0, Run(setup, null).LostServiceSeconds, 6);
    }

    [Fact]
    public void Weights_of_a_plan_decide_who_gets_what_on_a_full_host()
    {
        var setup = new WorldSetup([Worlds.Site("d1", 1)], [Worlds.Phased("a", 1, 300), Worlds.Phased("b", 1, 300)]);
        var report = Run(setup, new Scripted((inventory, node, stays) => stays with
        {
            CpuWeight = inventory.Environments[0].Nodes[0].Id == node.Id ? 300 : 100,
        }));
        // 10 s at a half each, then three quarters.
        Assert.Equal(10 + (300 - 5) / 0.75, report.Environments[0].CompletionSeconds!.Value, 6);
    }

    [Fact]
    public void A_site_sees_of_another_only_what_it_offers_and_may_be_refused()
    {
        WorldSetup Two(double refuses) => new(
            [Worlds.Site("d1", 1), Worlds.Site("d2", 2) with { Refuses = refuses }],
            [Worlds.Phased("a", 1, 300), Worlds.Phased("b", 1, 300)]);
        Scripted Leaves() => new((inventory, node, stays) => inventory.Environments is [{ } first, _]
            && first.Nodes[0].Id == node.Id && inventory.Sites is [{ Id.Value: "d1" }, { Hosts: [var lot, ..] }]
            && !node.Pinned
                ? stays with { To = lot.Id } : stays);

        var planner = Leaves();
        var moved = Run(Two(0), planner);
        Assert.Equal((1, 0), (moved.Migrations, moved.OffersRefused));
        Assert.All(planner.Seen, seen => Assert.DoesNotContain(
            seen.Sites.Skip(1).SelectMany(site => site.Hosts),
            host => host.Id.Value.Contains("-h", StringComparison.Ordinal)));
        var refused = Run(Two(1), Leaves());
        Assert.Equal(0, refused.Migrations);
        // Refused once, the manager leaves the node alone for five minutes.
        Assert.InRange(refused.OffersRefused, 2, 3);
    }

    [Fact]
    public void Empty_hosts_sleep_under_a_plan_that_says_so_and_wake_for_what_comes()
    {
        var late = Worlds.Phased("late", 4, 200) with { Start = TimeSpan.FromMinutes(30) };
        var setup = new WorldSetup([Worlds.Site("d1", 4, memoryMiB: 600)], [Worlds.Phased("a", 1, 300), late]);
        var saving = new VioPlanner(new VioOptions { PowerSaving = true, SpareHosts = 0 });
        var (sleeps, awake) = (Run(setup, saving), Run(setup, PlannerOf("vio")));
        Assert.Null(sleeps.Failure);
        Assert.True(sleeps.Sleeps >= 3);
        Assert.True(sleeps.Boots >= 3);
        Assert.Equal((0, 0), (awake.Sleeps, awake.Boots));
        Assert.All(sleeps.Environments, one => Assert.Equal("ended", one.State));
        Assert.True(sleeps.EnergyKwh < 0.7 * awake.EnergyKwh, $"{sleeps.EnergyKwh} of {awake.EnergyKwh} kWh");
        // Who comes waits for the boot.
        Assert.True(sleeps.OverallSeconds > awake.OverallSeconds + 100);
    }

    [Fact]
    public void Memory_is_never_promised_twice()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var watched = new Watched(new VioPlanner(new VioOptions()));
            Assert.Null(Run(Worlds.Any(seed), watched).Failure);
            Assert.All(watched.Seen, inventory =>
            {
                var nodes = inventory.Environments.SelectMany(one => one.Nodes).ToLookup(one => one.Host);
                Assert.All(inventory.Sites.SelectMany(site => site.Hosts), host => Assert.True(
                    nodes[host.Id].Sum(one => one.MemoryMiB) <= host.MemoryMiB, $"seed {seed}: {host.Id}"));
            });
            Assert.NotEmpty(watched.Seen);
        }
    }

    private static string Text(WorldReport report) => JsonSerializer.Serialize(report);

    private sealed class Watched(IPlanner planner) : IPlanner
    {
        public string Policy => planner.Policy;

        public List<Inventory> Seen { get; } = [];

        public PlanAnswer Plan(Inventory inventory)
        {
            Seen.Add(inventory);
            return planner.Plan(inventory);
        }
    }
}
