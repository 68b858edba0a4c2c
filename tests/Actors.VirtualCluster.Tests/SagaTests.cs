using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>The three tests of every saga: fail every step, repeat every step, repeat every undo.</summary>
public class SagaTests
{
    private static readonly Failure Broken = new("broken", "It broke.", "Mend it.");

    [Fact]
    public void Creation_makes_every_node_ready_exactly_once()
    {
        var world = World.WithRunning("n1", "n2", "n3");
        Assert.Equal(OperationPhase.Done, world.State.Operations.Single().Phase);
        Assert.Equal(3, world.Running.Count);
        Assert.Equal(world.Running, world.Booked);
        Assert.Equal(3, world.State.Nodes.Values.Select(node => node.Ip).Distinct().Count());
    }

    /// <summary>Every request of the whole saga fails once, in a run of its own.</summary>
    [Fact]
    public void A_failure_of_any_request_leaves_nothing()
    {
        var requests = Requests(w => w.Apply(World.Spec("n1", "n2")));
        Assert.True(requests >= 10);
        for (var index = 0; index < requests; index++)
        {
            var world = new World();
            FailAt(world, index);
            world.Apply(World.Spec("n1", "n2"));
            world.Settle();
            if (world.State.Operations.Single().Phase == OperationPhase.Done) continue; // a release or an undo request
            Assert.Equal(OperationPhase.Failed, world.State.Operations.Single().Phase);
            Assert.Equal("It broke.", world.State.Operations.Single().Failure!.Reason);
            world.AssertNothingLeft();
            Assert.True(world.State.Deleted && world.NameReleased, $"request {index}");
        }
    }

