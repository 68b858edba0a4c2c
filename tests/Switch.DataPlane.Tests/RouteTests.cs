namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Chains of hosts of which only neighbours reach each other.</summary>
public sealed class RouteTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void The_ends_of_a_chain_talk_through_those_between(int count)
    {
        TestHost[] hosts = [.. Enumerable.Range(1, count).Select(i => _network.Add("h" + i, i))];
        int NumberOf(System.Net.IPEndPoint e) => e.Address.GetAddressBytes()[3];
        _network.Filter = d => Math.Abs(NumberOf(d.From) - NumberOf(d.To)) == 1;
        string[] ids = [.. hosts.Select(h => h.Id)];
        (TestHost, string, string)[] nodes =
            [.. hosts.Select((h, i) => (h, $"02:00:00:00:00:{i + 1:x2}", $"10.1.0.{i + 1}"))];
        foreach (TestHost host in hosts)
        {
            var errors = new List<string>();
            var plan = new EnvironmentPlan("e",
                new RoutePlanner(host.Id, (item, reason) => errors.Add(reason)).Apply(
                    [new WantedRoute(ids)], [],
                    [.. hosts.Where(h => h != host).Select(h => new PeerPlan(h.Id, h.Address.EndPoint))]),
                null, [], [.. nodes.Select(n => Sample.Node(n.Item1.Id, n.Item2, n.Item3))]);
            Assert.Empty(errors);
            host.Apply(plan);
        }

        (SwitchPort port, _) = hosts[0].AddPort("e", nodes[0].Item2, nodes[0].Item3);
        (_, MemorySink sink) = hosts[^1].AddPort("e", nodes[^1].Item2, nodes[^1].Item3);
        _network.Pass(10_000);
        byte[] frame = Sample.Packet(nodes[^1].Item2, nodes[0].Item2, nodes[0].Item3, nodes[^1].Item3, 1480);
        hosts[0].FromNode("e", port, frame);
        _network.Run();
        Assert.Equal(frame, Assert.Single(sink.Frames));
        TunnelStatus status = StatusReader.Read(hosts[0].Core, 0).Environments[0].Tunnels
            .Single(t => t.Host == ids[^1]);
        Assert.Equal("relayed via h2", status.Path);
        Assert.NotNull(status.RttMs);
        foreach (TestHost between in hosts[1..^1])
            Assert.Equal(0, between.Core.Environments["e"].Peers.Sum(p => p.Counters[TunnelCount.FramesIn]));
    }

    [Fact]
    public void Hosts_between_that_are_no_members_pass_on_and_never_see_the_environment()
    {
        TestHost[] hosts = [.. "abcd".Select((id, i) => _network.Add(id.ToString(), i + 1))];
        int NumberOf(System.Net.IPEndPoint e) => e.Address.GetAddressBytes()[3];
        _network.Filter = d => Math.Abs(NumberOf(d.From) - NumberOf(d.To)) == 1;
        TestHost[] ends = [hosts[0], hosts[^1]];
        WantedMember Member(TestHost host) => new() { Host = host.Id, Endpoint = host.Address.EndPoint.ToString() };
        void Apply(TestHost host, IReadOnlyList<WantedRoute> routes)
        {
            StatePlan plan = new StatePlanner(host.Id, System.Net.Sockets.AddressFamily.InterNetwork).Plan(new()
            {
                Version = 1,
                Relays = [.. hosts.Where(h => h != host).Select(Member)],
                Routes = routes,
                Environments = !ends.Contains(host) ? [] :
                [
                    new WantedEnvironment
                    {
                        Id = "e",
                        Members = [.. ends.Select(Member)],
                        Table = [.. ends.Select((h, i) => new WantedNode
                        {
                            Node = h.Id, Host = h.Id, Sequence = 1,
                            Mac = $"02:00:00:00:00:0{i + 1}", Ip = $"10.1.0.{i + 1}",
                        })],
                    },
                ],
            });
            Assert.Empty(plan.Errors);
            foreach (EnvironmentPlan environment in plan.Environments)
                host.Apply(environment);
        }

        foreach (TestHost host in hosts)
            Apply(host, []);
        (SwitchPort port, _) = hosts[0].AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, MemorySink sink) = hosts[^1].AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(20_000);
        Assert.False(Handshakes.IsUp(hosts[0].Peer("e", hosts[^1]), hosts[0].Core.NowMs));
        foreach (TestHost host in hosts)
            Apply(host, [new WantedRoute(["a", "b", "c", "d"])]);
        _network.Pass(10_000);
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1480);
        hosts[0].FromNode("e", port, frame);
        _network.Run();
        Assert.Equal(frame, Assert.Single(sink.Frames));
        Assert.All(hosts[1..^1], host => Assert.DoesNotContain("e", host.Core.Environments.Keys));
    }

    [Fact]
    public void A_circle_ends_with_its_hops()
    {
        // A controller that is wrong: a sends everything for d to b, b to c, c to a.
        TestHost[] hosts = [.. "abcd".Select((id, i) => _network.Add(id.ToString(), i + 1))];
        var next = new Dictionary<string, string> { ["a"] = "b", ["b"] = "c", ["c"] = "a" };
        foreach (TestHost host in hosts)
        {
            host.Apply(new EnvironmentPlan("e",
                [
                    .. hosts.Where(h => h != host).Select(h => new PeerPlan(h.Id, h.Address.EndPoint)
                    {
                        NextHop = h.Id == "d" ? next.GetValueOrDefault(host.Id) : null,
                    }),
                ],
                null, [], []));
        }

        _network.Pass(2000);
        long[] byHopsLeft = new long[Limits.MaxRelayHops + 1];
        _network.Filter = d => d.Bytes[0] != (byte)DatagramType.Relayed || ++byHopsLeft[d.Bytes[1]] > 0;
        _network.Pass(2000);
        Assert.NotEqual(0, byHopsLeft[^1]);
        Assert.All(byHopsLeft, count => Assert.Equal(byHopsLeft[^1], count));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a b a")]
    [InlineData("a b nobody")]
    [InlineData("a b c d e f g")]
    public void A_route_that_makes_no_sense_is_an_error(string hosts)
    {
        var errors = new List<string>();
        PeerPlan[] peers = [.. "bcdefg".Select(id => new PeerPlan(id.ToString(), new System.Net.IPEndPoint(1, 1)))];
        List<PeerPlan> planned = new RoutePlanner("a", (item, reason) => errors.Add(reason)).Apply(
            [new WantedRoute(hosts.Split(' '))], [], [.. peers]);
        Assert.Single(errors);
        Assert.All(planned, peer => Assert.Null(peer.NextHop));
    }

    [Fact]
    public void Every_host_of_a_chain_gets_its_neighbour_on_the_way()
    {
        string[] chain = ["a", "b", "c", "d"];
        for (int own = 0; own < chain.Length; own++)
        {
            var planned = new RoutePlanner(chain[own], (_, reason) => Assert.Fail(reason)).Apply(
                [new WantedRoute(chain)], [],
                [.. chain.Where(h => h != chain[own]).Select(h => new PeerPlan(h, new System.Net.IPEndPoint(1, 1)))]);
            foreach (PeerPlan peer in planned)
            {
                int distance = Array.IndexOf(chain, peer.Host) - own;
                Assert.Equal(
                    Math.Abs(distance) == 1 ? null : chain[own + Math.Sign(distance)], peer.NextHop);
            }
        }
    }
}
