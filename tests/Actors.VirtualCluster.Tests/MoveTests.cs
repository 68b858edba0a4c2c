using VioActors.Actors.VirtualCluster.Move;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.VirtualCluster.Tests;

public class MoveTests
{
    private static readonly Failure Broken = new("broken", "It broke.", "Mend it.");

    [Fact]
    public void A_move_ends_on_the_target_and_frees_the_source()
    {
        var world = World.WithRunning("n1");
        Begin(world);
        world.Settle();
        var node = world.State.Nodes.Values.Single();
        Assert.Equal(World.B, node.Host);
        Assert.Equal([(World.B, node.Id)], world.Running);
        Assert.Equal([(World.B, node.Id)], world.Booked);
        Assert.Equal(40, world.State.Operations[^1].Move!.Statistics!.DowntimeMs);
    }

    [Theory]
    [InlineData("x", null, "operator:olga", "is apart from node n2")]
    [InlineData(null, "x", "operator:olga", "stays together with node n2")]
    [InlineData(null, "x", "system:adaptation", null)]
    [InlineData("x", null, "system:adaptation", "is apart from node n2")]
    [InlineData(null, null, "operator:olga", null)]
    public void A_move_against_a_mark_is_refused(string? apart, string? together, string who, string? why)
    {
        var world = new World { PlaceOn = together is null ? null : World.A };
        var spec = World.Spec("n1", "n2");
        world.Apply(spec with
        {
            Nodes = [.. spec.Nodes.Select(one => one with { Apart = apart, Together = together })],
        });
        world.Settle();
        var node = world.State.Nodes.Values.Single(one => one.Spec.Name == "n1");
        var to = node.Host == World.A ? World.B : World.A;
        var refused = world.Ask(new MoveNode(node.Id, to, null), who).Refusal;
        Assert.Equal(why is null ? null : "marked", refused?.Code);
        Assert.Contains(why ?? "", refused?.Reason ?? "");
    }

    /// <summary>
    /// Every request of the move fails, and separately every answer is lost; wherever it runs, it runs once.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_fails_exactly_one_copy_runs_and_its_room_is_booked(bool lostAnswer)
    {
        for (var index = 0; index < 12; index++)
        {
            var world = World.WithRunning("n1");
            var count = 0;
            if (lostAnswer) world.LoseAnswer = message => message is HostCommand && count++ == index;
            else world.Fail = _ => count++ == index ? Broken : null;
            Begin(world);
            world.Settle();
            var node = world.State.Nodes.Values.Single();
            Assert.True(world.State.Operations[^1].Ended, $"request {index}");
            Assert.Equal([(node.Host!.Value, node.Id)], world.Running);
            Assert.Contains((node.Host!.Value, node.Id), world.Booked);
            // A host that says no is asked again until nothing is left there; one that says nothing keeps its room.
            if (!lostAnswer) Assert.Equal([(node.Host!.Value, node.Id)], world.Booked);
        }
    }

