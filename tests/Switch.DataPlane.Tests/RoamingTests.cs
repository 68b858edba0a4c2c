using System.Net;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Hosts whose addresses change, and hosts that nobody can call.</summary>
public sealed class RoamingTests : IDisposable
{
    private readonly MemoryNetwork _network = new();
    private readonly TestHost _a;
    private readonly TestHost _b;
    private readonly TestHost _h;
    private readonly MemoryNat _natA;
    private readonly MemoryNat _natB;

    public RoamingTests()
    {
        (_a, _b, _h) = (_network.Add("a", 1), _network.Add("b", 2), _network.Add("h", 3));
        _natA = new MemoryNat(_a.Address.EndPoint, Outer(1, 40_001), _network.Time);
        _natB = new MemoryNat(_b.Address.EndPoint, Outer(2, 40_002), _network.Time);
    }

    public void Dispose() => _network.Dispose();

    [Fact]
    public void A_host_behind_nat_is_reached_once_it_has_called()
    {
        Put(_natA);
        Apply((_a, false), (_h, true));
        _network.Pass(1000);
        Assert.True(Handshakes.IsUp(_h.Peer("e", _a), _h.Core.NowMs));
        Assert.Equal(_natA.Outside, _h.Peer("e", _a).Path.Direct.EndPoint);
        Assert.Equal(_natA.Outside, _a.Peer("e", _h).SeenAs);
    }

    [Fact]
    public void A_changed_outer_address_is_followed_with_the_next_datagram()
    {
        Put(_natA);
        Apply((_a, false), (_h, true));
        (SwitchPort port, _) = _a.AddPort("e", MacOf(_a), IpOf(_a));
        (SwitchPort back, _) = _h.AddPort("e", MacOf(_h), IpOf(_h));
        _network.Pass(1000);
        TunnelSession session = _h.Peer("e", _a).Current!;
        _natA.MoveTo(Outer(9, 50_000));
        _a.FromNode("e", port, Sample.Packet(MacOf(_h), MacOf(_a), IpOf(_a), IpOf(_h)));
        _network.Run();
        Assert.Equal(_natA.Outside, _h.Peer("e", _a).Path.Direct.EndPoint);
        Assert.Same(session, _h.Peer("e", _a).Current);
        long before = _a.Peer("e", _h).Counters[TunnelCount.FramesIn];
        _h.FromNode("e", back, Sample.Packet(MacOf(_a), MacOf(_h), IpOf(_h), IpOf(_a)));
        _network.Run();
        Assert.Equal(before + 1, _a.Peer("e", _h).Counters[TunnelCount.FramesIn]);

        // What the controller says again does not undo it.
        Apply((_a, false), (_h, true));
        Assert.Equal(_natA.Outside, _h.Peer("e", _a).Path.Direct.EndPoint);
    }

    [Fact]
    public void A_replayed_or_older_datagram_from_elsewhere_moves_nothing()
    {
        Apply((_a, true), (_h, true));
        (SwitchPort port, _) = _a.AddPort("e", MacOf(_a), IpOf(_a));
        _network.Pass(1000);
        var seen = new List<Datagram>();
        _network.Filter = d =>
        {
            seen.Add(d with { Bytes = [.. d.Bytes] });
            return seen.Count != 1;
        };
        for (int i = 0; i < 3; i++)
            _a.FromNode("e", port, Sample.Packet(MacOf(_h), MacOf(_a), IpOf(_a), IpOf(_h)));
        _network.Run();
        _network.Filter = _ => true;
        PeerTunnel peer = _h.Peer("e", _a);
        IPEndPoint thief = Outer(66, 666);
        _network.Enqueue(seen[2] with { From = thief });
        _network.Enqueue(seen[0] with { From = thief });
        _network.Run();
        Assert.Equal(_a.Address.EndPoint, peer.Path.Direct.EndPoint);
        Assert.Equal(1, peer.Counters[TunnelCount.DropWrongSource]);
    }

    [Fact]
    public void Strangers_cause_little_work()
    {
        Apply((_a, true), (_h, true));
        _network.Pass(1000);
        PeerTunnel peer = _h.Peer("e", _a);
        byte[] forged = new byte[1400];
        long decrypted = 0;
        for (int i = 0; i < 10_000; i++)
        {
            new DatagramHeader(DatagramType.Data, 1, 0, peer.Current!.LocalId, (ulong)i + 1000).Write(forged);
            bool looked = peer.TryStranger(_h.Core.NowMs);
            decrypted += looked ? 1 : 0;
            _h.Core.FromNetwork(forged, SocketAddress.From(Outer(66, 666)).Bytes);
        }

        Assert.InRange(decrypted, 0, Limits.StrangersPerPeerPerSecond);
        Assert.Equal(10_000, peer.Counters[TunnelCount.DropWrongSource]);
        Assert.True(Handshakes.IsUp(peer, _h.Core.NowMs));
    }

