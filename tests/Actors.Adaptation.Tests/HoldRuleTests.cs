using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class HoldRuleTests
{
    private static readonly NodeId Node = NodeId.Of(new Guid(7, 0, 0, new byte[8]));
    private static readonly HostId Here = HostId.From("h1");
    private static readonly HostId There = HostId.From("h2");
    private static readonly NodeAmount Usual = new(256, 100, null);

    private static readonly NodeLook Look = new(Node, Usual, Usual)
    {
        WasMeasured = true,
        HasBalloon = true,
    };

    private static HoldRule Rule(NodeMemory? memory = null, params PlannedChange[] work) => new(
        new AdaptationState
        {
            Nodes = memory is null
                ? ImmutableSortedDictionary<NodeId, NodeMemory>.Empty
                : ImmutableSortedDictionary<NodeId, NodeMemory>.Empty.Add(Node, memory),
            Work = [.. work.Select(change => new Work(3, Sites.Now, change, Runs: false))],
        },
        Sites.Now);

    private static PlannedChange Change(HostId to) => new()
    {
        Node = Node,
        Environment = EnvironmentId.From("s.a"),
        Name = "a/n1",
        Run = 1,
        From = Here,
        To = to,
        FromName = "one",
        ToName = "two",
        Why = "",
    };

    [Fact]
    public void Nothing_holds_a_node_that_was_measured_and_is_as_written() =>
        Assert.Equal(NodeHolds.None, Rule().Of(Look));

    [Fact]
    public void All_is_held_while_something_works_on_a_node()
    {
        Assert.Equal(NodeHolds.All("operation x works on it"), Rule().Of(Look with { BusyWith = "operation x" }));
        Assert.Equal(
            NodeHolds.All("a change of plan 3 is under way"), Rule(work: Change(There)).Of(Look));
    }

    [Fact]
    public void All_is_held_until_the_hold_after_a_failure_is_over()
    {
        var memory = new NodeMemory(Sites.Now);
        Assert.Contains("left alone", Rule(memory with { HeldUntil = Sites.Now.AddSeconds(1) }).Of(Look).Place);
        Assert.Equal(NodeHolds.None, Rule(memory with { HeldUntil = Sites.Now }).Of(Look));
    }

    [Fact]
    public void A_node_that_was_not_measured_keeps_its_amounts_and_may_move()
    {
        var holds = Rule().Of(Look with { WasMeasured = false });
        Assert.Equal("it was not measured yet", holds.Weight);
        Assert.Null(holds.Place);
    }

    [Fact]
    public void What_a_person_set_is_held_and_so_is_a_place()
    {
        var holds = Rule().Of(Look with { Now = Usual with { CpuWeight = 300 }, Place = "its owner wrote its host" });
        Assert.Equal(("somebody set its CPU weight", "its owner wrote its host"), (holds.Weight, holds.Place));
        Assert.Null(holds.Quota);
    }

    [Fact]
    public void A_node_counts_where_its_change_brings_it()
    {
        Assert.Equal(Here, Rule().PlaceOf(Node, Here));
        Assert.Equal(There, Rule(work: Change(There)).PlaceOf(Node, Here));
        Assert.Equal(Here, Rule(work: Change(Here)).PlaceOf(Node, Here));
    }

    [Theory]
    [InlineData(null, 256)]
    [InlineData(400, 400)]
    [InlineData(200, 256)]
    public void Memory_that_a_change_will_give_is_promised_and_what_it_will_take_is_not_free_yet(int? guest, int counts)
    {
        Assert.Equal(256, Rule().MemoryOf(Node, 256));
        Assert.Equal(counts, Rule(work: Change(Here) with { GuestMiB = guest }).MemoryOf(Node, 256));
    }
}
