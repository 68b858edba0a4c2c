using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Switching;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>Where switches may be reached, from one agent's options to another's switch.</summary>
public sealed class SwitchEndpointsTests
{
    [Fact]
    public void All_addresses_of_a_host_reach_the_switches_of_the_others()
    {
        var options = new AgentOptions
        {
            Name = "h1",
            MemoryMiB = 64,
            Cores = 1,
            SwitchListen = "10.0.0.1:7402",
            MoveListen = "",
            SwitchEndpoints = ["198.51.100.7:7402"],
            SwitchTcpListen = "10.0.0.1:443",
        };
        var member = Translated(SwitchEndpoints.Of(options).Text);
        Assert.Equal("10.0.0.1:7402", member.Endpoint);
        Assert.Equal(["198.51.100.7:7402"], member.Candidates);
        Assert.Equal("10.0.0.1:443", member.TcpEndpoint);
    }

    [Fact]
    public void One_address_alone_is_written_as_ever()
    {
        var member = Translated("10.0.0.1:7402");
        Assert.Equal("10.0.0.1:7402", member.Endpoint);
        Assert.Empty(member.Candidates);
        Assert.Null(member.TcpEndpoint);
    }

    private static WantedMember Translated(string endpoint) => Assert.Single(Assert.Single(SwitchTranslation.Translate(
        new SwitchWanted
        {
            Generation = 1,
            Version = 1,
            Environments =
            [
                new VioActors.Contracts.Agents.SwitchEnvironment
                {
                    Environment = new EnvironmentId("e1"),
                    Subnet = "10.1.0.0/16",
                    Members = [new SwitchMember(new HostId("h1"), endpoint, "02:ff:00:00:00:01", "10.1.255.1")],
                },
            ],
        }, new HostId("h2"), "10.0.0.2:7402").Environments).Members);
}
