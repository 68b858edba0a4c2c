using System.Collections.Immutable;
using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

/// <summary>Nodes that go together, and nodes that are apart.</summary>
public class MarkTests
{
    private static readonly EnvironmentId Environment = EnvironmentId.From("s01.e1");
    private readonly ActorHarness<SiteState> _site = Sites.Empty();
    private readonly HostId[] _hosts;

    public MarkTests() => _hosts = [.. "abc".Select(name => _site.Add($"{name}"))];

    [Fact]
    public void Nodes_with_one_mark_are_apart_and_one_too_many_is_told_why()
    {
        var three = Place([.. Enumerable.Range(1, 3).Select(i => Need(i, apart: "db"))]);
        Assert.Equal(3, three.Hosts.Values.Distinct().Count());
        var four = Place([.. Enumerable.Range(1, 4).Select(i => Need(i, apart: "db"))]);
        Assert.Contains("host a has a node that is apart by the mark 'db'", four.Failure!.Reason);
        Assert.Contains("n4", four.Failure.Reason);
        // Without the mark there is room for many more.
        Assert.Null(Place([.. Enumerable.Range(1, 9).Select(i => Need(i))]).Failure);
    }

    [Fact]
    public void Nodes_with_one_mark_are_together_on_a_host_that_holds_all()
    {
        // Host a has the least room: it holds one of them, not both.
        _site.Hear(new ActorKey(ActorKinds.Host, _hosts[0].Value), new HostCapacity(
            _hosts[0], "a", true, 2048, 400, 4, 0, 100_000));
        var both = Place([Need(1, 300, together: "t"), Need(2, 300, together: "t"), Need(3), Need(4)]);
        Assert.Equal(both.Hosts[Id(1)], both.Hosts[Id(2)]);
        Assert.NotEqual(_hosts[0], both.Hosts[Id(1)]);
        var parted = Place([Need(1, 300), Need(2, 300), Need(3), Need(4)]);
        Assert.NotEqual(parted.Hosts[Id(1)], parted.Hosts[Id(2)]);
    }

    [Fact]
    public void Nodes_that_are_there_already_count()
    {
        var apart = Place([Need(1, apart: "x")], new PlacedMark(_hosts[0], "x", null),
            new PlacedMark(_hosts[1], "x", null));
        Assert.Equal(_hosts[2], apart.Hosts[Id(1)]);
        var together = Place([Need(1, together: "x")], new PlacedMark(_hosts[2], null, "x"));
        Assert.Equal(_hosts[2], together.Hosts[Id(1)]);
        var full = Place([Need(1, 4000, together: "x")], new PlacedMark(_hosts[2], null, "x"));
        Assert.Contains("host a does not have the nodes that are together", full.Failure!.Reason);
    }

    /// <summary>Whatever is asked: an answer keeps all marks, or there is none.</summary>
    [Fact]
    public void Every_answer_keeps_the_marks()
    {
        var dice = new Random(7);
        var answered = 0;
        for (var round = 0; round < 500; round++)
        {
            string? Mark() => dice.Next(3) == 0 ? $"m{dice.Next(3)}" : null;
            var needs = Enumerable.Range(1, dice.Next(1, 7))
                .Select(i => Need(i, dice.Next(64, 900), Mark(), Mark())).ToArray();
            var answer = Place(needs);
            if (answer.Failure is not null) continue;
            answered++;
            foreach (var one in needs)
                foreach (var other in needs.Where(other => other.Node != one.Node))
                {
                    var same = answer.Hosts[one.Node] == answer.Hosts[other.Node];
                    Assert.False(same && one.Apart is not null && one.Apart == other.Apart);
                    Assert.False(!same && one.Together is not null && one.Together == other.Together);
                }
        }

        Assert.InRange(answered, 200, 499);
    }

    private static NodeId Id(int index) => NodeId.Of(new Guid(index, 0, 0, new byte[8]));

    private static PlacementNeed Need(
        int index, int memoryMiB = 128, string? apart = null, string? together = null) =>
        new(Id(index), $"n{index}", memoryMiB, 1, 0, null, apart, together);

    // Each is asked of a fresh site, so that no proposal counts twice.
    private PlacementAnswer Place(PlacementNeed[] needs, params PlacedMark[] marks) => Placement.Answer(
        _site.State with { Proposed = _site.State.Proposed.Clear() },
        new ProposePlacement(
            "r1", Environment, needs, [], ImmutableDictionary<HostId, int>.Empty, null, marks), _site.Now);
}
