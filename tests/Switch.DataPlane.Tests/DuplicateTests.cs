using FsCheck;
using FsCheck.Fluent;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>An address in two places is found, named and, where that is wanted, kept out until it is over.</summary>
public sealed class DuplicateTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void TheRuleIsThatOfASlowModel() => Prop.ForAll(
        Gen.Choose(0, 100_000).ListOf(60).ToArbitrary(), Gen.Choose(0, 2000).ToArbitrary(), (steps, spacing) =>
    {
        var trail = new DuplicateTrail();
        var model = new List<long>();
        long now = 0;
        foreach (int step in steps)
        {
            now += step;
            bool isSign = model.Count == 0 || now - model[^1] >= spacing;
            if (isSign)
                model.Add(now);
            bool expected = isSign && model.Count(t => now - t <= Limits.DuplicateWindowMs) >= Limits.DuplicateSigns;
            if (trail.Add(now, spacing) != expected)
                return false;
            if (expected)
                model.Clear();
        }

        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData(false, "arp")]
    [InlineData(true, "arp")]
    [InlineData(false, "ip")]
    [InlineData(true, "mac")]
    [InlineData(false, "ipv6")]
    [InlineData(true, "neighbor")]
    public void ANodeWithTheAddressOfAnotherIsNamed(bool oneHost, string kind)
    {
        (TestHost a, TestHost b, SwitchPort one, MemorySink two) = Hosts(oneHost, "quarantine");
        Ipv6 own = Sample6.LinkLocal(Sample.Mac1), other = Sample6.LinkLocal(Sample.Mac2);
        (byte[] frame, string address) = kind switch
        {
            "arp" => (Sample.Arp(1, Sample.Mac1, Sample.Ip2, Sample.Ip2), Sample.Ip2),
            "ip" => (Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip2, Sample.Ip1), Sample.Ip2),
            "mac" => (Sample.Packet(Sample.Mac3, Sample.Mac2, Sample.Ip1, Sample.Ip2), Sample.Mac2),
            "ipv6" => (Sample6.Packet(Sample.Mac2, Sample.Mac1, other, own, 6, new byte[40]), other.ToString()),
            _ => (Sample6.Neighbor(Sample6.AllNodesMac, Sample.Mac1, own, 136, other, Sample.Mac1), other.ToString()),
        };
        for (int i = 0; i < 5; i++)
        {
            Assert.Empty(Found(a));
            for (int burst = 0; burst < 20; burst++)
                a.FromNode("e", one, frame);
            _network.Pass(1000);
        }

        DuplicateStatus found = Assert.Single(Found(a));
        Assert.Equal(("othersAddress", "n" + Sample.Ip1, address, "n" + Sample.Ip2, true),
            (found.Kind, found.Node, found.Address, found.OtherNode, found.Quarantined));
        Assert.Equal(["a", b.Id], found.Hosts);

        // Nothing passes from or to it, until the time is over.
        a.FromNode("e", one, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        Assert.Empty(two.Frames);
        Assert.Equal(1, one.Counters[PortCount.DropQuarantined]);
        _network.Pass(Limits.DuplicateHoldMs);
        Assert.Empty(Found(a));
        a.FromNode("e", one, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        Assert.Single(two.Frames);
    }

    [Fact]
    public void WithoutTheWishItIsOnlyReported()
    {
        (TestHost a, _, SwitchPort one, MemorySink two) = Hosts(oneHost: true, null);
        for (int i = 0; i < 5; i++)
        {
            a.FromNode("e", one, Sample.Arp(1, Sample.Mac1, Sample.Ip2, Sample.Ip2));
            _network.Pass(1000);
        }

        Assert.False(Assert.Single(Found(a)).Quarantined);
        a.FromNode("e", one, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        Assert.Single(two.Frames);
    }

    [Fact]
    public void AMachineThatRunsTwiceIsNamedByTheHostThatItLeft()
    {
        (TestHost a, TestHost b, SwitchPort one, _) = Hosts(oneHost: false, "quarantine");
        Apply(a, b, "quarantine", preBound: "b", sequence: 2);
        Apply(b, a, "quarantine", preBound: "b", sequence: 2);
        (SwitchPort copy, _) = b.AddPort("e", Sample.Mac1, Sample.Ip1, open: false);
        b.FromNode("e", copy, Sample.Rarp(Sample.Mac1));
        _network.Run();

        // Frames on their way when the node moves are no duplicate.
        for (int i = 0; i < 100; i++)
            a.FromNode("e", one, Data());
        Assert.Empty(Found(a));
        for (int i = 0; i < 5; i++)
        {
            _network.Pass(1000);
            a.FromNode("e", one, Data());
        }

        DuplicateStatus found = Assert.Single(Found(a));
        Assert.Equal(("twoPlaces", Sample.Mac1, null), (found.Kind, found.Address, found.OtherNode));
        Assert.Equal(["a", "b"], found.Hosts);

        // The controller's next word about the node ends it.
        Apply(a, b, "quarantine", preBound: null, sequence: 3);
        Assert.Empty(Found(a));
    }

    [Fact]
    public void AHostThatClaimsWithoutEndIsNamedAndTheControllersMovesAreNot()
    {
        (TestHost a, TestHost b, SwitchPort one, _) = Hosts(oneHost: false, "quarantine");
        SwitchEnvironment environment = a.Core.Environments["e"];
        MacEntry entry = environment.Find(Sample.Mac(Sample.Mac1))!;
        for (ulong move = 0; move < 100; move++)
        {
            // The controller announces each move and ends it.
            bool there = move % 2 == 0;
            Apply(a, b, "quarantine", preBound: there ? "b" : "a", sequence: 10 * move + 10, host1: there ? "a" : "b");
            if (there)
                a.Core.Moves.Claimed(a.Peer("e", b), entry.Mac, entry.Sequence + 1);
            else
                a.FromNode("e", one, Sample.Rarp(Sample.Mac1));
            Assert.Equal(there ? "b" : "a", entry.Location);
        }

        Assert.Empty(Found(a));

        // Nobody moves it now, but two hosts take it from each other.
        Apply(a, b, "quarantine", preBound: "b", sequence: 5000);
        for (int i = 0; i < 5; i++)
        {
            Assert.Empty(Found(a));
            a.Core.Moves.Claimed(a.Peer("e", b), entry.Mac, entry.Sequence + 1);
            if (i == 4)
                break;
            one.IsOpen = false;
            a.FromNode("e", one, Sample.Rarp(Sample.Mac1));
            if (Found(a).Count > 0)
                break;
        }

        DuplicateStatus found = Assert.Single(Found(a));
        Assert.Equal(("moves", Sample.Mac1), (found.Kind, found.Address));
        Assert.Equal(["a", "b"], found.Hosts.Order());
        ulong before = entry.Sequence;
        a.Core.Moves.Claimed(a.Peer("e", b), entry.Mac, before + 1);
        Assert.Equal(before, entry.Sequence);
        Assert.Equal(1, a.Peer("e", b).Counters[TunnelCount.ClaimRefused]);
    }

    [Fact]
    public void AnUnknownPolicyIsAnError()
    {
        StatePlan plan = new StatePlanner("a", System.Net.Sockets.AddressFamily.InterNetwork).Plan(
            new SwitchWantedState
            {
                Version = 1,
                Environments = [new WantedEnvironment { Id = "e", Duplicates = "shoot" }],
            });
        Assert.Equal("duplicates", Assert.Single(plan.Errors).Item);
        Assert.False(plan.Environments[0].QuarantinesDuplicates);
    }

    private (TestHost A, TestHost B, SwitchPort One, MemorySink Two) Hosts(bool oneHost, string? policy)
    {
        TestHost a = _network.Add("a", 1), b = oneHost ? a : _network.Add("b", 2);
        Apply(a, b, policy);
        if (!oneHost)
            Apply(b, a, policy);
        (SwitchPort one, _) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, MemorySink two) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        return (a, b, one, two);
    }

    private static void Apply(
        TestHost host, TestHost peer, string? policy, string? preBound = null, ulong sequence = 1, string host1 = "a")
    {
        string second = ReferenceEquals(host, peer) ? host.Id : "b";
        PeerPlan[] peers = ReferenceEquals(host, peer) ? [] : [new PeerPlan(peer.Id, peer.Address.EndPoint)];
        NodePlan[] nodes =
        [
            Sample.Node(host1, Sample.Mac1, Sample.Ip1, preBound, sequence),
            Sample.Node(second, Sample.Mac2, Sample.Ip2),
        ];
        PortPlan[] ports = host.Id == preBound && host.Core.Environments.ContainsKey("e")
            ? [new("t", "b", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), false, 1500)] : [];
        host.Apply(new EnvironmentPlan("e", peers, null, ports, nodes) { QuarantinesDuplicates = policy is not null });
    }

    private static IReadOnlyList<DuplicateStatus> Found(TestHost host) =>
        StatusReader.Read(host.Core, 1).Environments.Single().Duplicates;

    private static byte[] Data() => Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2);
}
