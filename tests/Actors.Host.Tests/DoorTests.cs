using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;
using VioActors.TestKit;

namespace VioActors.Actors.Host.Tests;

public class DoorTests
{
    private static readonly NodeShape Shape =
        SampleShape.New() with { Node = Hosts.Node(1), Environment = Hosts.Astro };

    private static readonly AgentCommand Start = new StartNode { Node = Hosts.Node(1), Run = 4, Shape = Shape };

    [Fact]
    public void ACommandGoesOutOnceAndIsAnsweredOnce()
    {
        var host = Hosts.Connected();
        host.Book(1, 256);
        var effect = Assert.Single(host.Command("r1", Start).Effects);
        Assert.Equal(("r1", ActorKinds.AgentEffect), (effect.Id, effect.Kind));
        var call = Assert.IsType<AgentCall>(effect.Payload);
        Assert.Equal((Hosts.Id, 7L, 4L), (call.Host, call.Generation, call.Command.Run));
        Assert.Equal("viewer:eve", call.By); // who led to the command, as the door heard it
        Assert.Equivalent(Decision.Nothing, host.Command("r1", Start));

        var seen = Hosts.Seen(1, NodePresence.Running);
        var decision = host.Ask(new AgentAnswered("r1", AgentOutcome.Done(seen)), "owner:alice");
        var answer = decision.One<CommandAnswer>();
        Assert.Equal(("r1", Hosts.Id, Hosts.Node(1)), (answer.RequestId, answer.Host, answer.Node));
        Assert.Equal(seen, answer.Outcome.Observation);
        Assert.Equal(Hosts.Astro.Key(), decision.Sends[0].To);
        Assert.Equivalent(Decision.Nothing, host.Ask(new AgentAnswered("r1", AgentOutcome.Done())));
        host.AssertReplays();
    }

    [Fact]
    public void AnEffectThatFailsLeavesTheResultUnknown()
    {
        var host = Hosts.Connected();
        var effect = host.Command("r1", Hosts.Observe(1)).Effects[0];
        var answer =
            host.Ask(new EffectFailed("r1", effect.Payload, "timeout", "no answer in 30 s")).One<CommandAnswer>();
        Hosts.AssertFailure(answer.Outcome.Failure, FailureCode.HostUnreachable, "(timeout: no answer in 30 s)");
        Assert.Empty(host.State.Commands);
    }

    [Fact]
    public void AHostThatCannotBeAskedAnswersAtOnce()
    {
        void Fails(ActorHarness<HostState> host, string text) => Hosts.AssertFailure(
            host.Command("r", Hosts.Observe(1)).One<CommandAnswer>().Outcome.Failure, FailureCode.HostUnreachable,
                text);

        var host = Hosts.New();
        Fails(host, "never connected");
        host.Connect();
        host.Disconnect();
        Fails(host, "is away");
        host.Ask(new FenceHost(Hosts.Id));
        Fails(host, "is fenced");
    }

    [Fact]
    public void WhatIsNotBookedDoesNotStartOrGrow()
    {
        AgentCommand[] covered =
        [
            Start,
            new PrepareNode { Node = Hosts.Node(1), Shape = Shape },
            new ReceiveMove { Node = Hosts.Node(1), Shape = Shape, Move = OperationId.From("op-1"), From =
                HostId.From("h-2") },
            new ResizeNode { Node = Hosts.Node(1), MemoryMiB = 256, CpuWeight = 100 },
        ];
        foreach (var command in covered)
        {
            Failure? Try(ActorHarness<HostState> host, EnvironmentId? by = null) =>
                host.Command("r", command, by).Sent<CommandAnswer>().FirstOrDefault()?.Outcome.Failure;

            var host = Hosts.Connected();
            Hosts.AssertFailure(Try(host), "not-booked", "would take 324 MiB");
            host.Book(1, 255);
            Hosts.AssertFailure(Try(host), "not-booked", "but 322 MiB are booked");
            Hosts.AssertFailure(Try(host, Hosts.Boson), "booked-by-other", "another environment");
            host.Book(1, 256);
            Assert.Null(Try(host));
        }
    }

    [Fact]
    public void CommandsAreBoundedAndRequestIdsAreOnesOwn()
    {
        var host = Hosts.Connected();
        for (var i = 0; i < HostLimits.CommandsInFlight; i++)
            Assert.Single(host.Command($"r{i}", Hosts.Observe(1)).Effects);
        Hosts.AssertFailure(
            host.Command("more", Hosts.Observe(1)).One<CommandAnswer>().Outcome.Failure, "busy", "1024 commands");
        Hosts.AssertFailure(
            host.Command("r1", Hosts.Observe(1), Hosts.Boson).One<CommandAnswer>().Outcome.Failure, "request-taken",
                "'r1'");
    }
}
