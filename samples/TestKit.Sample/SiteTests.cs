using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Simulation;
using VioActors.Simulation.Site;

namespace VioActors.TestKit.Sample;

/// <summary>A whole site, for tests of what is built on VioActors.</summary>
public sealed class SiteTests
{
    [Fact]
    public void An_environment_gets_ready()
    {
        using var site = TestSite.Start(hosts: 2);
        var environment = site.Apply(Spec("n1", "n2"));
        site.Expect<NodePowerChanged>(node => node.Power == NodePower.Ready);
        environment.Done();
        Assert.Equal(NodePower.Ready, environment["n2"].Power);
        Assert.Equal(1, site.World.RunningCopies(environment["n2"].Id));
    }

    [Fact]
    public void A_node_moves_although_the_server_dies_in_the_middle()
    {
        using var site = TestSite.Start(hosts: 2);
        var environment = site.Apply(Spec("n1")).Done();
        var node = environment["n1"];
        var target = site.Hosts.Single(host => host.Id != node.Host);

        environment.Begin(new MoveNode(node.Id, target.Id, BandwidthMiBps: 10));
        site.Expect<MoveAdvanced>(move => move.Phase == MovePhase.Copying);
        site.CrashServer();
        site.Advance(TimeSpan.FromSeconds(5));
        site.StartServer();

        environment.Done();
        Assert.Equal(target.Id, environment["n1"].Host);
        Assert.Equal(1, site.World.MostCopies(node.Id));
    }

    [Fact]
    public void What_a_fenced_host_ran_starts_elsewhere()
    {
        using var site = TestSite.Start(hosts: 2);
        var environment = site.Apply(Spec("n1")).Done();
        var dead = site.Hosts.Single(host => host.Id == environment["n1"].Host);

        dead.PowerOff();
        site.Expect<HostWent>();
        dead.Fence();
        site.Expect<NodePowerChanged>(node => node.Power == NodePower.Lost);
        environment.Begin(new StartNodeNow(environment["n1"].Id)).Done();

        dead.BringBack();
        site.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(dead.Id, environment["n1"].Host);
        Assert.Empty(dead.Real.Kept);
    }

    [Fact]
    public void A_node_that_cannot_start_leaves_nothing()
    {
        using var site = TestSite.Start(hosts: 1);
        site.Hosts[0].Real.FailNext(SimCall.Start, times: 100);
        var ended = site.Apply(Spec("n1")).Ended();
        Assert.Equal(OperationPhase.Failed, ended.Phase);
        Assert.False(site.Hosts[0].Real.KeepsAnything);
        Assert.Empty(site.DeadLetters);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Faults_of_every_kind_end_in_all_or_nothing(int seed)
    {
        using var site = TestSite.Start(new TestSiteOptions
        {
            Seed = seed,
            Chaos = new SimChaos(seed) { Loss = 0.2, CrashPerCommit = 0.05 },
        });
        var environment = site.Apply(Spec("n1", "n2", "n3"));
        var ended = environment.Ended();
        // A host that is away when a creation is undone may still hold a node: it stays, and says why.
        if (ended.Phase == OperationPhase.Done)
            Assert.Equal(3, environment.State.Nodes.Count);
        else
            Assert.All(environment.State.Nodes.Values, node => Assert.Equal("host-unreachable", node.Why?.Code));
        Assert.Empty(site.World.Violations);
    }

    private static EnvironmentSpec Spec(params string[] names) => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        ReadyTimeoutSeconds = 30,
        Nodes = [.. names.Select(name => new NodeSpec { Name = name, Image = TestSite.Image, MemoryMiB = 128 })],
    };
}
