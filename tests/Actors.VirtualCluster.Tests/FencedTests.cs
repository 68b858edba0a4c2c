using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>A host that is declared off, or comes back, while an operation works on the node.</summary>
public class FencedTests
{
    [Fact]
    public void A_host_that_is_back_before_the_operation_ends_has_lost_the_node_all_the_same()
    {
        var world = World.WithRunning("n1");
        world.Ask(new StopNodeNow(Node(world).Id, 0));
        Fence(world, World.A);
        Assert.Equal(World.A, Node(world).Host);
        Return(world, World.A, Node(world).Id);
        Assert.Empty(world.State.HostsOff);

        world.Settle();
        Assert.Equal((NodePower.Lost, null), (Node(world).Power, Node(world).Host));
        world.AssertNothingLeftBut(plugged: 1);
    }

    [Fact]
    public void A_move_to_a_host_that_was_declared_off_meanwhile_ends_lost_and_not_without_room()
    {
        var world = World.WithRunning("n1");
        var node = Node(world).Id;
        world.Ask(new MoveNode(node, World.B, null));
        while (world.State.Operations[^1].Move!.Phase != MovePhase.Copying) world.AnswerFirst();
        Fence(world, World.B);
        Return(world, World.B, node);
        world.Settle();
        Assert.Equal((NodePower.Lost, null), (Node(world).Power, Node(world).Host));
        world.AssertNothingLeftBut(plugged: 1);
    }

    [Fact]
    public void What_a_host_brings_back_during_a_move_that_could_not_clean_it_is_removed_afterwards()
    {
        var world = World.WithRunning("n1");
        var node = Node(world).Id;
        world.Fail = message => message is HostCommand { Command: RemoveNode }
            ? World.Unreachable(World.A).Failure : null;
        world.Ask(new MoveNode(node, World.B, null));
        while (world.State.Operations[^1].Move!.Phase != MovePhase.SettlingThere) world.AnswerFirst();
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, node)]));
        while (!world.State.Operations[^1].Ended) world.AnswerFirst();
        Assert.Contains((World.A, node), world.Booked);

        world.Fail = _ => null;
        world.Settle();
        Assert.Equal([(World.B, node)], world.Booked);
        Assert.Equal([(World.B, node)], world.Running);
    }

    [Fact]
    public void A_late_end_of_a_removal_does_not_take_the_room_of_a_move_to_that_host()
    {
        var world = World.WithRunning("n1");
        var node = Node(world).Id;
        world.Booked.Add((World.B, node));
        world.RoomMiB[(World.B, node)] = 194;
        Return(world, World.B, node);
        world.Ask(new MoveNode(node, World.B, null));
        while (world.State.Operations[^1].Move!.Phase != MovePhase.Copying) world.AnswerFirst();
        Assert.Contains((World.B, node), world.Booked);
        world.Settle();
        Assert.Equal([(World.B, node)], world.Booked);
    }

    [Fact]
    public void A_machine_that_ended_during_its_move_leaves_nothing_on_the_target()
    {
        var world = World.WithRunning("n1");
        var node = Node(world).Id;
        world.Copy = _ => world.Running.Clear();
        world.Ask(new MoveNode(node, World.B, null));
        world.Settle();
        var op = world.State.Operations[^1];
        Assert.Equal((OperationPhase.Failed, "machine-ended"), (op.Phase, op.Failure!.Code));
        Assert.Equal((NodePower.Off, "machine-ended"), (Node(world).Power, Node(world).Why!.Code));
        Assert.Equal([(World.A, node)], world.Booked);
        Assert.DoesNotContain((World.B, node), world.Kept);
    }

    private static NodeState Node(World world) => world.State.Nodes.Values.Single();

    /// <summary>The operator's word frees the room, whatever runs there.</summary>
    private static void Fence(World world, HostId host)
    {
        world.Booked.RemoveWhere(place => place.Host == host);
        world.Tell(host, new HostFencedNotice(host));
    }

    private static void Return(World world, HostId host, NodeId node) =>
        world.Tell(host, new HostReturnedNotice(host, [world.See(host, node)]));
}