    [Fact]
    public void A_source_that_went_away_after_the_copy_is_cleaned_when_it_returns()
    {
        var world = World.WithRunning("n1");
        world.Fail = message => message is HostCommand { Command: RemoveNode }
            ? World.Unreachable(World.A).Failure : null;
        Begin(world);
        world.Settle();
        var node = world.State.Nodes.Values.Single();
        Assert.Equal(OperationPhase.Done, world.State.Operations[^1].Phase);
        Assert.Contains((World.A, node.Id), world.Booked);

        world.Fail = _ => null;
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, node.Id)]));
        world.Settle();
        Assert.Equal([(World.B, node.Id)], world.Booked);
    }

    /// <summary>Its room was all that a host kept of it, and the host has seen higher runs than it tells.</summary>
    [Fact]
    public void The_room_of_a_forgotten_node_is_freed_when_its_host_says_hello()
    {
        var world = World.WithRunning("n1", "n2");
        var gone = world.State.Nodes.Values.Single(node => node.Spec.Name == "n2");
        world.Apply(World.Spec("n1"), "op-2");
        world.Settle();
        world.Booked.Add((World.B, gone.Id));
        world.Tell(World.B, new HostReturnedNotice(
            World.B, [new NodeObservation { Node = gone.Id, Presence = NodePresence.Absent }]));
        world.Settle();
        Assert.DoesNotContain((World.B, gone.Id), world.Booked);
    }

    /// <summary>A host that held nothing of an environment says hello to others only.</summary>
    [Fact]
    public void A_node_started_on_a_host_that_was_off_and_came_back_is_not_lost()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        world.Tell(World.A, new HostFencedNotice(World.A));
        world.Running.Clear();
        world.Booked.Clear();
        world.PlaceOn = World.A;
        Assert.Null(world.Ask(new StartNodeNow(node)).Refusal);
        world.Settle();
        Assert.Equal(NodePower.Ready, world.State.Nodes[node].Power);
        Assert.Equal([(World.A, node)], world.Running);
    }

    [Fact]
    public void A_job_that_failed_leaves_the_node_where_it_was_with_the_reason()
    {
        var world = World.WithRunning("n1");
        world.Fail = message => message is HostCommand { Command: SendMove } ? Broken : null;
        Begin(world);
        world.Settle();
        var op = world.State.Operations[^1];
        Assert.Equal((OperationPhase.Failed, "It broke."), (op.Phase, op.Failure!.Reason));
        Assert.Equal([(World.A, world.State.Nodes.Keys.Single())], world.Booked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_cancel_before_or_during_the_copy_ends_cancelled_on_the_source(int answered)
    {
        var world = World.WithRunning("n1");
        var id = Begin(world);
        for (var i = 0; i < answered; i++) world.AnswerFirst();
        world.Copy = _ => { };
        Assert.Null(world.Ask(new CancelOperation(id)).Refusal);
        world.Settle();
        Assert.Equal(OperationPhase.Cancelled, world.State.Operations[^1].Phase);
        Assert.Equal(World.A, world.State.Nodes.Values.Single().Host);
    }

    [Fact]
    public void A_target_without_the_machine_type_is_refused_with_what_it_has()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Values.Single();
        var asked = Begin(world);
        var book = Assert.IsType<Book>(world.Waiting.Single());
        world.Tell(World.B, new BookAnswer(
            book.RequestId, World.B, node.Id, World.Facts(World.B) with { MachineTypes = ["m9"] }, null));
        world.Settle();
        Assert.Contains("machine type m1", world.State.Operation(asked)!.Failure!.Reason);
        Assert.Contains("m9", world.State.Operation(asked)!.Failure!.Reason);
    }

    /// <summary>Every pair of observations, against the rule written once more and slowly.</summary>
    [Fact]
    public void The_verdict_never_names_two_places_and_never_trusts_silence()
    {
        NodeObservation?[] all =
        [
            null,
            .. from presence in Enum.GetValues<NodePresence>()
               from active in new OperationId?[] { null, OperationId.From("op-1") }
               select new NodeObservation { Node = NodeId.Of(Guid.Empty), Presence = presence, ActiveMove = active },
        ];
        foreach (var source in all)
            foreach (var target in all)
            {
                var verdict = MoveTruth.Of(source, target);
                var sourceRuns = source?.Presence == NodePresence.Running;
                var targetRuns = target?.Presence == NodePresence.Running;
                if (verdict == MoveVerdict.There) Assert.True(targetRuns && !sourceRuns);
                if (verdict == MoveVerdict.Here) Assert.True(sourceRuns && !targetRuns && source!.ActiveMove is null);
                if (verdict == MoveVerdict.Gone)
                    Assert.True(source?.Presence == NodePresence.Absent && target?.Presence == NodePresence.Absent);
                if (targetRuns && !sourceRuns) Assert.Equal(MoveVerdict.There, verdict);
            }
    }

    [Fact]
    public void A_fenced_source_decides_an_unclear_move()
    {
        var world = World.WithRunning("n1");
        Begin(world);
        while (world.State.Operations[^1].Move!.Phase != MovePhase.Copying) world.AnswerFirst();
        world.Away.Add(World.A);
        world.Running.Clear();
        for (var i = 0; i < 3; i++) world.AnswerFirst();
        Assert.Equal(MovePhase.Observing, world.State.Operations[^1].Move!.Phase);
        Assert.False(world.State.Operations[^1].Ended);

        world.Tell(World.A, new HostFencedNotice(World.A));
        world.Settle();
        Assert.Equal(OperationPhase.Failed, world.State.Operations[^1].Phase);
        Assert.Equal(NodePower.Lost, world.State.Nodes.Values.Single().Power);
    }

    [Fact]
    public void An_unclear_move_without_a_word_of_an_operator_ends_unknown_and_books_both()
    {
        var world = World.WithRunning("n1");
        Begin(world);
        while (world.State.Operations[^1].Move!.Phase != MovePhase.Copying) world.AnswerFirst();
        world.Away.UnionWith([World.A, World.B]);
        world.Settle();
        Assert.Equal(NodePower.Unknown, world.State.Nodes.Values.Single().Power);
        var failure = world.State.Operations[^1].Failure!;
        Assert.Contains("vio host fenced", failure.Remedy);
        Assert.Contains("host alpha or beta runs", failure.Reason);
        Assert.Equal(2, world.Booked.Count);
    }

    private static OperationId Begin(World world)
    {
        var decision = world.Ask(new MoveNode(world.State.Nodes.Keys.First(), World.B, null));
        return Assert.IsType<OperationAccepted>(decision.Reply).Operation;
    }
}
