using VioActors.Actors.VirtualCluster.Views;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster.Tests;

public class CommandTests
{
    [Theory]
    [InlineData("viewer:vic", false, false)]
    [InlineData("owner:ann", true, true)]
    [InlineData("owner:bob", false, false)]
    [InlineData("operator:opi", true, false)]
    [InlineData("admin:root", true, true)]
    [InlineData("agent:h-a", false, false)]
    public void Roles_decide_who_may_operate_and_who_may_delete(string principal, bool operate, bool delete)
    {
        var node = World.WithRunning("n1").State.Nodes.Keys.Single();
        Assert.Equal(operate, World.WithRunning("n1").Ask(new StopNodeNow(node, 0), principal).Refusal is null);
        Assert.Equal(delete, World.WithRunning("n1").Ask(new DeleteEnvironment(), principal).Refusal is null);
    }

    [Fact]
    public void Another_owners_environment_looks_like_none()
    {
        var refusal = World.WithRunning("n1").Ask(new DeleteEnvironment(), "owner:bob").Refusal!;
        Assert.Equal(FailureCode.NotFound, refusal.Code);
    }

    [Fact]
    public void Users_cannot_send_what_only_actors_send()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        object[] forged =
        [
            World.ApplyMessage(World.Spec("evil")), new HostFencedNotice(World.A),
            new CommandAnswer("op-1/1.0d1/0", World.A, node, AgentOutcome.Done()),
        ];
        foreach (var message in forged)
            Assert.Equal(FailureCode.Forbidden, world.Ask(message, "admin:root").Refusal!.Code);
    }

    [Fact]
    public void Two_operations_never_share_a_node()
    {
        var world = World.WithRunning("n1", "n2");
        var node = world.State.Nodes.Keys.First();
        var to = world.State.Nodes[node].Host == World.A ? World.B : World.A;
        var move = Assert.IsType<OperationAccepted>(world.Ask(new MoveNode(node, to, null)).Reply).Operation;
        var second = world.Ask(new MoveNode(node, to, null)).Refusal!;
        Assert.Equal("node-busy", second.Code);
        Assert.Contains(move.Value, second.Remedy);
        Assert.Equal("busy", world.Ask(new DeleteEnvironment()).Refusal!.Code);
        world.Settle();
        Assert.Null(world.Ask(new DeleteEnvironment()).Refusal);
    }

    [Fact]
    public void Bad_moves_and_sizes_are_refused_with_the_limit()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Values.Single();
        Assert.Equal("same-host", world.Ask(new MoveNode(node.Id, node.Host, null)).Refusal!.Code);
        Assert.Contains("64 to 128", world.Ask(new ResizeNodeTo(node.Id, 4096, null, null)).Refusal!.Reason);
        Assert.Contains("5 to 100", world.Ask(new ResizeNodeTo(node.Id, null, null, 101)).Refusal!.Reason);
        Assert.Contains("1 to 10000", world.Ask(new ResizeNodeTo(node.Id, null, 0, null)).Refusal!.Reason);
        Assert.Equal("not-stopped", world.Ask(new StartNodeNow(node.Id)).Refusal!.Code);
        Assert.Equal(FailureCode.NotFound, world.Ask(new StopNodeNow(NodeId.Of(Guid.NewGuid()), 0)).Refusal!.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(45)]
    public void A_stop_gives_the_guest_the_time_that_was_asked_for(int seconds)
    {
        var world = World.WithRunning("n1");
        world.Ask(new StopNodeNow(world.State.Nodes.Keys.Single(), seconds));
        var command = Assert.IsType<HostCommand>(Assert.Single(world.Waiting)).Command;
        Assert.Equal(seconds, Assert.IsType<StopNode>(command).GraceSeconds);
    }

    [Fact]
    public void A_stopped_node_starts_again_where_its_disk_is()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Values.Single();
        world.Ask(new StopNodeNow(node.Id, 0));
        world.Settle();
        Assert.Empty(world.Running);
        world.Ask(new StartNodeNow(node.Id));
        world.Settle();
        Assert.Equal([(node.Host!.Value, node.Id)], world.Running);
        Assert.True(world.State.Nodes[node.Id].Run > node.Run);
    }

    [Fact]
    public void A_node_of_a_fenced_host_starts_elsewhere_and_the_old_copy_is_removed_when_the_host_returns()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Values.Single();
        world.Tell(World.A, new HostFencedNotice(World.A));
        Assert.Equal(NodePower.Lost, world.State.Nodes[node.Id].Power);

        world.Running.Clear(); // the operator's word: the host is off
        world.Booked.Clear();
        world.PlaceOn = World.B;
        world.Ask(new StartNodeNow(node.Id));
        world.Settle();
        Assert.Equal([(World.B, node.Id)], world.Running);

        world.Kept.Add((World.A, node.Id));
        world.Running.Add((World.A, node.Id)); // it was not off after all
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, node.Id)]));
        world.Settle();
        Assert.Equal([(World.B, node.Id)], world.Running);
        Assert.Equal([(World.B, node.Id)], world.Kept);
    }

    [Fact]
    public void Ballooned_memory_is_booked_before_it_grows_and_freed_after_it_shrank()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        var order = new List<string>();
        world.Fail = message =>
        {
            order.Add(message switch
            {
                Book book => $"book {book.MemoryMiB}",
                HostCommand { Command: ResizeNode r } => $"give {r.MemoryMiB}",
                _ => "",
            });
            return null;
        };
        world.Ask(new ResizeNodeTo(node, 96, null, 50));
        world.Settle();
        world.Ask(new ResizeNodeTo(node, 128, null, 0));
        world.Settle();
        Assert.Equal(["book 128", "give 96", "book 96", "book 128", "give 128", "book 128"], order);
        Assert.Null(world.State.Nodes[node].CpuQuotaPercent);
    }

    [Fact]
    public void Replay_rebuilds_the_same_state_and_it_survives_json()
    {
        var world = World.WithRunning("n1", "n2");
        world.Ask(new MoveNode(world.State.Nodes.Keys.First(), World.B, null));
        world.Settle();
        var actor = new EnvironmentActor();
        var replayed = world.Events.Aggregate(actor.Initial(World.Self), actor.Evolve);
        Assert.Equal(World.Text(world.State), World.Text(replayed));
        var read = System.Text.Json.JsonSerializer.Deserialize<EnvironmentState>(World.Text(world.State), Wire.Json)!;
        Assert.Equal(World.Text(world.State), World.Text(read));
    }

    [Fact]
    public void The_diff_names_what_changes_and_what_cannot()
    {
        var world = World.WithRunning("n1", "n2");
        var spec = World.Spec("n2", "n3");
        var lines = SpecDiff.Of(world.State,
            spec with { Nodes = [spec.Nodes[0] with { MemoryMiB = 64 }, spec.Nodes[1]] });
        Assert.Equal(["+ node n3", "- node n1", "~ node n2"], lines.Select(line => $"{line.Change} {line.What}"));
        var impossible = SpecDiff.Of(world.State, World.Spec("n1", "n2") with { Subnet = "10.11.0.0/24" });
        var otherNetwork = SpecChange.Between(
            world.State, World.Spec("n1", "n2") with { Network = new() { Gateway = "n1" } });
        Assert.Equal("fixed", otherNetwork.Impossible?.Code);
        Assert.Null(SpecChange.Between(world.State, World.Spec("n1", "n2") with { Network = new() }).Impossible);
        Assert.Contains("10.11.0.0/24", impossible.Single().What);
        Assert.Empty(SpecDiff.Of(world.State, World.Spec("n1", "n2")));
    }
}
