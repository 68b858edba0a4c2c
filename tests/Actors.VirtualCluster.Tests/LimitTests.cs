using VioActors.Actors.VirtualCluster.Views;
using VioActors.Contracts;
using VioActors.Contracts.Environments;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>Limits between pairs of nodes: from the spec to the network, and shown.</summary>
public class LimitTests
{
    private static readonly LimitSpec First = new(["n2", "n1"], 1000);

    [Fact]
    public void Limits_of_a_new_environment_reach_its_network_by_node_ids()
    {
        var world = new World();
        world.Apply(World.Spec("n1", "n2") with { Limits = [First] });
        world.Settle();
        var limit = Assert.Single(world.Limits);
        Assert.True(limit.First.CompareTo(limit.Second!.Value) < 0);
        Assert.Equal(world.State.Nodes.Keys.Order(), [limit.First, limit.Second!.Value]);
        Assert.Equal(1000, limit.RateKbit);
        var shown = Assert.Single(EnvironmentViews.Of(world.State, _ => null).Limits);
        Assert.Equal(["n1", "n2"], shown.Between.Order());
        var actor = new EnvironmentActor();
        var replayed = world.Events.Aggregate(actor.Initial(World.Self), actor.Evolve);
        Assert.Equal(World.Text(world.State), World.Text(replayed));
    }

    [Fact]
    public void A_changed_limit_is_an_operation_of_its_own_and_the_same_one_is_no_change()
    {
        var world = World.WithRunning("n1", "n2", "n3");
        var spec = World.Spec("n1", "n2", "n3");
        world.Apply(spec with { Limits = [First] }, "op-2");
        world.Settle();
        Assert.Equal(OperationPhase.Done, world.State.Operations[^1].Phase);
        Assert.Empty(SpecDiff.Of(world.State, spec with { Limits = [new LimitSpec(["n1", "n2"], 1000)] }));
        Assert.Equal(
            ["+ limit between n1 and n3: 64 kbit/s", "~ limit between n1 and n2: 1000 -> 2000 kbit/s"],
            SpecDiff.Of(world.State, spec with
            {
                Limits = [new LimitSpec(["n3", "n1"], 64), new LimitSpec(["n1", "n2"], 2000)],
            }).Select(line => $"{line.Change} {line.What}: {line.Detail}").Order());
        Assert.Equal("-", Assert.Single(SpecDiff.Of(world.State, spec)).Change);
        world.Apply(spec, "op-3");
        world.Settle();
        Assert.Empty(world.Limits);
        Assert.Equal(OperationKind.Apply, world.State.Operations[^1].Kind);
    }

    [Fact]
    public void A_limit_of_one_node_is_told_apart_from_those_of_its_pairs()
    {
        var world = World.WithRunning("n1", "n2");
        var spec = World.Spec("n1", "n2") with { Limits = [First, LimitSpec.Of("n1", 500)] };
        Assert.Equal(
            ["+ limit between n1 and n2", "+ limit of n1"],
            SpecDiff.Of(world.State, spec).Select(line => $"{line.Change} {line.What}").Order());
        world.Apply(spec, "op-2");
        world.Settle();
        Assert.Equal(500, Assert.Single(world.Limits, limit => limit.Second is null).RateKbit);
        Assert.Empty(SpecDiff.Of(world.State, spec));
        Assert.Equal(["n1", null], EnvironmentViews.Of(world.State, _ => null).Limits.Select(limit => limit.Node));
        world.Apply(World.Spec("n2"), "op-3");
        world.Settle();
        Assert.Empty(world.State.Limits);
    }

    [Fact]
    public void A_node_that_goes_takes_its_limits_along()
    {
        var world = World.WithRunning("n1", "n2", "n3");
        world.Apply(
            World.Spec("n1", "n2", "n3") with { Limits = [First, new LimitSpec(["n2", "n3"], 500)] }, "op-2");
        world.Settle();
        Assert.Equal(2, world.Limits.Count);
        world.Apply(World.Spec("n1", "n2") with { Limits = [First] }, "op-3");
        world.Settle();
        Assert.Single(world.Limits);
        Assert.Single(world.State.Limits);
        world.Ask(new DeleteEnvironment());
        world.Settle();
        Assert.Empty(world.State.Limits);
    }

    [Fact]
    public void A_node_that_could_not_be_made_leaves_no_limit()
    {
        var world = World.WithRunning("n1");
        world.Fail = request => request is Contracts.Hosts.BookNodes
            ? new Failure("full", "The host is full.", "Take another.") : null;
        world.Apply(World.Spec("n1", "n2") with { Limits = [First] }, "op-2");
        world.Settle();
        Assert.Equal(OperationPhase.Failed, world.State.Operations[^1].Phase);
        Assert.Empty(world.State.Limits);
    }
}
