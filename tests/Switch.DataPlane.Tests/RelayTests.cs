using System.Net;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Two hosts that cannot reach each other, or not always, and a third that both reach.</summary>
public sealed class RelayTests : IDisposable
{
    private readonly MemoryNetwork _network = new();
    private readonly TestHost _a;
    private readonly TestHost _b;
    private TestHost _h;
    private bool _blocked = true;
    private long _relayedBytes;

    public RelayTests()
    {
        (_a, _b, _h) = (_network.Add("a", 1), _network.Add("b", 2), _network.Add("h", 3));
        _network.Filter = d =>
        {
            _relayedBytes += d.Bytes[0] == (byte)DatagramType.Relayed ? d.Bytes.Length : 0;
            return !_blocked || d.From.Equals(_h.Address.EndPoint) || d.To.Equals(_h.Address.EndPoint);
        };
    }

    public void Dispose() => _network.Dispose();

    [Fact]
    public void A_common_peer_passes_on_within_seconds_and_sees_no_frame()
    {
        (SwitchPort port, MemorySink sink) = Start();
        _network.Pass(5000);
        Assert.Equal("relayed via h", PathOf(_a, "b"));
        Assert.Equal("relayed via h", PathOf(_b, "a"));
        long atRelay = _h.Peer("e", _a).Counters[TunnelCount.FramesIn];
        for (int i = 0; i < 100; i++)
            _a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1480));
        _network.Run();
        Assert.Equal(100, sink.Frames.Count);
        Assert.Equal(atRelay, _h.Peer("e", _a).Counters[TunnelCount.FramesIn]);
        Assert.NotEqual(0, _h.Peer("e", _a).Counters[TunnelCount.BytesRelayed]);

        // A path through a relay carries 16 bytes less, and has no other trace of the relay.
        Assert.Equal(1412 - RelayHeader.Bytes, _a.Peer("e", _b).SlicePayload);
    }

    [Fact]
    public void A_direct_way_is_taken_within_5_seconds_and_left_again_when_it_dies()
    {
        (SwitchPort port, MemorySink sink) = Start();
        _network.Pass(5000);
        Assert.Equal("relayed via h", PathOf(_a, "b"));
        _blocked = false;
        _network.Pass(5000);
        Assert.Equal("direct", PathOf(_a, "b"));
        Assert.Equal("direct", PathOf(_b, "a"));
        long before = _relayedBytes;
        _network.Pass(5000);
        Assert.Equal(before, _relayedBytes);
        TunnelSession session = _a.Peer("e", _b).Current!;
        _blocked = true;
        _network.Pass(5000);
        Assert.Equal("relayed via h", PathOf(_a, "b"));
        Assert.Same(session, _a.Peer("e", _b).Current);
        _a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1480));
        _network.Run();
        Assert.Single(sink.Frames);
    }

    /// <summary>The way of a's datagrams to b dies, and not the other: a must not be drawn back by what b still sends.
    /// </summary>
    [Fact]
    public void A_way_that_works_in_one_direction_only_is_no_way()
    {
        _blocked = false;
        Start();
        SwitchPort port = _b.Core.Environments["e"].Ports[0];
        _network.Pass(2000);

        // b probes at other times than a, and so notices later.
        _b.Peer("e", _a).Path.Health.Due(_b.Core.NowMs + 1500);
        Func<Datagram, bool> all = _network.Filter;
        _network.Filter = d => all(d) && !(d.From.Equals(_a.Address.EndPoint) && d.To.Equals(_b.Address.EndPoint));
        for (int i = 0; i < 120; i++)
        {
            _b.FromNode("e", port, Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1));
            _network.Pass(50);
        }

        long changes = _a.Peer("e", _b).Counters[TunnelCount.PathChanges];
        Assert.Equal(1, changes);
        Assert.Equal("relayed via h", PathOf(_a, "b"));
        Assert.Equal("relayed via h", PathOf(_b, "a"));
        _network.Pass(30_000);
        Assert.Equal("relayed via h", PathOf(_a, "b"));
        Assert.InRange(_a.Peer("e", _b).Counters[TunnelCount.PathChanges] - changes, 0, 2);
    }

    [Fact]
    public void Another_relay_takes_over_when_one_dies()
    {
        TestHost second = _network.Add("i", 4);
        IPEndPoint dead = new(IPAddress.None, 1);
        _network.Filter = d => !d.From.Equals(dead) && !d.To.Equals(dead)
            && (IsRelay(d.From) || IsRelay(d.To));
        bool IsRelay(IPEndPoint e) => e.Equals(_h.Address.EndPoint) || e.Equals(second.Address.EndPoint);
        Start(second);
        _network.Pass(6000);
        string first = PathOf(_a, "b");
        Assert.StartsWith("relayed via", first);
        dead = (first.EndsWith('h') ? _h : second).Address.EndPoint;
        _network.Pass(10_000);
        Assert.Equal(first.EndsWith('h') ? "relayed via i" : "relayed via h", PathOf(_a, "b"));
        Assert.True(Handshakes.IsUp(_a.Peer("e", _b), _a.Core.NowMs));
    }

    /// <summary>A host relays between members of one environment only: not for strangers, not across, not in circles.
    /// </summary>
    [Fact]
    public void What_no_environment_joins_is_not_passed_on()
    {
        Start();
        _network.Pass(5000);
        uint session = _h.Peer("e", _a).Current!.LocalId;
        long sent = 0;
        _network.Filter = d => d.From.Equals(_h.Address.EndPoint) && d.Bytes[0] == 8 && ++sent < 0;

        byte[] Make(byte hops, uint id, string to)
        {
            byte[] datagram = new byte[100];
            new RelayHeader(hops, 0, id, HostTag.Of(to)).Write(datagram);
            new DatagramHeader(DatagramType.Data, 1, 0, 1, 1).Write(datagram.AsSpan(RelayHeader.Bytes));
            return datagram;
        }

        void Deliver(byte[] datagram, SocketAddress from)
        {
            _h.Core.FromNetwork(datagram, from.Bytes);
            _network.Run();
        }

        Deliver(Make(1, session + 1, "b"), _a.Address);
        Deliver(Make(1, session, "b"), _b.Address);
        Deliver(Make(1, session, "nobody"), _a.Address);
        Deliver(Make(1, session, "a"), _a.Address);
        Deliver(Make(0, session, "b"), _a.Address);
        Deliver([.. Make(1, session, "b")[..16], .. Make(1, session, "b")], _a.Address);
        Assert.Equal(0, sent);
        Assert.Equal(3, _h.Peer("e", _a).Counters[TunnelCount.RelayRefused]);

        // The control: the same, but for b and with a hop left.
        Deliver(Make(1, session, "b"), _a.Address);
        Assert.Equal(1, sent);
    }

    [Fact]
    public void A_host_passes_on_only_so_much_for_one_peer()
    {
        _network.Remove(_h);
        _h = _network.Add("h", 3, s => s with { RelayBytesPerSecond = 1_000_000 });
        Start();
        _network.Pass(5000);
        SwitchPort port = _a.Core.Environments["e"].Ports[0];
        for (int i = 0; i < 1000; i++)
            _a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1300));
        _network.Run();
        PeerTunnel atRelay = _h.Peer("e", _a);
        Assert.NotEqual(0, atRelay.Counters[TunnelCount.RelayLimited]);
        Assert.InRange(atRelay.Counters[TunnelCount.BytesRelayed], 200_000, 400_000);
    }

    [Fact]
    public void Hosts_of_different_environments_are_relayed_by_one_that_the_controller_names()
    {
        _network.Filter = d => d.From.Equals(_h.Address.EndPoint) || d.To.Equals(_h.Address.EndPoint);
        TestHost[] ends = [_a, _b];
        foreach (TestHost host in ends)
        {
            host.Apply("e", [(_a, Sample.Mac1, Sample.Ip1), (_b, Sample.Mac2, Sample.Ip2)]);
            host.Apply(new EnvironmentPlan(SwitchEnvironment.Relays, [PlanOf(_h)], null, [], []));
        }

        _network.Pass(3000);
        Assert.False(Handshakes.IsUp(_a.Peer("e", _b), _a.Core.NowMs));
        _h.Apply(new EnvironmentPlan(SwitchEnvironment.Relays, [PlanOf(_a), PlanOf(_b)], null, [], []));
        _network.Pass(8000);
        Assert.True(Handshakes.IsUp(_a.Peer("e", _b), _a.Core.NowMs));
        Assert.Equal("relayed via h", PathOf(_a, "b"));
        Assert.DoesNotContain("e", _h.Core.Environments.Keys);
    }

    [Fact]
    public void Keys_are_renewed_through_a_relay_without_losing_a_frame()
    {
        (SwitchPort port, MemorySink sink) = Start();
        _network.Pass(5000);
        int sent = 0;
        for (; sent < 200; sent++)
        {
            _network.Pass(2000);
            _a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        }

        _network.Run();
        Assert.Equal(sent, sink.Frames.Count);
        Assert.InRange(_a.Peer("e", _b).Counters[TunnelCount.HandshakesCompleted], 3, 6);
    }

    /// <summary>One side changes its path some time before the other: nothing sent meanwhile is lost.</summary>
    [Fact]
    public void A_change_of_the_path_loses_nothing_at_any_rate()
    {
        (SwitchPort port, MemorySink sink) = Start();
        _network.Pass(5000);
        _blocked = false;
        int sent = 0;
        for (int i = 0; i < 100; i++)
        {
            for (int frame = 0; frame < 50; frame++, sent++)
                _a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
            _network.Pass(50);
        }

        Assert.Equal("direct", PathOf(_a, "b"));
        Assert.Equal(sent, sink.Frames.Count);
        Assert.Equal(0, _b.Peer("e", _a).Counters[TunnelCount.DropWrongSource]);
    }

    /// <summary>A member that passes on handshakes which it made up uses up its own budget only.</summary>
    [Fact]
    public void Made_up_handshakes_of_a_member_do_not_keep_another_out()
    {
        _blocked = false;
        Start();
        _network.Pass(2000);
        byte[] init = [];
        _network.Filter = d =>
        {
            init = d.Bytes[0] == (byte)DatagramType.Init ? [.. d.Bytes] : init;
            return true;
        };
        PeerTunnel atA = _a.Peer("e", _b), atB = _b.Peer("e", _a);
        for (int round = 0; round < 40; round++)
        {
            _network.Pass(RoundMs);
            atA.Current = null;
            atA.NextAttemptMs = 0;
            for (int i = 0; i < 60 && init.Length > 0; i++)
            {
                byte[] made = new byte[RelayHeader.Bytes + init.Length];
                new RelayHeader(0, 0, _b.Peer("e", _h).Current!.LocalId, _b.Core.HostTag).Write(made);
                init.CopyTo(made, RelayHeader.Bytes);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(
                    made.AsSpan(RelayHeader.Bytes + 8), ulong.MaxValue / 2 + (ulong)i);
                made[^1] ^= (byte)(1 + i);
                _b.Core.FromNetwork(made, _h.Address.Bytes);
            }
        }

        Assert.NotEqual(0, atB.Counters[TunnelCount.RefusedFlood]);
        Assert.InRange(atA.Counters[TunnelCount.HandshakesCompleted], 20, 50);
    }

    private const int RoundMs = 200;

    [Fact]
    public void Random_routing_headers_are_counted_and_forgotten()
    {
        Start();
        _network.Pass(5000);
        var random = new Random(3);
        uint session = _h.Peer("e", _a).Current!.LocalId;
        byte[] all = new byte[200];
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(all);
            Span<byte> datagram = all.AsSpan(0, random.Next(0, all.Length));
            if (datagram.Length > 0)
                datagram[0] = (byte)DatagramType.Relayed;
            if (datagram.Length >= RelayHeader.Bytes && i % 2 == 0)
            {
                new RelayHeader(
                    (byte)random.Next(6), 0, i % 4 == 0 ? session : (uint)i,
                    i % 8 == 0 ? HostTag.Of("h") : HostTag.Of("b")).Write(datagram);
            }

            _h.Core.FromNetwork(datagram, _a.Address.Bytes);
            if (i % 1000 == 0)
                _network.Run();
        }

        _network.Run();
        Assert.NotEqual(0, _h.Core.Counters[TunnelCount.DropGarbage]);
        Assert.True(Handshakes.IsUp(_a.Peer("e", _b), _a.Core.NowMs));
    }

    private (SwitchPort PortA, MemorySink SinkB) Start(TestHost? fourth = null)
    {
        _network.Apply("e", [
            (_a, Sample.Mac1, Sample.Ip1), (_b, Sample.Mac2, Sample.Ip2), (_h, Sample.Mac3, Sample.Ip3),
            .. fourth is null ? [] : new[] { (fourth, "02:00:00:00:00:04", "10.1.0.4") },
        ]);
        (SwitchPort port, _) = _a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, MemorySink sink) = _b.AddPort("e", Sample.Mac2, Sample.Ip2);
        return (port, sink);
    }

    private static PeerPlan PlanOf(TestHost host) => new(host.Id, host.Address.EndPoint)
    {
        Candidates = [host.Address.EndPoint],
    };

    private static string PathOf(TestHost host, string peer) => StatusReader.Read(host.Core, 0).Environments
        .Single(e => e.Id == "e").Tunnels.Single(t => t.Host == peer).Path;
}
