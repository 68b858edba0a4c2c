using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>What becomes of a node when nobody knows whether it runs, while its host can be asked.</summary>
public class LookTests
{
    private static readonly Failure Broken = new("broken", "Host h-a broke.", "Mend it.");

    [Fact]
    public void A_stop_that_failed_leaves_the_node_ready_as_its_host_sees_it()
    {
        var world = World.WithRunning("n1");
        FailFirst<StopNode>(world);
        Stop(world);
        world.Settle();
        Assert.Equal(OperationPhase.Failed, world.State.Operations[^1].Phase);
        Assert.Equal("Host alpha broke.", world.State.Operations[^1].Failure!.Reason);
        Assert.Equal((NodePower.Ready, null), (Node(world).Power, Node(world).Why));
        Assert.Single(world.Running);
    }

    [Fact]
    public void A_stop_that_worked_without_an_answer_is_seen()
    {
        var world = World.WithRunning("n1");
        world.LoseAnswer = message => message is HostCommand { Command: StopNode };
        Stop(world);
        world.Settle();
        Assert.Equal((NodePower.Off, "machine-ended"), (Node(world).Power, Node(world).Why!.Code));
        Assert.Empty(world.Running);
    }

    [Fact]
    public void A_host_that_cannot_say_is_asked_a_bounded_number_of_times_and_named()
    {
        var world = World.WithRunning("n1");
        var looks = 0;
        world.Fail = message => message switch
        {
            HostCommand { Command: ObserveNode } => looks++ >= 0 ? Broken : null,
            HostCommand { Command: StopNode } => Broken,
            _ => null,
        };
        Stop(world);
        world.Settle();
        Assert.Equal(Looks.Most, looks);
        Assert.Equal((NodePower.Unknown, "not-observed"), (Node(world).Power, Node(world).Why!.Code));
        Assert.Equal(
            "Host alpha is connected, but 20 looks did not show whether the machine runs: Host alpha broke.",
            Node(world).Why!.Reason);
        var refusal = world.Ask(new StopNodeNow(Node(world).Id, 0)).Refusal!;
        Assert.Contains(Node(world).Why!.Reason, refusal.Reason);
        Assert.Equal(Node(world).Why!.Remedy, refusal.Remedy);
    }

    [Fact]
    public void A_start_under_a_new_run_that_fails_is_bounded_too()
    {
        var world = World.WithRunning("n1");
        world.Fail = message => message is HostCommand { Command: StopNode or StartNode } ? Broken : null;
        Stop(world);
        world.Settle();
        Assert.Equal(NodePower.Unknown, Node(world).Power);
        Assert.Empty(world.Timers);

        world.Fail = _ => null;
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, Node(world).Id)]));
        world.Settle();
        Assert.Equal(NodePower.Ready, Node(world).Power);
    }

    [Fact]
    public void A_host_that_is_away_is_asked_once()
    {
        var world = World.WithRunning("n1");
        world.Away.Add(World.A);
        Stop(world);
        world.Settle();
        Assert.Equal((NodePower.Unknown, FailureCode.HostUnreachable), (Node(world).Power, Node(world).Why!.Code));
        Assert.Empty(world.Timers);
    }

    [Fact]
    public void A_machine_that_ended_is_looked_at_and_off()
    {
        var world = World.WithRunning("n1");
        world.Running.Clear();
        world.Tell(World.A, new NodesEndedNotice(World.A, [Node(world).Id]));
        world.Settle();
        Assert.Equal((NodePower.Off, "Its machine ended on host alpha."), (Node(world).Power, Node(world).Why!.Reason));
    }

    [Fact]
    public void News_that_are_not_true_any_more_change_nothing()
    {
        var world = World.WithRunning("n1");
        var before = World.Text(world.State);
        world.Tell(World.A, new NodesEndedNotice(World.A, [Node(world).Id, NodeId.Of(Guid.NewGuid())]));
        world.Tell(World.B, new NodesEndedNotice(World.B, [Node(world).Id]));
        world.Settle();
        Assert.Equal(before, World.Text(world.State));
    }

    [Fact]
    public void A_machine_that_ends_during_an_operation_is_looked_at_afterwards()
    {
        var world = World.WithRunning("n1");
        Assert.Null(world.Ask(new ResizeNodeTo(Node(world).Id, null, 200, null)).Refusal);
        world.Running.Clear();
        world.Tell(World.A, new NodesEndedNotice(World.A, [Node(world).Id]));
        world.Settle();
        Assert.Equal(OperationPhase.Done, world.State.Operations[^1].Phase);
        Assert.Equal(NodePower.Off, Node(world).Power);
    }

    [Fact]
    public void An_answer_from_before_a_decision_does_not_count()
    {
        var world = World.WithRunning("n1");
        world.Tell(World.A, new NodesEndedNotice(World.A, [Node(world).Id]));
        var look = Assert.IsType<HostCommand>(world.Waiting.Single());
        Stop(world);
        world.Settle();
        Assert.Null(world.Ask(new StartNodeNow(Node(world).Id)).Refusal);
        world.Settle();
        var gone = new NodeObservation { Node = Node(world).Id, Presence = NodePresence.Absent };
        world.Tell(World.A, new CommandAnswer(look.RequestId, World.A, Node(world).Id, AgentOutcome.Done(gone)));
        Assert.Equal(NodePower.Ready, Node(world).Power);
        world.Settle();
        Assert.Equal(NodePower.Ready, Node(world).Power);
    }

    private static NodeState Node(World world) => world.State.Nodes.Values.Single();

    private static void Stop(World world) => Assert.Null(world.Ask(new StopNodeNow(Node(world).Id, 0)).Refusal);

    private static void FailFirst<TCommand>(World world) where TCommand : AgentCommand
    {
        var done = false;
        world.Fail = message =>
        {
            if (done || message is not HostCommand { Command: TCommand }) return null;
            done = true;
            return Broken;
        };
    }
}
