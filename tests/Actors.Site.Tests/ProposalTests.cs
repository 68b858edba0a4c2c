using System.Collections.Immutable;
using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

/// <summary>A placement against its model, and what proposals that were not booked yet mean for the next.</summary>
public class ProposalTests
{
    private static readonly EnvironmentId Environment = EnvironmentId.From("s01.e1");

    private static NodeId Id(int index) => NodeId.Of(new Guid(index, 0, 0, new byte[8]));

    private static PlacementNeed Need(int index, int memoryMiB, string? host = null, long diskMiB = 0) =>
        new(Id(index), $"n{index}", memoryMiB, 1, diskMiB, host);

    private static PlacementAnswer Place(ActorHarness<SiteState> site, params PlacementNeed[] needs) => site.Hear(
        new ActorKey(ActorKinds.Environment, Environment.Value),
        new ProposePlacement("r", Environment, needs, [], new Dictionary<HostId, int>())).One<PlacementAnswer>();

    private static void Tell(ActorHarness<SiteState> site, HostId host, int freeMiB, bool available = true) =>
        site.Hear(new ActorKey(ActorKinds.Host, host.Value), new HostCapacity(
            host, site.State.Members[host].Name, available, 2048, freeMiB, 4, 0, 100_000));

    [Fact]
    public void WhatWasProposedIsNotProposedAgain()
    {
        var site = Sites.Empty();
        var (a, b) = (site.Add("a"), site.Add("b"));
        Assert.Equal([a, b], new[] { Place(site, Need(1, 1500)), Place(site, Need(2, 1500)) }
            .Select(answer => answer.Hosts.Values.Single()).Order());
        var third = Place(site, Need(3, 1500)).Failure!;
        Assert.Equal(FailureCode.NoCapacity, third.Code);
        Assert.Contains("host a has 461 MiB free of 2048, 1587 MiB more about to be booked", third.Reason);
        site.AssertReplays();
    }

    [Fact]
    public void AHostThatIsEmptiedGetsNothingNewUntilItIsOpened()
    {
        var site = Sites.Empty();
        var (a, b) = (site.Add("a"), site.Add("b"));
        var manager = new ActorKey(ActorKinds.Adaptation, Sites.Id.Value);
        Assert.Single(site.Hear(manager, new HostDrains(a, true)).Events);
        Assert.Empty(site.Hear(manager, new HostDrains(a, true)).Events);
        Assert.Empty(site.Hear(manager, new HostDrains(HostId.From("h-gone"), true)).Events);
        Assert.Equal([b, b], Place(site, Need(1, 500), Need(2, 500)).Hosts.Values);
        Assert.Contains("host a is being emptied", Place(site, Need(3, 500, "a")).Failure!.Reason);
        // It stays so when the host joins anew or tells what it has.
        Tell(site, a, 2048);
        Assert.NotNull(Place(site, Need(3, 500, "a")).Failure);
        site.Hear(manager, new HostDrains(a, false));
        Assert.Equal(a, Place(site, Need(3, 500)).Hosts.Values.Single());
        site.AssertReplays();
    }

    [Fact]
    public void ABookingAHelloOrAMinuteEndsAProposal()
    {
        var site = Sites.Empty();
        var a = site.Add("a");
        Place(site, Need(1, 1500));
        Tell(site, a, 461); // booked
        Assert.Empty(site.State.Proposed);
        Tell(site, a, 2048); // and freed
        Assert.Null(Place(site, Need(1, 1500)).Failure);
        Tell(site, a, 2048, available: false);
        Tell(site, a, 2048);
        Assert.Null(Place(site, Need(1, 1500)).Failure);
        site.Now += Proposed.Lifetime - TimeSpan.FromTicks(1);
        Assert.NotNull(Place(site, Need(1, 1500)).Failure);
        site.Now += TimeSpan.FromTicks(1);
        Assert.Null(Place(site, Need(1, 1500)).Failure);
        Assert.Equal(1587, site.State.Proposed[a].MemoryMiB); // the forgotten one does not add to it
        site.AssertReplays();
    }

    /// <summary>Whatever is asked, the fast search answers as the obvious one, the same every time.</summary>
    [Fact]
    public void RandomRequestsAgreeWithTheModel()
    {
        var (placed, refused) = (0, 0);
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var members = Enumerable.Range(0, random.Next(1, 6)).Select(i => Member(
                i, random.Next(1200), random.Next(200), available: random.Next(8) > 0)).ToArray();
            var needs = Enumerable.Range(0, random.Next(1, 7)).Select(i => Need(
                i, random.Next(64, 500), random.Next(8) == 0 ? members[0].Name : null, random.Next(80))).ToArray();
            var ask = new ProposePlacement(
                "r", Environment, needs, random.Next(4) == 0 ? [members[^1].Host] : [],
                members.Where(_ => random.Next(4) == 0).ToDictionary(member => member.Host, _ => random.Next(1, 3)),
                random.Next(2) == 0 ? random.Next(1, 5) : null);
            var state = new SiteState { Members = members.ToImmutableSortedDictionary(one => one.Host, one => one) };
            var answer = Placement.Answer(state, ask, DateTimeOffset.UnixEpoch);
            var model = new PlacementModel(members, ask);
            Assert.True(model.Place() == answer.Failure is null, $"seed {seed}: {answer.Failure?.Reason}");
            Assert.Equal(model.Chosen, answer.Hosts);
            Assert.Equal(answer.Hosts, Placement.Answer(state, ask, DateTimeOffset.UnixEpoch).Hosts);
            _ = answer.Failure is null ? placed++ : refused++;
        }

        Assert.True(placed > 500 && refused > 500, $"{placed} placed, {refused} refused: both must happen.");
    }

    /// <summary>A queue whose bookings are told late: no host is ever proposed more than it has.</summary>
    [Fact]
    public void AQueueNeverMeetsOnAHost()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var site = Sites.Empty();
            var free = Enumerable.Range(0, 5).ToDictionary(i => site.Add($"h{i}"), _ => 2048);
            var late = new Queue<(HostId Host, int MemoryMiB)>();
            for (var ask = 0; ask < 40; ask++)
            {
                var needs = Enumerable.Range(0, random.Next(1, 4)).Select(i => Need(i, random.Next(64, 300))).ToArray();
                var answer = Place(site, needs);
                foreach (var need in answer.Failure is null ? needs : [])
                {
                    var host = answer.Hosts[need.Node];
                    free[host] -= Placement.Whole(need);
                    Assert.True(free[host] >= 0, $"seed {seed}: {host} was proposed {-free[host]} MiB too much");
                    late.Enqueue((host, Placement.Whole(need)));
                }

                for (; late.Count > random.Next(8); late.Dequeue())
                    Tell(site, late.Peek().Host, site.State.Members[late.Peek().Host].Capacity!.FreeMemoryMiB
                        - late.Peek().MemoryMiB);
            }

            Assert.True(free.Values.Sum() < 5 * 300, $"seed {seed}: {free.Values.Sum()} MiB stayed unused");
        }
    }

    private static SiteMember Member(int index, int freeMiB, long diskMiB, bool available)
    {
        var id = HostId.From($"h-{index}");
        var name = ((char)('a' + index)).ToString();
        return new SiteMember(id, name, "", new HostCapacity(id, name, available, 2000, freeMiB, 4, 0, diskMiB));
    }
}