    [Fact]
    public void Two_hosts_behind_nat_meet_by_a_host_that_both_reach()
    {
        Put(_natA, _natB);
        Apply((_a, false), (_b, false), (_h, true));
        _network.Pass(8000);
        foreach ((TestHost host, TestHost other, MemoryNat nat) in
            new[] { (_a, _b, _natB), (_b, _a, _natA) })
        {
            PeerTunnel peer = host.Peer("e", other);
            Assert.True(Handshakes.IsUp(peer, host.Core.NowMs));
            Assert.Null(peer.Path.Via);
            Assert.Equal(nat.Outside, peer.Path.Direct.EndPoint);
        }

        // Both routers restart: first the relay helps again, then the new addresses are found.
        _natA.MoveTo(Outer(8, 41_000));
        _natB.MoveTo(Outer(9, 42_000));
        _network.Pass(15_000);
        Assert.Equal(_natB.Outside, _a.Peer("e", _b).Path.Direct.EndPoint);
        Assert.Null(_a.Peer("e", _b).Path.Via);
    }

    /// <summary>
    /// One is told and the other is not, so that a router takes the first datagram for its own and keeps the port from
    /// its host: as long as they go on trying, they cannot meet; so they rest once.
    /// </summary>
    [Fact]
    public void Routers_that_take_what_comes_too_early_are_waited_for()
    {
        Put(_natA, _natB);
        (_natA.TakesStrangers, _natB.TakesStrangers) = (true, true);
        int untold = 3;
        _network.Filter = d => !(d.From.Equals(_h.Address.EndPoint) && d.To.Equals(_natA.Outside)
            && d.Bytes.Length == TunnelSession.Overhead + Rendezvous.TellBytes && untold-- > 0);
        Apply((_a, false), (_b, false), (_h, true));
        _network.Pass(20_000);
        Assert.True(untold <= 0);
        Assert.NotNull(_a.Peer("e", _b).Path.Via);
        _network.Pass(60_000);
        Assert.Null(_a.Peer("e", _b).Path.Via);
        Assert.Null(_b.Peer("e", _a).Path.Via);
    }

    /// <summary>Told at the same time, they meet before a router takes anything.</summary>
    [Fact]
    public void Routers_that_take_strangers_datagrams_are_passed_when_both_send_at_once()
    {
        Put(_natA, _natB);
        (_natA.TakesStrangers, _natB.TakesStrangers) = (true, true);
        Apply((_a, false), (_b, false), (_h, true));
        _network.Pass(8000);
        Assert.Null(_a.Peer("e", _b).Path.Via);
        Assert.True(Handshakes.IsUp(_a.Peer("e", _b), _a.Core.NowMs));
    }

    [Fact]
    public void All_addresses_that_the_controller_names_are_tried()
    {
        IPEndPoint wrong = Outer(70, 1), right = _h.Address.EndPoint;
        _a.Apply(new EnvironmentPlan(
            "e", [new PeerPlan("h", wrong) { Candidates = [right] }], null, [], []));
        _h.Apply(new EnvironmentPlan("e", [new PeerPlan("a", new IPEndPoint(IPAddress.Any, 0))], null, [], []));
        _network.Pass(2000);
        Assert.True(Handshakes.IsUp(_a.Peer("e", _h), _a.Core.NowMs));
        Assert.Equal(right, _a.Peer("e", _h).Path.Direct.EndPoint);
    }

    private void Put(params MemoryNat[] routers)
    {
        _network.Leave = d => MemoryNat.Leave(d, routers);
        _network.Route = d => MemoryNat.Arrive(d, routers);
    }

    private void Apply(params (TestHost Host, bool HasEndpoint)[] members)
    {
        foreach ((TestHost host, _) in members)
        {
            host.Apply(new EnvironmentPlan("e",
                [
                    .. members.Where(m => m.Host != host).Select(m => new PeerPlan(
                        m.Host.Id, m.HasEndpoint ? m.Host.Address.EndPoint : new IPEndPoint(IPAddress.Any, 0))),
                ],
                null, [], [.. members.Select(m => Sample.Node(m.Host.Id, MacOf(m.Host), IpOf(m.Host)))]));
        }
    }

    private static IPEndPoint Outer(byte number, int port) => new(new IPAddress([203, 0, 113, number]), port);

    private static string MacOf(TestHost host) => $"02:00:00:00:00:{(int)host.Id[0]:x2}";

    private static string IpOf(TestHost host) => $"10.1.0.{(int)host.Id[0]}";
}
