using System.Collections.Immutable;
using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

public class PlacementTests
{
    private static readonly EnvironmentId Environment = EnvironmentId.From("s01.e1");

    private static NodeId Id(int index) => NodeId.Of(new Guid(index, 0, 0, new byte[8]));

    private static PlacementNeed Need(int index, int memoryMiB = 256, string? host = null, long diskMiB = 0) =>
        new(Id(index), $"n{index}", memoryMiB, 1, diskMiB, host);

    private static PlacementAnswer Place(
        ActorHarness<SiteState> site, PlacementNeed[] needs, HostId[]? avoid = null, int? hostLimit = null,
        Dictionary<HostId, int>? present = null) =>
        site.Hear(new ActorKey(ActorKinds.Environment, Environment.Value), new ProposePlacement(
            "r1", Environment, needs, avoid ?? [], present ?? [], hostLimit)).One<PlacementAnswer>();

    private static PlacementAnswer Answer(SiteMember[] members, ProposePlacement ask) => Placement.Answer(
        new SiteState { Members = members.ToImmutableSortedDictionary(member => member.Host, member => member) },
        ask, DateTimeOffset.UnixEpoch);

    [Fact]
    public void NodesSpread()
    {
        var site = Sites.Empty();
        var (a, b) = (site.Add("a"), site.Add("b", memoryMiB: 4096));
        var answer = Place(site, [Need(1), Need(2), Need(3), Need(4)]);
        Assert.Null(answer.Failure);
        Assert.Equal("r1", answer.RequestId);
        Assert.Equal(2, answer.Hosts.Values.Count(host => host == a));
        Assert.Equal(2, answer.Hosts.Values.Count(host => host == b));
        Assert.Equal(b, Place(site, [Need(1)]).Hosts[Id(1)]); // equal counts: the most free memory
        Assert.Equal(a, Place(site, [Need(1)], present: new() { [b] = 1 }).Hosts[Id(1)]);
    }

    [Fact]
    public void PinsAvoidsAndLimitsHold()
    {
        var site = Sites.Empty();
        var (a, b) = (site.Add("a"), site.Add("b"));
        Assert.Equal(b, Place(site, [Need(1, host: "b")]).Hosts[Id(1)]);
        Assert.Equal(b, Place(site, [Need(1)], avoid: [a]).Hosts[Id(1)]);
        Assert.Single(Place(site, [Need(1), Need(2)], hostLimit: 1).Hosts.Values.Distinct());
        var failure = Place(site, [Need(1, host: "a"), Need(2, host: "b")], hostLimit: 1).Failure!;
        Assert.Contains("host b has room but would be one more than the 1 hosts its subnet allows", failure.Reason);
    }

    [Fact]
    public void AShortageIsExact()
    {
        var site = Sites.Empty();
        site.Add("a", freeMiB: 512);
        site.Add("b", available: false);
        site.Add("c", available: false, fenced: true);
        site.Join("d");
        var avoided = site.Add("e");
        var answer = Place(site, [Need(1, memoryMiB: 512)], avoid: [avoided]);
        Assert.Empty(answer.Hosts);
        Assert.Equal(FailureCode.NoCapacity, answer.Failure!.Code);
        var reason = answer.Failure.Reason;
        Assert.StartsWith("Node 'n1' needs 584 MiB of memory (512 and 72 for its emulator): ", reason);
        Assert.Contains("host a has 512 MiB free of 2048", reason);
        Assert.Contains("host b is away", reason);
        Assert.Contains("host c is fenced", reason);
        Assert.Contains("host d never connected", reason);
        Assert.Contains("host e was not wanted or refused just now", reason);
        ActorHarness<SiteState>.AssertReadable(answer.Failure.Code, reason, answer.Failure.Remedy);

        Assert.EndsWith(": the site has no hosts.", Place(Sites.Empty(), [Need(1)]).Failure!.Reason);
        Assert.Contains("no host 'z'", Place(site, [Need(1, host: "z")]).Failure!.Reason);
        Assert.Contains("on host 'b': host b is away.", Place(site, [Need(1, host: "b")]).Failure!.Reason);
        Assert.Contains("and 100000 MiB of disk free", Place(site, [Need(1, diskMiB: 200_000)]).Failure!.Reason);
        Assert.Contains("after 1 other node of the request",
            Place(site, [Need(1, memoryMiB: 400), Need(2, memoryMiB: 300)], avoid: [avoided]).Failure!.Reason);
    }

