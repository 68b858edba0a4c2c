using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests.World;

/// <summary>What the manager that ships does between a planner and a fleet: none of it is the planner's.</summary>
public sealed class WorldManagerTests
{
    private static readonly TimeSpan Hold = ManagerLimits.HoldAfterFailure;

    private static WorldReport Run(WorldSetup setup, IPlanner planner) =>
        WorldRun.Run(setup, planner, cancel: TestContext.Current.CancellationToken);

    private static WorldSetup Two(int nodes, FailureSetup? failures = null) =>
        new([Worlds.Site("d1", 2)], [Worlds.Phased("a", nodes, 100_000)])
        {
            Length = TimeSpan.FromMinutes(20),
            Failures = failures ?? new FailureSetup(),
        };

    /// <summary>Moves everything to the second host as soon as it may.</summary>
    private static Scripted Leaves() => new((_, node, stays) =>
        node.Pinned ? stays : stays with { To = HostId.From("d1-h2") });

    private static NodeInventory First(Inventory inventory) => inventory.Environments[0].Nodes[0];

    [Fact]
    public void A_node_whose_move_failed_is_left_alone_for_some_time()
    {
        var planner = Leaves();
        var fails = Run(Two(1, new FailureSetup { MovesFail = 1 }), planner);
        // 19:50 of rounds: one try, then one after each five minutes.
        Assert.Equal((0, 4, 4), (fails.Migrations, fails.ChangesFailed, fails.NodesHeld));
        Assert.Equal(4, fails.Plans);
        Assert.True(fails.Rounds > 100);
        var free = planner.Seen.Where(seen => !First(seen).Pinned).Select(seen => seen.At).ToList();
        Assert.All(free.Zip(free.Skip(1)), pair => Assert.True(pair.Second - pair.First >= Hold));
        var works = Run(Two(1), Leaves());
        Assert.Equal((1, 1, 0, 0), (works.Migrations, works.ChangesDone, works.ChangesFailed, works.NodesHeld));
    }

    [Fact]
    public void A_guest_that_refuses_its_balloon_keeps_all_it_has_and_is_left_alone()
    {
        var planner = new Scripted((_, node, stays) => node.GuestMiB is null ? stays : stays with
        {
            GuestMiB = 400,
            CpuWeight = 300,
        });
        var refuses = Run(Two(1, new FailureSetup { BalloonsRefused = 1 }), planner);
        Assert.Equal((0, 4, 4), (refuses.ChangesDone, refuses.ChangesFailed, refuses.NodesHeld));
        Assert.All(planner.Seen, seen => Assert.Equal(100, First(seen).CpuWeight));
        var takes = Run(Two(1), planner);
        Assert.Equal((1, 0), (takes.ChangesDone, takes.ChangesFailed));
        Assert.Equal((300, 400), (First(planner.Seen[^1]).CpuWeight, First(planner.Seen[^1]).GuestMiB));
    }

    [Theory]
    [InlineData(AdaptMode.Manual, 0, 0)]
    [InlineData(AdaptMode.Partial, 0, 2)]
    [InlineData(AdaptMode.Automatic, 2, 2)]
    public void The_mode_says_what_is_done_without_a_person(AdaptMode mode, int moves, int changes)
    {
        var planner = new Scripted((_, node, stays) => node.Pinned ? stays : stays with
        {
            To = HostId.From(node.Host.Value == "d1-h1" && node.LastMoved is null ? "d1-h2" : node.Host.Value),
            CpuWeight = 300,
        });
        var setup = Two(3) with { Mode = mode };
        var report = Run(setup, planner);
        Assert.Equal(moves, report.Migrations);
        Assert.Equal(mode == AdaptMode.Manual, report.Rounds == 0);
        Assert.True(report.ChangesDone >= changes);
        var weight = planner.Seen.Count == 0 ? 100 : First(planner.Seen[^1]).CpuWeight;
        Assert.Equal(mode == AdaptMode.Manual ? 100 : 300, weight);
    }

