using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.VirtualCluster.Tests;

public class MachineTests
{
    private const string Operator = "operator:opi";

    [Theory]
    [InlineData("viewer:vic", FailureCode.Forbidden)]
    [InlineData("owner:ann", FailureCode.Forbidden)]
    [InlineData("owner:bob", FailureCode.NotFound)]
    [InlineData("agent:h-a", FailureCode.NotFound)]
    [InlineData("operator:opi", null)]
    [InlineData("admin:root", null)]
    public void Only_who_works_on_hosts_may_open_one_to_an_environment(string principal, string? refusal)
    {
        var world = World.WithRunning("n1");
        Assert.Equal(refusal, world.Ask(new ConnectMachine(World.A, "desk"), principal).Refusal?.Code);
        Assert.Equal(refusal, world.Ask(new DisconnectMachine("desk"), principal).Refusal?.Code);
    }

    [Fact]
    public void A_machine_gets_an_address_from_the_top_and_a_port_on_its_host()
    {
        var world = World.WithRunning("n1");
        var machine = Assert.IsType<MachineConnection>(world.Ask(new ConnectMachine(World.A, "desk"), Operator).Reply);
        var plan = SubnetPlan.Read(world.State.Subnet, out _)!;
        Assert.Equal(Ipv4.Format(plan.LastNode), machine.Ip);
        var plug = Assert.IsType<Plug>(world.Waiting[^1]);
        Assert.Equal(
            new PlugItem(machine.Node, machine.Mac, machine.Ip, World.A, "desk", IsMachine: true),
            Assert.Single(plug.Items));
        world.Settle();
        Assert.Contains(machine.Node, world.Plugged);

        // Asked again it is the same one; another gets the next address.
        Assert.Equal(machine, world.Ask(new ConnectMachine(World.A, "desk"), Operator).Reply);
        var second = Assert.IsType<MachineConnection>(world.Ask(new ConnectMachine(World.B, "lamp"), Operator).Reply);
        Assert.Equal(Ipv4.Format(plan.LastNode - 1), second.Ip);
        Assert.NotEqual(machine.Mac, second.Mac);
        Assert.Equal(machine, world.Ask(new DisconnectMachine("desk"), Operator).Reply);
        world.Settle();
        Assert.DoesNotContain(machine.Node, world.Plugged);
        Assert.Contains(second.Node, world.Plugged);
        Assert.Equal(FailureCode.NotFound, world.Ask(new DisconnectMachine("desk"), Operator).Refusal!.Code);
    }

    [Fact]
    public void A_name_belongs_to_one()
    {
        var world = World.WithRunning("n1");
        world.Ask(new ConnectMachine(World.A, "desk"), Operator);
        Assert.Equal("bad-name", world.Ask(new ConnectMachine(World.B, "desk"), Operator).Refusal!.Code);
        Assert.Equal("bad-name", world.Ask(new ConnectMachine(World.B, "n1"), Operator).Refusal!.Code);
        Assert.Equal("bad-name", world.Ask(new ConnectMachine(World.B, "../x"), Operator).Refusal!.Code);
    }

    [Fact]
    public void A_new_node_cannot_have_what_a_machine_has()
    {
        var world = World.WithRunning("n1");
        var machine = Assert.IsType<MachineConnection>(world.Ask(new ConnectMachine(World.A, "desk"), Operator).Reply);
        var spec = World.Spec("n1", "n2");
        world.Apply(World.Spec("n1", "desk"), "op-2");
        world.Apply(spec with { Nodes = spec.Nodes.SetItem(1, spec.Nodes[1] with { Ip = machine.Ip }) }, "op-3");
        foreach (var id in (string[])["op-2", "op-3"])
            Assert.Equal("machine-connected", world.State.Operation(OperationId.From(id))!.Failure!.Code);
        world.Apply(spec, "op-4");
        world.Settle();
        Assert.Equal(2, world.State.Nodes.Count);
    }

    [Fact]
    public void Machines_are_bounded_and_keep_the_environment()
    {
        var world = World.WithRunning("n1");
        for (var i = 0; i < Machines.Most; i++)
            Assert.Null(world.Ask(new ConnectMachine(World.A, $"m{i}"), Operator).Refusal);
        Assert.Equal("no-room", world.Ask(new ConnectMachine(World.A, "more"), Operator).Refusal!.Code);
        Assert.Equal("machine-connected", world.Ask(new DeleteEnvironment()).Refusal!.Code);
        for (var i = 0; i < Machines.Most; i++)
            world.Ask(new DisconnectMachine($"m{i}"), Operator);
        Assert.Null(world.Ask(new DeleteEnvironment()).Refusal);
        world.Settle();
        Assert.Empty(world.Plugged);
    }
}
