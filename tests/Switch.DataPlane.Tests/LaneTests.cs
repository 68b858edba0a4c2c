namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Hosts with several lanes, also not as many as the other has.</summary>
public sealed class LaneTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    public static TheoryData<int, int, bool> Counts()
    {
        var data = new TheoryData<int, int, bool>();
        for (int a = 1; a <= 4; a++)
        {
            for (int b = 1; b <= 4; b++)
            {
                data.Add(a, b, true);
                data.Add(a, b, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void EachLaneSendsToTheOtherHostAndNothingComesTwice(int lanesOfA, int lanesOfB, bool isKnown)
    {
        (TestHost a, TestHost b, LanedPort one, LanedPort two) = Pair(lanesOfA, lanesOfB, isKnown);
        for (int lane = 0; lane < lanesOfA; lane++)
            a.Lanes[lane].FromNode("e", one.On[lane], Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        for (int lane = 0; lane < lanesOfB; lane++)
            b.Lanes[lane].FromNode("e", two.On[lane], Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1));
        _network.Run();
        Assert.Equal((lanesOfA, lanesOfB), (two.Got, one.Got));

        // Each lane had a session of its own: nothing was handed over.
        Assert.All(a.Lanes.Concat(b.Lanes), lane =>
            Assert.Equal(0, lane.Core.Lanes.InboxOf(lane.Core.Settings.Lane).Frames));
        foreach ((TestHost lane, SwitchPort port) in a.Lanes.Zip(one.On))
            lane.FromNode("e", port, Broadcast(Sample.Mac1, Sample.Ip1));
        _network.Run();
        Assert.Equal(2 * lanesOfA, two.Got);
        Assert.Equal(lanesOfB, one.Got);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    public void TheSameNumberOfLanesMakesOneSessionPerLane(int lanesOfA, int lanesOfB)
    {
        (TestHost a, TestHost b, _, LanedPort two) = Pair(lanesOfA, lanesOfB, isKnown: true);
        Assert.All(a.Lanes.Concat(b.Lanes), lane => Assert.Single(lane.Core.Environments["e"].Peers));
        Assert.All(a.Lanes.Concat(b.Lanes), lane => Assert.Single(lane.Core.Sessions));
        Assert.Equal(0, two.Got);
    }

    [Fact]
    public void ALaneWithoutASessionUsesTheFirstOnes()
    {
        _network.Filter = d => d.To.Port == 7946 && d.From.Port == 7946;
        (TestHost a, _, LanedPort one, LanedPort two) = Pair(2, 2, isKnown: true);
        a.Lanes[1].FromNode("e", one.On[1], Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        a.Lanes[1].FromNode("e", one.On[1], Broadcast(Sample.Mac1, Sample.Ip1));
        _network.Run();
        Assert.Equal((2, 0), (two.Sinks[0].Frames.Count, two.Sinks[1].Frames.Count));
        Assert.Equal(2, a.Core.Lanes.InboxOf(0).Frames);
        Assert.Equal(0, one.On[1].Counters[PortCount.DropNoTunnel]);
    }

    [Fact]
    public void WhatOneLaneHearsOfAMoveAllFollow()
    {
        (TestHost a, TestHost b, TestHost c) = ThreeHosts(
            out LanedPort source, out LanedPort target, out LanedPort talker);
        b.Lanes[1].FromNode("e", target.On[1], Sample.Rarp(Sample.Mac1));
        _network.Run();
        Assert.All(target.On, port => Assert.True(port.IsOpen));
        foreach (TestHost lane in a.Lanes.Concat(b.Lanes).Concat(c.Lanes))
        {
            MacEntry entry = lane.Core.Environments["e"].Find(Sample.Mac(Sample.Mac1))!;
            Assert.Equal(("b", 6UL), (entry.Location, entry.Sequence));
        }

        foreach ((TestHost lane, SwitchPort port) in c.Lanes.Zip(talker.On))
            lane.FromNode("e", port, Sample.Packet(Sample.Mac1, Sample.Mac3, Sample.Ip3, Sample.Ip1));
        _network.Run();
        Assert.Equal((0, c.Lanes.Count), (source.Got, target.Got));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public void ALinkLocalAddressThatOneLaneClaimsIsTheNodesOnAllAndNobodyElses(int lanesOfA, int lanesOfB)
    {
        (TestHost a, TestHost b, LanedPort one, LanedPort two) = Pair(lanesOfA, lanesOfB, isKnown: true);
        Ipv6 chosen = LinkLocalRig.Chosen(1);
        void Send(TestHost from, LanedPort port, int lane, int node, int to) =>
            from.Lanes[lane].FromNode("e", port.On[lane], LinkLocalRig.Packet(node, to, chosen));
        Send(a, one, lanesOfA - 1, 1, 2);
        _network.Pass(500);
        Assert.Equal(0, two.Got);
        for (int lane = 0; lane < lanesOfA; lane++)
            Send(a, one, lane, 1, 2);
        _network.Run();
        Assert.Equal(lanesOfA, two.Got);

        // What came on any lane tells all lanes of the other host.
        for (int lane = 0; lane < lanesOfB; lane++)
            Send(b, two, lane, 2, 1);
        _network.Run();
        Assert.Equal((0, (long)lanesOfB),
            (one.Got, two.On.Sum(port => port.Counters[PortCount.DropSpoofedIp])));
        Assert.Equal((1, 1), (one.On.Sum(port => port.Counters[PortCount.AddressesChosen]),
            one.On.Sum(port => port.Counters[PortCount.DropUnsettledAddress])));
    }

    [Fact]
    public void AnAddressWaitsForAHostToWhichNoLaneHasASession()
    {
        // Host b is not there yet, though a is told of it: nobody has heard the question of lane 1.
        _network.Filter = _ => false;
        (TestHost a, _, LanedPort one, _) = Pair(2, 2, isKnown: true);
        a.Lanes[1].FromNode("e", one.On[1], LinkLocalRig.Packet(1, 2, LinkLocalRig.Chosen(1)));
        LinkLocalClaim claim = a.Core.Environments["e"].LinkLocals.Find(LinkLocalRig.Chosen(1))!;
        _network.Pass(1000);
        Assert.False(claim.IsSettled(a.Core.NowMs));
        _network.Pass(Limits.LinkLocalSettleMs);
        Assert.True(claim.IsSettled(a.Core.NowMs));
    }

    [Fact]
    public void AClaimThatReachesOneLaneOnlyReachesAll()
    {
        (_, TestHost b, TestHost c) = ThreeHosts(out LanedPort source, out LanedPort target, out LanedPort talker);
        _network.Filter = d => !d.To.Equals(c.Lanes[0].Address.EndPoint);
        b.FromNode("e", target.On[0], Sample.Rarp(Sample.Mac1));
        _network.Run();
        c.FromNode("e", talker.On[0], Sample.Packet(Sample.Mac1, Sample.Mac3, Sample.Ip3, Sample.Ip1));
        _network.Run();
        Assert.Equal((0, 1), (source.Got, target.Got));
    }

    [Fact]
    public void AFindingOfOneLaneHoldsOnAll()
    {
        (TestHost a, TestHost b, LanedPort one, LanedPort two) = Pair(2, 2, isKnown: true, quarantines: true);
        for (int i = 0; i < Limits.DuplicateSigns; i++)
        {
            a.Lanes[1].FromNode("e", one.On[1], Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip2, Sample.Ip1));
            _network.Pass(Limits.DuplicateSpacingMs);
        }

        foreach ((TestHost lane, SwitchPort port) in a.Lanes.Zip(one.On))
        {
            lane.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
            Assert.Equal(1, port.Counters[PortCount.DropQuarantined]);
        }

        SwitchStatus status = Status(a);
        Assert.Equal("othersAddress", Assert.Single(Assert.Single(status.Environments).Duplicates).Kind);
        Assert.Equal(1, status.Counters["duplicatesFound"]);
        Assert.Equal(0, two.Got);
    }

    [Fact]
    public void TheStatusAddsUpAndShowsEachLane()
    {
        (TestHost a, TestHost b, LanedPort one, LanedPort two) = Pair(3, 2, isKnown: true);
        for (int lane = 0; lane < 3; lane++)
        {
            for (int i = 0; i <= lane; i++)
                a.Lanes[lane].FromNode(
                    "e", one.On[lane], Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        }

        _network.Run();
        SwitchStatus status = Status(a);
        Assert.Equal([(0, 1L), (1, 2L), (2, 3L)], status.Lanes.Select(l => (l.Lane, l.FramesFromNodes)));
        EnvironmentStatus environment = Assert.Single(status.Environments);
        Assert.Equal(6, Assert.Single(environment.Ports).Counters["framesFromNode"]);
        Assert.Equal(6, Assert.Single(environment.Tunnels).Counters["framesOut"]);
        Assert.Equal(6, Assert.Single(environment.Pairs).Frames);
        Assert.Equal(6, Assert.Single(Assert.Single(Status(b).Environments).Ports).Counters["framesToNode"]);
        Assert.Equal(6, two.Got);
        Assert.Equal(0, status.FramesCrossed);
    }

    [Fact]
    public void APortWithOneEndGetsWhatOtherLanesHave()
    {
        (TestHost a, TestHost b, LanedPort one, _) = Pair(2, 2, isKnown: true);
        var sink = new MemorySink();
        var plan = new PortPlan("tap3", "", "n3", Sample.Mac(Sample.Mac3), Sample.Ip(Sample.Ip3), true, 1500);
        var gate = new PortGate { IsOpen = true };
        SwitchPort home = CoreConfiguration.AddPort(a.Lanes[1].Core, "e", plan, sink, gate);
        SwitchPort other = CoreConfiguration.AddPort(
            a.Core, "e", plan, new HandOverSink(a.Core.Lanes.InboxOf(1), 0, home), gate);
        foreach ((TestHost lane, SwitchPort port) in a.Lanes.Zip(one.On))
            lane.FromNode("e", port, Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3));
        _network.Run();
        Assert.Equal(2, sink.Frames.Count);
        Assert.Equal(1, a.Core.Lanes.InboxOf(1).Frames);
        Assert.Equal((1, 1), (home.Counters[PortCount.FramesToNode], other.Counters[PortCount.FramesToNode]));

        // One that is gone takes no more, also of what was on its way.
        a.FromNode("e", one.On[0], Sample.Packet(Sample.Mac3, Sample.Mac1, Sample.Ip1, Sample.Ip3));
        CoreConfiguration.RemovePort(a.Lanes[1].Core, "e", home);
        _network.Run();
        Assert.Equal(2, sink.Frames.Count);
    }

    [Fact]
    public async Task AProbeIsAnsweredByWhateverLane()
    {
        (TestHost a, TestHost b, LanedPort one, _) = Pair(2, 2, isKnown: true, prober: "02:ff:00:00:00:0a");
        var run = new PingRun(
            a.Core.Environments["e"], Sample.Ip(Sample.Ip1), TimeSpan.FromMilliseconds(50), 3, TimeSpan.FromSeconds(1),
            _network.Time);
        Assert.Null(a.Core.Prober.Start(run));
        int answered = 0;
        for (int i = 0; i < 40 && !run.Result.IsCompleted; i++)
        {
            _network.Pass(50);
            foreach (byte[] echo in one.Sinks[0].Frames.Skip(answered).ToArray())
            {
                a.Lanes[1].FromNode("e", one.On[1], EchoAnswer(echo));
                answered++;
            }

            _network.Run();
        }

        Assert.True(run.Result.IsCompleted);
        Assert.Equal(3, (await run.Result).Received);
    }

    public static TheoryData<int, int, int> RelayCounts()
    {
        var data = new TheoryData<int, int, int>();
        foreach (int a in (int[])[1, 2, 4])
        {
            foreach (int b in (int[])[1, 2, 3])
            {
                foreach (int relay in (int[])[1, 2, 3])
                    data.Add(a, b, relay);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RelayCounts))]
    public void EachLaneIsPassedOnByARelayWithAnyNumberOfLanes(int lanesOfA, int lanesOfB, int lanesOfRelay)
    {
        TestHost[] all =
        [
            _network.AddLanes("a", 1, lanesOfA), _network.AddLanes("b", 2, lanesOfB),
            _network.AddLanes("h", 3, lanesOfRelay),
        ];
        _network.Filter = d => d.From.Address.Equals(all[2].Address.EndPoint.Address)
            || d.To.Address.Equals(all[2].Address.EndPoint.Address);
        foreach (TestHost host in all)
        {
            foreach (TestHost lane in host.Lanes)
            {
                lane.Apply(new EnvironmentPlan("e", [.. all.Where(o => o != host).Select(o => o.Plan)], null, [],
                    [Sample.Node("a", Sample.Mac1, Sample.Ip1), Sample.Node("b", Sample.Mac2, Sample.Ip2)]));
            }
        }

        LanedPort one = all[0].AddLanedPort("e", Sample.Mac1, Sample.Ip1);
        LanedPort two = all[1].AddLanedPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(12_000);
        for (int lane = 0; lane < lanesOfA; lane++)
            all[0].Lanes[lane].FromNode(
                "e", one.On[lane], Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        for (int lane = 0; lane < lanesOfB; lane++)
            all[1].Lanes[lane].FromNode(
                "e", two.On[lane], Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1));
        _network.Run();
        Assert.Equal((lanesOfA, lanesOfB), (two.Got, one.Got));
    }

    private static byte[] EchoAnswer(byte[] echo)
    {
        byte[] answer = [.. echo];
        echo.AsSpan(6, 6).CopyTo(answer);
        echo.AsSpan(0, 6).CopyTo(answer.AsSpan(6));
        echo.AsSpan(26, 4).CopyTo(answer.AsSpan(30));
        echo.AsSpan(30, 4).CopyTo(answer.AsSpan(26));
        int sum = (answer[36] << 8 | answer[37]) + 0x0800;
        sum = (sum & 0xFFFF) + (sum >> 16);
        (answer[34], answer[36], answer[37]) = (0, (byte)(sum >> 8), (byte)sum);
        return answer;
    }

    private static byte[] Broadcast(string mac, string ip) =>
        Sample.Packet("ff:ff:ff:ff:ff:ff", mac, ip, "255.255.255.255");

    private static SwitchStatus Status(TestHost host) => StatusMerge.Of(
        [.. host.Lanes.Select(lane => StatusReader.Read(lane.Core, lane.Address.EndPoint.Port))]);

    private (TestHost A, TestHost B, LanedPort One, LanedPort Two) Pair(
        int lanesOfA, int lanesOfB, bool isKnown, bool quarantines = false, string? prober = null)
    {
        TestHost a = _network.AddLanes("a", 1, lanesOfA);
        TestHost b = _network.AddLanes("b", 2, lanesOfB);
        if (!isKnown)
            (a.KnownLanes, b.KnownLanes) = (1, 1);
        foreach ((TestHost host, TestHost other) in new[] { (a, b), (b, a) })
        {
            foreach (TestHost lane in host.Lanes)
            {
                bool probes = prober is not null && host == a;
                ProberAddress? address = probes ? new ProberAddress(Sample.Mac(prober!), Sample.Ip("10.1.9.9")) : null;
                NodePlan[] nodes =
                [
                    Sample.Node("a", Sample.Mac1, Sample.Ip1), Sample.Node("b", Sample.Mac2, Sample.Ip2),
                    Sample.Node("a", Sample.Mac3, Sample.Ip3),
                ];
                if (address is not null)
                    nodes = [.. nodes, Sample.Node("a", prober!, "10.1.9.9") with { IsLocalProber = true }];
                lane.Apply(new EnvironmentPlan("e", [other.Plan], address, [], nodes)
                {
                    QuarantinesDuplicates = quarantines,
                });
            }
        }

        LanedPort one = a.AddLanedPort("e", Sample.Mac1, Sample.Ip1);
        LanedPort two = b.AddLanedPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1500);
        return (a, b, one, two);
    }

    private (TestHost A, TestHost B, TestHost C) ThreeHosts(
        out LanedPort source, out LanedPort target, out LanedPort talker)
    {
        TestHost[] all = [_network.AddLanes("a", 1, 2), _network.AddLanes("b", 2, 3), _network.AddLanes("c", 3, 2)];
        foreach (TestHost host in all)
        {
            foreach (TestHost lane in host.Lanes)
            {
                lane.Apply(new EnvironmentPlan("e", [.. all.Where(o => o != host).Select(o => o.Plan)], null, [],
                [
                    Sample.Node("a", Sample.Mac1, Sample.Ip1, preBound: "b", sequence: 5),
                    Sample.Node("c", Sample.Mac3, Sample.Ip3),
                ]));
            }
        }

        source = all[0].AddLanedPort("e", Sample.Mac1, Sample.Ip1);
        target = all[1].AddLanedPort("e", Sample.Mac1, Sample.Ip1, new PortPlan(
            "tapx", "br", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), false, 1500));
        talker = all[2].AddLanedPort("e", Sample.Mac3, Sample.Ip3);
        _network.Pass(1500);
        return (all[0], all[1], all[2]);
    }
}
