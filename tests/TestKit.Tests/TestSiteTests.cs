using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.TestKit.Tests;

/// <summary>A site in the kit's hands: every part dies and comes back, and says so.</summary>
public sealed class TestSiteTests
{
    [Fact]
    public void A_crash_at_any_commit_leaves_one_copy_of_every_node()
    {
        var crashes = TestSite.CrashEverywhere(new TestSiteOptions(), site =>
        {
            var environment = site.Apply(Spec("n1", "n2")).Done();
            Assert.All(environment.State.Nodes.Keys, node => Assert.Equal(1, site.World.MostCopies(node)));
            environment.Begin(new DeleteEnvironment()).Done();
            site.Advance(TimeSpan.FromSeconds(30));
            Assert.All(site.Hosts, host => Assert.Empty(host.Real.Kept));
            Assert.Empty(site.DeadLetters);
        });
        Assert.True(crashes > 20, $"only {crashes} commits");
    }

    [Fact]
    public void A_host_that_is_away_is_told_away_and_comes_back_with_its_machines()
    {
        using var site = TestSite.Start(hosts: 1);
        var environment = site.Apply(Spec("n1")).Done();
        site.Hosts[0].Disconnect();
        site.Expect<HostWent>();
        site.Hosts[0].BringBack();
        site.Expect<HostCame>();
        site.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, site.World.RunningCopies(environment["n1"].Id));
        Assert.Equal(NodePower.Ready, environment["n1"].Power);
    }

    [Fact]
    public void An_agent_that_dies_does_not_take_its_machines_along()
    {
        using var site = TestSite.Start(hosts: 1);
        var environment = site.Apply(Spec("n1"));
        site.Expect<NodePlaced>();
        site.Hosts[0].CrashAgent();
        environment.Done();
        Assert.Equal(1, site.World.MostCopies(environment["n1"].Id));
    }

    [Fact]
    public void A_refused_spec_and_a_failed_operation_say_why()
    {
        using var site = TestSite.Start(new TestSiteOptions { Hosts = 1, HostMemoryMiB = 256 });
        var refused = Assert.Throws<TestKitException>(() => site.Apply(Spec("n1") with { Subnet = "no" }));
        Assert.Contains("it was refused", refused.Message);
        var failed = Assert.Throws<TestKitException>(() => site.Apply(Spec("n1", "n2", "n3")).Done());
        Assert.Contains("expected that it is done; it is Failed", failed.Message);
    }

    private static EnvironmentSpec Spec(params string[] names) => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        Nodes = [.. names.Select(name => new NodeSpec { Name = name, Image = TestSite.Image, MemoryMiB = 128 })],
    };
}