    [Fact]
    public void ManyHostsAndNodesStayWithinTheStepLimit()
    {
        var members = Enumerable.Range(0, 512).Select(i => new SiteMember(
            HostId.From($"h-{i:d3}"), $"x{i}", "", new HostCapacity(
                HostId.From($"h-{i:d3}"), $"x{i}", true, 1000, 1000 - (i % 7), 4, 0, 1000))).ToArray();
        var needs = Enumerable.Range(0, 256).Select(i => Need(i, memoryMiB: i == 255 ? 960 : 500)).ToArray();
        var answer = Answer(
            members, new ProposePlacement("r", Environment, needs, [], new Dictionary<HostId, int>()));
        // 960 and its overhead fit nowhere, however the others are placed.
        Assert.Equal(FailureCode.NoCapacity, answer.Failure?.Code);
        Assert.Null(Answer(members, new ProposePlacement(
            "r", Environment, needs[..255], [], new Dictionary<HostId, int>())).Failure);
    }

    /// <summary>
    /// Every small cluster and request: an answer is valid, and there is one whenever brute force finds one.
    /// </summary>
    [Fact]
    public void SmallClustersAgreeWithBruteForce()
    {
        int[] sizes = [100, 200, 300]; // guest memory; 165, 267 and 368 with overhead
        int[] frees = [0, 300, 550, 800];
        string?[] pins = [null, "a"];
        var (feasible, infeasible) = (0, 0);
        foreach (var hosts in Tuples(frees, 3))
            foreach (var nodes in Tuples(sizes, 4))
                foreach (var pin in pins)
                {
                    var members = hosts.Select((free, i) => Member(i, free)).ToArray();
                    var needs = nodes.Select((memory, i) => Need(i, memory, i == 1 ? pin : null)).ToArray();
                    var answer = Answer(
                        members, new ProposePlacement("r", Environment, needs, [], new Dictionary<HostId, int>()));
                    var possible = Possible(needs, hosts, 0);
                    Assert.Equal(possible, answer.Failure is null);
                    if (possible)
                        AssertValid(answer, needs, members);
                    _ = possible ? feasible++ : infeasible++;
                }
        Assert.True(feasible > 1000 && infeasible > 1000,
            $"{feasible} feasible, {infeasible} not: both must be tried.");
    }

    private static SiteMember Member(int index, int free)
    {
        var id = HostId.From($"h-{index}");
        var name = ((char)('a' + index)).ToString();
        return new SiteMember(id, name, "", new HostCapacity(id, name, true, 1000, free, 4, 0, 1000));
    }

    private static void AssertValid(PlacementAnswer answer, PlacementNeed[] needs, SiteMember[] members)
    {
        Assert.Equal(needs.Length, answer.Hosts.Count);
        foreach (var member in members)
            Assert.True(needs.Where(need => answer.Hosts[need.Node] == member.Host).Sum(Placement.Whole)
                <= member.Capacity!.FreeMemoryMiB);
        foreach (var need in needs.Where(need => need.HostName is not null))
            Assert.Equal(need.HostName, members.Single(member => member.Host == answer.Hosts[need.Node]).Name);
    }

    private static bool Possible(PlacementNeed[] needs, int[] free, int index)
    {
        if (index == needs.Length)
            return true;
        for (var host = 0; host < free.Length; host++)
        {
            var left = free[host] - Placement.Whole(needs[index]);
            if (left < 0 || (needs[index].HostName is "a" && host != 0))
                continue;
            var next = (int[])free.Clone();
            next[host] = left;
            if (Possible(needs, next, index + 1))
                return true;
        }
        return false;
    }

    private static IEnumerable<int[]> Tuples(int[] values, int length) => length == 0
        ? [[]]
        : Tuples(values, length - 1).SelectMany(rest => values.Select(value => (int[])[.. rest, value]));
}
