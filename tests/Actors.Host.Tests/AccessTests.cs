using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Host.Tests;

/// <summary>Every message under every role and sender: what is not in the table is denied.</summary>
public class AccessTests
{
    private static readonly object[] Messages =
    [
        new HostConnected(Hosts.Id, Hosts.Facts, [], Hosts.Site),
        new HostDisconnected(Hosts.Id),
        new HostNodesEnded(Hosts.Id, [Hosts.Node(1)]),
        new FenceHost(Hosts.Id),
        new AgentAnswered("r", AgentOutcome.Done()),
        new EffectFailed("r", new AgentCall(Hosts.Id, 1, Hosts.Observe(1)), "x", "y"),
        new Book("r", Hosts.Astro, Hosts.Node(1), 100, 1, 0),
        new BookNodes("r", Hosts.Astro, [new NodeRoom(Hosts.Node(1), 100, 1, 0)]),
        new Unbook("r", Hosts.Astro, Hosts.Node(1)),
        new HostCommand("r", Hosts.Astro, Hosts.Observe(1)),
        new ReleaseName(Hosts.Astro),
    ];

    [Theory]
    [InlineData("viewer:eve", false, false), InlineData("owner:eve", false, false)]
    [InlineData("operator:eve", false, true), InlineData("admin:eve", false, true)]
    [InlineData("agent:h-1", true, false), InlineData("agent:h-2", false, false),
    InlineData("system:system", true, true)]
    public void OutsidersMayWhatTheTableSays(string principal, bool mayConnect, bool mayFence)
    {
        foreach (var message in Messages)
        {
            var allowed = message switch
            {
                HostConnected or HostDisconnected or HostNodesEnded => mayConnect,
                FenceHost => mayFence,
                AgentAnswered or EffectFailed => true, // results of effects carry whoever asked for the work
                _ => false,
            };
            Assert.Equal(!allowed, Hosts.New().Ask(message, principal).Refusal?.Code == "forbidden");
        }
    }

    [Fact]
    public void OnlyAnEnvironmentAsksAndForItself()
    {
        ActorKey[] senders =
            [Hosts.Astro.Key(), Hosts.Boson.Key(), new(ActorKinds.Network, Hosts.Astro.Value),
                new(ActorKinds.Host, "h-1")];
        foreach (var message in Messages)
            foreach (var sender in senders)
            {
                var allowed = message switch
                {
                    Book or BookNodes or Unbook or HostCommand => sender == Hosts.Astro.Key(),
                    _ => false,
                };
                Assert.Equal(!allowed, Hosts.New().Hear(sender, message).Refusal?.Code == "forbidden");
            }
    }

    [Fact]
    public void AMessageForAnotherHostIsRefused()
    {
        var other = HostId.From("h-2");
        Assert.Equal("wrong-host", Hosts.New().Ask(new FenceHost(other)).Refusal!.Code);
        Assert.Equal("wrong-host", Hosts.New().Ask(new HostDisconnected(other)).Refusal!.Code);
        Assert.Equal("wrong-host", Hosts.New().Ask(new HostNodesEnded(other, [])).Refusal!.Code);
        Assert.Equal("wrong-host",
            Hosts.New().Ask(new HostConnected(other, Hosts.Facts, [], Hosts.Site)).Refusal!.Code);
    }
}
