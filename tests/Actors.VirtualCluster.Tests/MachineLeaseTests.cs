using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.VirtualCluster.Tests;

/// <summary>A connected machine that falls silent is taken out; one that could not be heard stays.</summary>
public sealed class MachineLeaseTests
{
    private const string Operator = "operator:opal";
    private const int Lease = 60;
    private readonly World _world = World.WithRunning("n1");

    [Fact]
    public void Silence_for_the_time_of_the_lease_takes_it_out_as_if_it_had_left()
    {
        var machine = Connect();
        while (_world.Waiting.Count > 0) _world.AnswerFirst();
        Assert.Contains(machine.Node, _world.Plugged);
        _world.Pass(Lease - 0.001);
        Assert.NotEmpty(_world.State.Machines);
        _world.Pass(0.001);
        Assert.Empty(_world.State.Machines);
        Assert.Equal([machine.Node], Assert.Single(_world.Waiting.OfType<Unplug>()).Nodes);
        _world.Settle();
        Assert.DoesNotContain(machine.Node, _world.Plugged);
        var gone = Assert.Single(_world.Events.OfType<MachineDisconnected>());
        Assert.Equal(("desk", "system:system", "not-heard-of"), (gone.Name, gone.By, gone.Why?.Code));
        Assert.Contains("desk was not heard of for 60 s", gone.Why!.Reason);
        Assert.Equal("not-connected", Renew(machine.Node));
    }

    [Fact]
    public void Renewals_keep_it_without_an_event()
    {
        var machine = Connect();
        var events = _world.Events.Count;
        for (var i = 0; i < 30; i++)
        {
            _world.Pass(Lease - 1);
            Assert.Null(Renew(machine.Node));
        }
        Assert.Equal(events, _world.Events.Count);
        Assert.Single(_world.Timers);
        LeavesWhenItsLeaseIsOver();
    }

    [Fact]
    public void A_server_that_takes_over_starts_the_time_anew_and_keeps_to_it()
    {
        Connect();
        _world.Pass(Lease - 5);
        _world.Since = _world.Now;
        LeavesWhenItsLeaseIsOver();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Time_in_which_no_server_listened_does_not_count(bool restarted)
    {
        var machine = Connect();
        _world.Now = _world.Now.AddHours(1); // its timer comes as soon as somebody runs
        if (restarted) _world.Since = _world.Now;
        _world.Pass(Lease - 1);
        Assert.Null(Renew(machine.Node));
        LeavesWhenItsLeaseIsOver();
    }

    [Fact]
    public void Who_asks_for_no_lease_stays_in_silence()
    {
        var machine = Connect(lease: null);
        Assert.Empty(_world.Timers);
        Assert.Null(Renew(machine.Node));
        _world.Pass(100_000);
        Assert.NotEmpty(_world.State.Machines);
    }

    [Fact]
    public void Connecting_again_gives_what_was_asked_for_last()
    {
        var machine = Connect();
        _world.Pass(Lease - 1);
        Assert.Equal(machine, Connect());
        Assert.Single(_world.Events.OfType<MachineConnected>());
        _world.Pass(Lease - 1);
        Assert.Equal(machine with { LeaseSeconds = null }, Connect(lease: null));
        _world.Pass(Lease * 2);
        Assert.Null(Assert.Single(_world.State.Machines.Values).LeaseSeconds);
        Connect();
        _world.Pass(Lease);
        Assert.Empty(_world.State.Machines);
    }

    [Fact]
    public void Who_was_taken_out_is_told_also_when_another_has_its_name()
    {
        var first = Connect();
        _world.Ask(new DisconnectMachine("desk"), Operator);
        Assert.Empty(_world.Timers);
        Assert.Null(Assert.Single(_world.Events.OfType<MachineDisconnected>()).Why);
        Assert.Equal("not-connected", Renew(first.Node));
        var second = Connect();
        Assert.Equal("not-connected", Renew(first.Node));
        Assert.Null(Renew(second.Node));
        // A timer of the first that was on its way does nothing to the second.
        _world.Step(
            new MachineLeaseOver("desk", first.Node, _world.Now), "system:system", sender: null);
        Assert.NotEmpty(_world.State.Machines);
    }

    [Theory]
    [InlineData(MachineLease.ShortestSeconds - 1, "out-of-range")]
    [InlineData(MachineLease.ShortestSeconds, null)]
    [InlineData(MachineLease.LongestSeconds, null)]
    [InlineData(MachineLease.LongestSeconds + 1, "out-of-range")]
    public void Leases_are_bounded(int seconds, string? refusal) =>
        Assert.Equal(refusal, _world.Ask(new ConnectMachine(World.A, "desk", seconds), Operator).Refusal?.Code);

    [Theory]
    [InlineData("owner:ann", FailureCode.Forbidden)]
    [InlineData("owner:bob", FailureCode.NotFound)]
    [InlineData("viewer:vera", FailureCode.Forbidden)]
    [InlineData("operator:opal", null)]
    public void Operators_renew(string principal, string? refusal)
    {
        var machine = Connect();
        Assert.Equal(refusal, _world.Ask(new RenewMachine("desk", machine.Node), principal).Refusal?.Code);
    }

    private void LeavesWhenItsLeaseIsOver()
    {
        _world.Pass(Lease - 1);
        Assert.NotEmpty(_world.State.Machines);
        _world.Pass(1);
        Assert.Empty(_world.State.Machines);
    }

    private MachineConnection Connect(int? lease = Lease) => Assert.IsType<MachineConnection>(
        _world.Ask(new ConnectMachine(World.A, "desk", lease), Operator).Reply);

    private string? Renew(NodeId node) => _world.Ask(new RenewMachine("desk", node), Operator).Refusal?.Code;
}
