using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>What hosts hold that a store, put back from an older copy and adopted, does not know.</summary>
public sealed class StrayTests
{
    private static readonly NodeId Later = NodeId.Of(new Guid(9, 0, 0, new byte[8]));

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void AForgottenNodeIsRemovedUnlessItWasMadeInAnEarlierGeneration(long generation, bool isKept)
    {
        var world = World.WithRunning("n1");
        world.Running.Add((World.B, Later));
        world.Generation = generation;
        world.Tell(World.B, Returned(Later, world));
        world.Settle();
        Assert.Equal(isKept, world.Running.Contains((World.B, Later)));

        Assert.Null(world.Ask(new ClearStray(World.B, Later), "operator:eve").Refusal);
        world.Settle();
        Assert.DoesNotContain((World.B, Later), world.Running);
    }

    [Fact]
    public void ANodeThatRunsWhereTheStoreDoesNotExpectItIsNotStartedTwice()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        world.Running.Clear();
        world.Running.Add((World.B, node));
        world.Generation = 2;
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, node)]));
        world.Tell(World.B, Returned(node, world));
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, node)]));
        world.Settle();
        Assert.Equal((NodePower.Unknown, "node-elsewhere"),
            (world.State.Nodes[node].Power, world.State.Nodes[node].Why!.Code));
        var refused = world.Ask(new StartNodeNow(node)).Refusal!;
        Assert.Contains("vio host clear", refused.Remedy, StringComparison.Ordinal);
        Assert.Equal([(World.B, node)], world.Running);

        Assert.Equal("forbidden", world.Ask(new ClearStray(World.B, node)).Refusal!.Code);
        Assert.Equal("not-a-stray", world.Ask(new ClearStray(World.A, node), "admin:root").Refusal!.Code);
        Assert.Null(world.Ask(new ClearStray(World.B, node), "admin:root").Refusal);
        world.Settle();
        Assert.Empty(world.Running);
        Assert.Null(world.Ask(new StartNodeNow(node)).Refusal);
        world.Settle();
        Assert.Equal([(World.A, node)], world.Running);
    }

    [Fact]
    public void AHostThatDoesNotAnswerIsAskedUntilItDoes()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        world.Generation = 2;
        var asked = 0;
        world.Fail = message => message is HostCommand { Command: ObserveNode } && asked++ < 3
            ? new Failure(FailureCode.HostUnreachable, "It is away.", "Wait.") : null;
        world.Tell(World.B, Returned(node, world));
        world.Settle();
        Assert.Equal(NodePower.Ready, world.State.Nodes[node].Power);
        Assert.Equal([(World.A, node)], world.Running);
    }

    [Fact]
    public void WhatAHostSaidBeforeANodeLeftItIsForgottenWhenItIsAsked()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        var old = world.See(World.A, node) with { Generation = 1 };
        world.Generation = 2;
        world.Ask(new MoveNode(node, World.B, null));
        // A database was promoted and servers came and went: this arrives while the node is moved by the new ones.
        world.Tell(World.A, new HostReturnedNotice(World.A, [old]));
        world.Booked.Add((World.A, node));
        world.Generations[(World.A, node)] = 2;
        world.Settle();
        Assert.Equal((World.B, NodePower.Ready), (world.State.Nodes[node].Host, world.State.Nodes[node].Power));
        Assert.Equal([(World.B, node)], world.Running);
        Assert.Equal([(World.B, node)], world.Booked);
        Assert.Contains(world.Events, e => e is NodePowerChanged { Why.Code: "node-elsewhere" });
    }

    /// <summary>
    /// The copy was made during a move, after each of its requests; meanwhile the node really went there, and
    /// perhaps back again.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AMoveThatTheCopyHoldsHalfDoneNeverEndsAMachine(bool isBack)
    {
        for (var answered = 0; answered < 14; answered++)
        {
            var world = World.WithRunning("n1");
            var node = world.State.Nodes.Keys.Single();
            world.Ask(new MoveNode(node, World.B, null));
            for (var i = 0; i < answered && world.Waiting.Count > 0; i++) world.AnswerFirst();
            world.Running.Clear();
            world.Running.Add((isBack ? World.A : World.B, node));
            world.Kept.UnionWith(world.Running);
            world.Generations[world.Running.Single()] = 1;
            world.Generation = 2;
            world.Return();
            var (host, _) = Assert.Single(world.Running);
            var known = world.State.Nodes[node];
            // Off on the host where it runs is harmless: starting it finds it running.
            Assert.True(
                known.Host == host || known.Why?.Code == "node-elsewhere",
                $"after {answered} answers: {known.Power} on {known.Host}: {known.Why}");
        }
    }

    [Fact]
    public void ANodeThatWasStartedAfterTheCopyRunsOn()
    {
        var world = World.WithRunning("n1");
        var node = world.State.Nodes.Keys.Single();
        world.Ask(new StopNodeNow(node, 0));
        world.Settle();
        world.Running.Add((World.A, node));
        world.Generation = 2;
        world.Tell(World.A, new HostReturnedNotice(World.A, [world.See(World.A, node) with { Generation = 1 }]));
        world.Settle();
        Assert.Equal(NodePower.Ready, world.State.Nodes[node].Power);
        Assert.Equal([(World.A, node)], world.Running);
    }

    private static HostReturnedNotice Returned(NodeId node, World world) =>
        new(World.B, [world.See(World.B, node) with { Generation = 1 }]);
}
