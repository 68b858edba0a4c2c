using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Simulation.DataCenter;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests.World;

public sealed class WorldRunTests
{
    private static WorldReport Run(WorldSetup setup) =>
        WorldRun.Run(setup, null, cancel: TestContext.Current.CancellationToken);

    private static double? Completion(WorldReport report, string name) =>
        report.Environments.Single(one => one.Name == name).CompletionSeconds;

    [Fact]
    public void An_application_is_as_fast_as_its_slowest_node()
    {
        var report = Run(new WorldSetup(
            [Worlds.Site("d1", 3)], [Worlds.Phased("a", 1, 100), Worlds.Phased("b", 3, 100)]));
        Assert.Equal(200, Completion(report, "a")!.Value, 6);
        Assert.Equal(200, Completion(report, "b")!.Value, 6);
        Assert.Equal(200, report.OverallSeconds!.Value, 6);
    }

    [Fact]
    public void Energy_is_what_the_curve_says()
    {
        var power = PowerCurve.Named["ml110-g4"];
        var site = new SiteSetup("d1", [new HostSetup(1, 2, 4096) { Power = power }]);
        var half = new TraceSetup("t", 1, 512, [DataCenter.SyntheticTraces.Steady(0.5)]);
        var report = Run(new WorldSetup([site], [half]) { Length = TimeSpan.FromHours(2) });
        Assert.Equal(power.At(0.25) * 2 / 1000, report.EnergyKwh, 9);
        Assert.Equal((92.6 + 96) / 2, power.At(0.25), 9);
        Assert.Equal(0, report.LostServiceSeconds, 6);
        Assert.Equal(0.5, report.CpuSlack, 9);
    }

    [Fact]
    public void A_starved_service_loses_what_it_has_no_CPU_for()
    {
        var shop = new ServiceSetup("shop", 1, 2, 512, 200, 0.01);
        var report = Run(new WorldSetup([Worlds.Site("d1", 1)], [shop]) { Length = TimeSpan.FromHours(1) });
        Assert.Equal(50, report.RequestsLostPercent!.Value, 6);
        Assert.Equal(1800, report.LostServiceSeconds, 3);
        var enough = Run(new WorldSetup([Worlds.Site("d1", 1, 2)], [shop]) { Length = TimeSpan.FromHours(1) });
        Assert.Equal(0, enough.RequestsLostPercent!.Value, 6);
    }

    [Fact]
    public void A_service_is_highest_at_its_daily_peak()
    {
        var shop = new ServiceSetup("shop", 1, 1, 512, 50, 0.01)
        {
            DailySwing = 0.8,
            DailyPeak = TimeSpan.FromHours(6),
        };
        var report = Run(new WorldSetup([Worlds.Site("d1", 1)], [shop]) { Step = TimeSpan.FromMinutes(1) });
        var load = report.Hosts[0].Load;
        Assert.Equal(0.9, load.Max(), 2);
        Assert.Equal(0.1, load.Min(), 2);
        Assert.Equal(6 * 3600, load.IndexOf(load.Max()) * report.PieceSeconds, 600.0);
    }

    [Theory]
    [InlineData(20, 125)]
    [InlineData(null, 165)]
    public void A_dead_host_costs_only_its_nodes_what_they_did_since_their_checkpoint(int? checkpoint, double ends)
    {
        // It dies at 50 s; 10 s until that is sure, 5 s boot; saved was the work of 40 s, or none.
        var saves = Worlds.Phased("a", 1, 100) with
        {
            Checkpoint = checkpoint is { } every ? TimeSpan.FromSeconds(every) : null,
        };
        var report = Run(new WorldSetup([Worlds.Site("d1", 3)], [saves, Worlds.Phased("b", 1, 100)])
        {
            Failures = new FailureSetup
            {
                Known = [(0, TimeSpan.FromSeconds(50))],
                Detect = TimeSpan.FromSeconds(10),
                NodeBoot = TimeSpan.FromSeconds(5),
            },
        });
        Assert.Equal(ends, Completion(report, "a")!.Value, 6);
        Assert.Equal(100, Completion(report, "b")!.Value, 6);
        Assert.Equal((1, 1), (report.HostDeaths, report.Restarts));
    }

    [Fact]
    public void A_repaired_host_takes_nodes_that_had_no_other_place()
    {
        var report = Run(new WorldSetup([Worlds.Site("d1", 1)], [Worlds.Phased("a", 1, 100)])
        {
            Failures = new FailureSetup { Known = [(0, TimeSpan.FromSeconds(50))], Repair = TimeSpan.FromMinutes(5) },
        });
        // 50 s, 5 min repair, 2 min boot of the host, 20 s boot of the node, then all again.
        Assert.Equal(50 + 300 + 120 + 20 + 100, Completion(report, "a")!.Value, 6);
        Assert.Equal(1, report.Boots);
    }

    [Fact]
    public void What_has_no_room_waits_and_is_said()
    {
        var report = Run(new WorldSetup(
            [Worlds.Site("d1", 1, memoryMiB: 600)], [Worlds.Phased("a", 1, 50), Worlds.Phased("b", 1, 50)]));
        Assert.Equal((50, 100), (Completion(report, "a"), Completion(report, "b")));
        var never = Run(new WorldSetup([Worlds.Site("d1", 1, memoryMiB: 100)], [Worlds.Phased("a", 1, 50)])
        {
            Length = TimeSpan.FromMinutes(1),
        });
        Assert.Equal("waits", never.Environments[0].State);
    }

    [Fact]
    public void Nodes_that_must_be_apart_are()
    {
        var apart = Worlds.Phased("a", 3, 50) with { Apart = true };
        var report = Run(new WorldSetup([Worlds.Site("d1", 2, 8)], [apart]) { Length = TimeSpan.FromMinutes(1) });
        Assert.Equal("waits", report.Environments[0].State);
        Assert.Equal(50, Completion(Run(new WorldSetup([Worlds.Site("d1", 3, 8)], [apart])), "a"));
    }

    [Fact]
    public void Sizes_have_limits()
    {
        var loads = ImmutableArray.Create<LoadSetup>(Worlds.Phased("a", 1, 1));
        Assert.Contains("hosts", WorldLimits.Refuse(new WorldSetup([Worlds.Site("d", 2001)], loads)));
        Assert.Contains("nodes", WorldLimits.Refuse(
            new WorldSetup([Worlds.Site("d", 1)], [Worlds.Phased("a", 20_001, 1)])));
        Assert.Contains("days", WorldLimits.Refuse(
            new WorldSetup([Worlds.Site("d", 1)], loads) { Length = TimeSpan.FromDays(32) }));
        Assert.Contains("steps", WorldLimits.Refuse(
            new WorldSetup([Worlds.Site("d", 1)], [Worlds.Phased("a", 20_000, 1)])));
        Assert.Throws<ArgumentException>(() => Run(new WorldSetup([Worlds.Site("d", 2001)], loads)));
    }
}
