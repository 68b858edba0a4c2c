using System.Net;
using System.Net.Sockets;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What the controller says about addresses, relays and routes, checked.</summary>
public sealed class ReachPlanTests
{
    [Fact]
    public void A_member_may_have_several_addresses_or_none()
    {
        StatePlan plan = Plan(new WantedEnvironment
        {
            Id = "e",
            Members =
            [
                new WantedMember { Host = "b", Endpoint = "10.0.0.2:1", Candidates = ["10.0.1.2:1", "10.0.0.2:1"] },
                new WantedMember { Host = "c", Endpoint = "" },
                new WantedMember { Host = "d", Endpoint = "", Candidates = ["10.0.0.4:7"] },
            ],
        });
        Assert.Empty(plan.Errors);
        IReadOnlyList<PeerPlan> peers = plan.Environments[0].Peers;
        Assert.Equal(["10.0.0.2:1", "10.0.1.2:1"], peers[0].EndPoints.Select(e => e.ToString()));
        Assert.Empty(peers[1].EndPoints);
        Assert.Equal("10.0.0.4:7", peers[2].EndPoint.ToString());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("10.0.0.2:0")]
    [InlineData("[fd00::2]:7")]
    [InlineData("10.0.0.1:1,10.0.0.2:1,10.0.0.3:1,10.0.0.4:1,10.0.0.5:1,10.0.0.6:1,10.0.0.7:1,10.0.0.8:1")]
    public void A_wrong_or_one_more_address_is_an_error_that_names_it(string candidates)
    {
        StatePlan plan = Plan(new WantedEnvironment
        {
            Id = "e",
            Members =
            [
                new WantedMember { Host = "b", Endpoint = "10.0.0.9:1", Candidates = candidates.Split(',') },
                new WantedMember { Host = "c", Endpoint = "10.0.0.3:1" },
            ],
        });
        ApplyError error = Assert.Single(plan.Errors);
        Assert.Equal("member b", error.Item);
        Assert.Contains(candidates.Split(',')[^1], error.Reason);
        Assert.Equal("c", Assert.Single(plan.Environments[0].Peers).Host);
    }

    [Fact]
    public void Relays_are_a_group_of_their_own_that_no_environment_can_be()
    {
        var relay = new WantedMember { Host = "r", Endpoint = "10.0.0.7:1" };
        StatePlan plan = new StatePlanner("a", AddressFamily.InterNetwork).Plan(
            new SwitchWantedState { Version = 1, Relays = [relay, relay with { Host = "a" }] });
        EnvironmentPlan group = Assert.Single(plan.Environments);
        Assert.Equal("r", Assert.Single(group.Peers).Host);
        Assert.Empty(group.Ports);
        Assert.NotEmpty(Plan(new WantedEnvironment { Id = group.Id }).Errors);
    }

    [Fact]
    public void A_route_gives_each_host_its_next()
    {
        StatePlan plan = Plan(new WantedEnvironment
        {
            Id = "e",
            Members = [.. "abcd".Select(h => new WantedMember { Host = $"{h}", Endpoint = $"10.0.0.{h - 'a' + 1}:1" })],
            Routes = [new WantedRoute(["a", "b", "c", "d"])],
        });
        Assert.Empty(plan.Errors);
        Assert.Equal([null, "b", "b"], plan.Environments[0].Peers.Select(p => p.NextHop));
    }

    private static StatePlan Plan(WantedEnvironment environment) =>
        new StatePlanner("a", AddressFamily.InterNetwork).Plan(
            new SwitchWantedState { Version = 1, Environments = [environment] });
}
