using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Host.Tests;

public class PresenceTests
{
    [Fact]
    public void AHelloIsAnEventOnlyWhenItIsNews()
    {
        var host = Hosts.New();
        Assert.Single(host.Connect().Events.OfType<HostCame>());
        Assert.Empty(host.Connect().Events);
        Assert.Empty(host.Connect(Hosts.Facts with { MachineTypes = ["pc-1"] }).Events); // equal, another array
        Assert.Single(host.Connect(Hosts.Facts with { MachineTypes = ["pc-1", "pc-2"] }).Events);
        Assert.Single(host.Connect(Hosts.Facts with { Cores = 3 }).Events);
        host.Disconnect();
        Assert.Empty(host.Disconnect().Events);
        Assert.Single(host.Connect(Hosts.Facts with { Cores = 3 }).Events);
        host.AssertReplays();
    }

    [Fact]
    public void EveryHelloReachesSiteSwitchAndEnvironments()
    {
        var host = Hosts.Connected();
        host.Book(1, 100);
        host.Book(2, 100);
        host.Disconnect();
        var decision = host.Connect(
            null, Hosts.Seen(1, NodePresence.Running), Hosts.Seen(7, NodePresence.Paused, Hosts.Boson),
            Hosts.Seen(8, NodePresence.Running)); // nobody's: no booking, and the agent does not know either
        Assert.True(decision.One<HostCapacity>().Available);
        Assert.Equal("10.0.0.1:7000", decision.One<SwitchHostConnected>().Endpoint);
        var notices = decision.Sends.Where(send => send.Message is HostReturnedNotice)
            .ToDictionary(send => send.To, send => ((HostReturnedNotice)send.Message).Nodes);
        Assert.Equal(
            [(Hosts.Node(1), NodePresence.Running), (Hosts.Node(2), NodePresence.Absent)],
            notices[Hosts.Astro.Key()].Select(node => (node.Node, node.Presence)));
        Assert.Equal(Hosts.Node(7), Assert.Single(notices[Hosts.Boson.Key()]).Node);
        Assert.Equal(2, notices.Count);
    }

    [Fact]
    public void MachinesThatEndedAreToldToTheEnvironmentsThatBookedThem()
    {
        var host = Hosts.Connected();
        host.Book(1, 100);
        host.Book(2, 100);
        host.Book(3, 100, by: Hosts.Boson);
        var news = new HostNodesEnded(Hosts.Id, [Hosts.Node(2), Hosts.Node(3), Hosts.Node(2), Hosts.Node(9)]);
        var told = host.Ask(news, "agent:h-1").Sends.ToDictionary(
            send => send.To, send => Assert.IsType<NodesEndedNotice>(send.Message));
        Assert.Equal([Hosts.Node(2)], told[Hosts.Astro.Key()].Nodes);
        Assert.Equal([Hosts.Node(3)], told[Hosts.Boson.Key()].Nodes);
        Assert.Equal(2, told.Count);

        host.Disconnect();
        Assert.Empty(host.Ask(news, "agent:h-1").Sends); // the next hello tells everything
    }

    [Fact]
    public void AHostThatGoesIsToldToSiteAndSwitch()
    {
        var host = Hosts.Connected();
        host.Command("r1", Hosts.Observe(1));
        var decision = host.Disconnect();
        Assert.False(decision.One<HostCapacity>().Available);
        decision.One<SwitchHostDisconnected>();
        Assert.Empty(decision.CancelledEffects); // the agent may come back and answer
        Assert.Single(host.State.Commands);
    }

    [Fact]
    public void FencingAConnectedHostIsRefused()
    {
        var refusal = Hosts.Connected().Ask(new FenceHost(Hosts.Id), "operator:olga").Refusal!;
        Assert.Equal("host-connected", refusal.Code);
        Assert.StartsWith("Stop the machine or its agent first", refusal.Remedy);
    }

    [Fact]
    public void FencingVoidsBookingsAndEndsCommands()
    {
        var host = Hosts.Connected();
        host.Book(1, 100);
        host.Book(2, 100);
        host.Book(3, 100, by: Hosts.Boson);
        host.Command("r1", Hosts.Observe(1));
        host.Disconnect();
        var decision = host.Ask(new FenceHost(Hosts.Id), "operator:olga");
        Assert.Equal(new HostFencedReply(3), decision.Reply);
        Assert.Equal(["r1"], decision.CancelledEffects);
        Hosts.AssertFailure(decision.One<CommandAnswer>().Outcome.Failure, FailureCode.HostUnreachable, "was fenced");
        Assert.Equal(
            [Hosts.Astro.Key(), Hosts.Boson.Key()],
            decision.Sends.Where(send => send.Message is HostFencedNotice).Select(send => send.To));
        Assert.True(decision.One<HostCapacity>().Fenced);
        Assert.Empty(host.State.Bookings);
        Assert.Empty(host.State.Commands);
        Assert.Equal(new HostFencedReply(0), host.Ask(new FenceHost(Hosts.Id)).Reply);

        Assert.True(host.Connect().One<HostCapacity>().Available);
        Assert.Equal(HostPresence.Connected, host.State.Presence);
        host.AssertReplays();
    }
}