    /// <summary>Control of the test above: with no failure the world is not empty.</summary>
    [Fact]
    public void The_check_for_leftovers_sees_a_running_environment() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => World.WithRunning("n1").AssertNothingLeft());

    /// <summary>
    /// A step's requests are done, but the answers say unreachable: the undo repeats what it cannot know.
    /// </summary>
    [Fact]
    public void A_lost_answer_at_any_command_never_leaves_a_running_machine_on_a_free_booking()
    {
        var requests = Requests(w => w.Apply(World.Spec("n1", "n2")));
        for (var index = 0; index < requests; index++)
        {
            var world = new World();
            var seen = 0;
            world.LoseAnswer = message => message is HostCommand && seen++ == index;
            world.Apply(World.Spec("n1", "n2"));
            world.Settle();
            Assert.All(world.Running, running => Assert.Contains(running, world.Booked));
            if (!world.State.Exists) world.AssertNothingLeft();
        }
    }

    /// <summary>Every undo request fails once and is repeated; the end is the same.</summary>
    [Fact]
    public void A_failing_undo_is_repeated_until_nothing_is_left()
    {
        var last = Requests(w => w.Apply(World.Spec("n1", "n2"))) - 1;
        for (var undo = 0; undo < 12; undo++)
        {
            var world = new World();
            var count = 0;
            var undone = 0;
            world.Fail = _ =>
            {
                var index = count++;
                if (index < last) return null;
                if (index == last) return Broken;
                return undone++ == undo ? Broken : null;
            };
            world.Apply(World.Spec("n1", "n2"));
            world.Settle();
            Assert.Equal(OperationPhase.Failed, world.State.Operations.Single().Phase);
            world.AssertNothingLeft();
        }
    }

    /// <summary>
    /// One host cannot be asked any more and the other fails a few times: the other's undo goes on all the same, and
    /// what nobody confirmed keeps its room.
    /// </summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(100, true)]
    public void A_host_that_is_away_does_not_end_the_undo_of_another(int times, bool keeps)
    {
        var world = new World();
        var failed = 0;
        world.Fail = message => message is not HostCommand command ? null
            : world.State.Nodes[command.Command.Node].Host == World.A
                ? command.Command is AwaitReady or RemoveNode or ObserveNode ? World.Unreachable(World.A).Failure : null
                : command.Command is RemoveNode && failed++ < times ? Broken : null;
        world.Apply(World.Spec("n1", "n2"));
        world.Settle();
        Assert.Equal(OperationPhase.Failed, world.State.Operations.Single().Phase);
        Assert.All(world.Kept, kept => Assert.Contains(kept, world.Booked));
        Assert.Equal(keeps, world.Kept.Any(kept => kept.Host == World.B));
        Assert.All(world.State.Nodes.Values, node => Assert.Equal(
            node.Host == World.A ? NodePower.Unknown : NodePower.Off, node.Power));
    }

    [Fact]
    public void A_delete_that_fails_anywhere_can_be_asked_again_and_ends_with_nothing()
    {
        var requests = Requests(Deletion, World.WithRunning("n1", "n2"));
        for (var index = 0; index < requests; index++)
        {
            var world = World.WithRunning("n1", "n2");
            FailAt(world, index);
            Deletion(world);
            world.Settle();
            world.Fail = _ => null;
            if (!world.State.Deleted)
            {
                Assert.Equal(OperationPhase.Failed, world.State.Operations[^1].Phase);
                Deletion(world);
                world.Settle();
            }

            world.AssertNothingLeft();
            Assert.True(world.State.Deleted && world.NameReleased, $"request {index}");
        }
    }

    [Fact]
    public void Growing_fails_without_touching_what_runs()
    {
        var requests = Requests(w => w.Apply(World.Spec("n1", "n2", "n3"), "op-2"), World.WithRunning("n1", "n2"));
        for (var index = 0; index < requests; index++)
        {
            var world = World.WithRunning("n1", "n2");
            var before = world.Running.ToHashSet();
            FailAt(world, index);
            world.Apply(World.Spec("n1", "n2", "n3"), "op-2");
            world.Settle();
            if (world.State.Operations[^1].Phase == OperationPhase.Done) continue;
            Assert.Equal(before, world.Running);
            Assert.Equal(before, world.Booked);
            Assert.Equal(2, world.State.Nodes.Count);
        }
    }

    [Fact]
    public void A_lost_race_for_room_chooses_hosts_anew()
    {
        var world = new World();
        var first = true;
        world.Fail = message =>
        {
            if (message is not BookNodes || !first) return null;
            first = false;
            return new Failure(FailureCode.NoCapacity, "Host h-a is full.", "Choose another.");
        };
        world.Apply(World.Spec("n1"));
        world.Settle();
        Assert.Equal(OperationPhase.Done, world.State.Operations.Single().Phase);
        Assert.Equal(2, world.State.Operations.Single().Round);
    }

    [Fact]
    public void One_spec_can_grow_shrink_and_resize_in_one_operation()
    {
        var world = World.WithRunning("n1", "n2");
        var spec = World.Spec("n2", "n3");
        world.Apply(spec with { Nodes = [spec.Nodes[0] with { MemoryMiB = 96 }, spec.Nodes[1]] }, "op-2");
        world.Settle();
        Assert.Equal(OperationPhase.Done, world.State.Operations[^1].Phase);
        Assert.Equal(["n2", "n3"], world.State.Nodes.Values.Select(node => node.Spec.Name).Order());
        Assert.Equal(96, world.State.Nodes.Values.Single(node => node.Spec.Name == "n2").MemoryMiB);
        Assert.Equal(2, world.Running.Count);
    }

    /// <summary>The guest grew, nobody heard of it, and its host stayed away during the undo.</summary>
    [Fact]
    public void A_guest_that_grew_unheard_keeps_its_room_until_it_confirms_that_it_is_small_again()
    {
        var world = World.WithRunning("n1");
        var (node, host) = world.Running.Select(place => (place.Node, place.Host)).Single();
        world.Ask(new ResizeNodeTo(node, 96, null, null));
        world.Settle();
        Assert.Equal(96, world.RoomMiB[(host, node)]);

        world.Ask(new ResizeNodeTo(node, 128, null, null));
        world.AnswerFirst(); // the room
        world.LoseAnswer = _ => true;
        world.AnswerFirst(); // the change, which nobody hears of
        world.LoseAnswer = _ => false;
        world.Away.Add(host);
        world.Settle();
        Assert.Equal(OperationPhase.Failed, world.State.Operations[^1].Phase);
        Assert.Equal((128, 128), (world.GuestMiB[(host, node)], world.RoomMiB[(host, node)]));
        Assert.Equal((96, 128), (world.State.Nodes[node].MemoryMiB, world.State.Nodes[node].HeldMiB));

        world.Away.Clear();
        world.Return();
        Assert.Equal((96, null), (world.State.Nodes[node].MemoryMiB, world.State.Nodes[node].HeldMiB));
        Assert.Equal((96, 96), (world.GuestMiB[(host, node)], world.RoomMiB[(host, node)]));
    }

    /// <summary>The same, but the guest never heard of the change either.</summary>
    [Fact]
    public void Room_that_a_guest_turns_out_not_to_use_is_given_back()
    {
        var world = World.WithRunning("n1");
        var (node, host) = world.Running.Select(place => (place.Node, place.Host)).Single();
        world.Ask(new ResizeNodeTo(node, 96, null, null));
        world.Settle();
        world.Away.Add(host);
        world.Ask(new ResizeNodeTo(node, 128, null, null));
        world.Settle();
        Assert.Equal(128, world.RoomMiB[(host, node)]);
        world.Away.Clear();
        world.Return();
        Assert.Equal((96, 96), (world.State.Nodes[node].MemoryMiB, world.RoomMiB[(host, node)]));
        Assert.Null(world.State.Nodes[node].HeldMiB);
    }

    /// <summary>Its machine may run with all of its memory: none of its room is free.</summary>
    [Fact]
    public void A_node_that_is_unknown_is_not_made_smaller()
    {
        var world = World.WithRunning("n1");
        world.Fail = message => message is HostCommand { Command: StopNode or ObserveNode }
            ? World.Unreachable(World.A).Failure : null;
        world.Ask(new StopNodeNow(world.State.Nodes.Keys.Single(), 0));
        world.Settle();
        var spec = World.Spec("n1");
        world.Apply(spec with { Nodes = [spec.Nodes[0] with { MemoryMiB = 96 }] }, "op-2");
        world.Settle();
        var op = world.State.Operations[^1];
        Assert.Equal((OperationPhase.Failed, "not-running"), (op.Phase, op.Failure?.Code));
        Assert.Equal(128, world.State.Nodes.Values.Single().MemoryMiB);
    }

    /// <summary>Else a late copy of the change could come after its undo and take what is not booked.</summary>
    [Fact]
    public void A_change_and_its_undo_each_have_a_run_of_their_own()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Values.Single();
        var runs = new List<long>();
        world.Fail = message =>
        {
            if (message is not HostCommand { Command: ResizeNode resize }) return null;
            runs.Add(resize.Run);
            return runs.Count == 1 ? Broken : null;
        };
        world.Ask(new ResizeNodeTo(node.Id, 96, null, null));
        world.Settle();
        Assert.Equal([node.Run + 1, node.Run + 2], runs);
    }

    private static void Deletion(World world) => Assert.Null(world.Ask(new DeleteEnvironment()).Refusal);

    private static int Requests(Action<World> act, World? world = null)
    {
        world ??= new World();
        var count = 0;
        world.Fail = _ =>
        {
            count++;
            return null;
        };
        act(world);
        world.Settle();
        return count;
    }

    private static void FailAt(World world, int index)
    {
        var count = 0;
        world.Fail = _ => count++ == index ? Broken : null;
    }
}