    [Fact]
    public void Amounts_that_a_person_set_are_left_alone()
    {
        int Last(params PersonSetup[] people)
        {
            var planner = new Scripted((inventory, _, stays) => stays with
            {
                CpuWeight = 200 + inventory.At.Minute,
            });
            Assert.Null(Run(Two(1) with { People = [.. people] }, planner).Failure);
            return First(planner.Seen[^1]).CpuWeight;
        }

        Assert.Equal(50, Last(new PersonSetup("a", TimeSpan.FromMinutes(5)) { CpuWeight = 50 }));
        // As it was written it is the manager's again; a limit is another amount.
        Assert.Equal(219, Last(new PersonSetup("a", TimeSpan.FromMinutes(5)) { CpuWeight = 100 }));
        Assert.Equal(219, Last(new PersonSetup("a", TimeSpan.FromMinutes(5)) { CpuQuotaPercent = 80 }));
        Assert.Equal(219, Last());
    }

    [Fact]
    public void One_node_at_a_time_leaves_a_host_and_those_that_wait_count_where_they_go()
    {
        var planner = Leaves();
        var report = Run(Two(4) with { PlanEvery = TimeSpan.FromSeconds(2) }, planner);
        // Two of four start on each host; both copies take 4 s and a little: not at once, and not in two plans.
        Assert.Equal((2, 1), (report.Migrations, report.Plans));
        Assert.InRange(report.Moves[1].AtSeconds - report.Moves[0].AtSeconds, 4, 8);
        var next = planner.Seen[1];
        Assert.True(next.At < planner.Seen[0].At.AddSeconds(report.Moves[0].AtSeconds - 2));
        Assert.All(next.Environments[0].Nodes, node => Assert.Equal("d1-h2", node.Host.Value));
        Assert.Equal(4096 - 2 * 512, next.Sites[0].Hosts[0].MemoryMiB);
    }

    [Fact]
    public void What_waits_while_its_host_dies_is_stale_and_what_runs_fails()
    {
        var dies = new FailureSetup
        {
            Known = [(0, TimeSpan.FromSeconds(12))],
            Detect = TimeSpan.FromMinutes(30),
        };
        var report = Run(Two(8, dies), Leaves());
        // The first of four was on its way. Nobody has tried to move the others: they are not held.
        Assert.Equal((0, 0, 3, 1, 1), (
            report.Migrations, report.ChangesDone, report.ChangesRefused, report.ChangesFailed, report.NodesHeld));
    }

    [Fact]
    public void A_site_that_refuses_is_not_asked_again_at_once()
    {
        var setup = new WorldSetup(
            [Worlds.Site("d1", 1), Worlds.Site("d2", 2) with { Refuses = 1 }], [Worlds.Phased("a", 2, 100_000)])
        {
            Length = TimeSpan.FromMinutes(20),
        };
        var report = Run(setup, new Scripted((inventory, node, stays) =>
            inventory.Sites is [{ Id.Value: "d1" }, { Hosts: [var lot, ..] }] && !node.Pinned
                ? stays with { To = lot.Id } : stays));
        Assert.Equal((0, 4, 8, 8), (
            report.Migrations, report.OffersRefused, report.ChangesRefused, report.NodesHeld));
    }

    [Fact]
    public void An_environment_that_another_site_takes_arrives_whole()
    {
        var setup = new WorldSetup(
            [Worlds.Site("d1", 2), Worlds.Site("d2", 3)], [Worlds.Phased("a", 3, 100_000)])
        {
            Length = TimeSpan.FromMinutes(10),
        };
        var report = Run(setup, new Scripted((inventory, node, stays) => inventory.At.Minute == 2
            && inventory.Sites is [{ Id.Value: "d1" }, { Hosts: [var lot, ..] }] && !node.Pinned
                ? stays with { To = lot.Id } : stays));
        Assert.Null(report.Failure);
        Assert.Equal((3, 3, 0), (report.Migrations, report.ChangesDone, report.OffersRefused));
        Assert.All(report.Moves, move => Assert.True(move.Crosses));
    }

    [Fact]
    public void A_plan_that_changes_nothing_is_no_plan()
    {
        var report = Run(Two(2), new Scripted((_, _, stays) => stays with { CpuWeight = 100 }));
        Assert.Equal((0, 0), (report.Plans, report.ChangesDone));
        Assert.Equal(119, report.Rounds);
    }
}
