namespace VioActors.Switch.DataPlane.Tests;

/// <summary>IPv6 of nodes: no node speaks for another, none as a router, and the table answers who is where.</summary>
public sealed class NeighborTests : IDisposable
{
    private const byte Solicitation = NeighborMessage.Solicitation;
    private const byte Advertisement = NeighborMessage.Advertisement;
    private static readonly Ipv6 Own = Sample6.Ip(Sample6.Ip1);
    private static readonly Ipv6 Other = Sample6.Ip(Sample6.Ip2);
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    public static TheoryData<string, string> Forged => new()
    {
        { "source", "dropSpoofedIp" },
        { "link-local source", "dropSpoofedIp" },
        { "no source", "dropSpoofedIp" },
        { "advertisement", "dropSpoofedNeighbor" },
        { "advertised MAC", "dropSpoofedNeighbor" },
        { "asker's MAC", "dropSpoofedNeighbor" },
        { "router", "dropRogueRouter" },
        { "hidden router", "dropRogueRouter" },
        { "redirect", "dropRogueRouter" },
        { "tagged router", "dropRogueRouter" },
        { "router under many tags", "dropMalformed" },
        { "router behind a length", "dropMalformed" },
        { "router in pieces", "dropMalformed" },
        { "advertisement in a fragment", "dropMalformed" },
        { "endless headers", "dropMalformed" },
        { "endless options", "dropMalformed" },
        { "DHCP", "dropRogueDhcp" },
        { "DHCPv6", "dropRogueDhcp" },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public void WhatSpeaksForAnotherIsDroppedOnOneHost(string kind, string counter)
    {
        TestHost a = Hosts(oneHost: true, out SwitchPort one, out MemorySink two, out _);
        a.FromNode("e", one, Frame(kind));
        Assert.Equal(1, one.Counters.Snapshot()[counter]);
        Assert.Empty(two.Frames);

        // The control: the honest kind of the same.
        a.FromNode("e", one, Data(Own));
        Assert.Single(two.Frames);
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public void WhatSpeaksForAnotherIsDroppedAgainBehindATunnel(string kind, string counter)
    {
        TestHost a = Hosts(oneHost: false, out SwitchPort one, out MemorySink two, out TestHost b);
        a.FromNode("e", one, Frame(kind));
        Assert.Equal(1, one.Counters.Snapshot()[counter]);

        // A hostile host does not check: what its node sends goes out as it is.
        SwitchEnvironment environment = a.Core.Environments["e"];
        a.Core.FromSwitch(environment, environment.Find(Sample.Mac(Sample.Mac2))!, Sample.Super(Frame(kind)));
        _network.Run();
        Counters<TunnelCount> dropped = b.Peer("e", a).Counters;
        Assert.Equal(1, dropped[TunnelCount.DropNotListed] + dropped[TunnelCount.DropRunt]);
        Assert.Empty(two.Frames);
        a.FromNode("e", one, Data(Own));
        a.FromNode("e", one, Data(Sample6.LinkLocal(Sample.Mac1)));
        _network.Run();
        Assert.Equal(2, two.Frames.Count);
    }

    [Fact]
    public void AListedNeighborIsAnsweredFromTheTable()
    {
        TestHost a = Hosts(oneHost: false, out SwitchPort one, out MemorySink two, out _);
        var own = (MemorySink)_sink!;
        foreach (Ipv6 target in (Ipv6[])[Other, Sample6.LinkLocal(Sample.Mac2)])
        {
            a.FromNode("e", one, Ask(Own, target, Sample.Mac1));
            byte[] reply = own.Frames[^1];
            FrameView frame = FrameView.Parse(reply);
            Assert.True(NeighborMessage.TryParse(frame, out NeighborMessage message));
            Assert.Equal((Advertisement, target, true), (message.Type, message.Target, message.IsSolicited));
            Assert.Equal((Sample.Mac(Sample.Mac2), Sample.Mac(Sample.Mac1), target, Own),
                (frame.Source, frame.Destination, frame.Ipv6Source, frame.Ipv6Destination));
            Assert.True(message.TellsLinkLayer && !message.TellsOther);
            Assert.True(Sample6.HasGoodChecksum(reply));
        }

        // Somebody who looks whether the address is free is told that it is not; nobody tells the owner so.
        a.FromNode("e", one, Ask(default, Other, null));
        Assert.Equal(Ipv6.AllNodes, FrameView.Parse(own.Frames[^1]).Ipv6Destination);
        Assert.Equal(3, own.Frames.Count);
        a.FromNode("e", one, Ask(default, Own, null));
        a.FromNode("e", one, Ask(default, Sample6.LinkLocal(Sample.Mac1), null));
        a.FromNode("e", one, Ask(default, Sample6.Ip("fd00:1::99"), null));
        _network.Run();
        Assert.Equal((3, 0), (own.Frames.Count, two.Frames.Count));
        Assert.Equal(1, one.Counters[PortCount.DropSpoofedNeighbor]);

        // The control: an address that nobody has is asked everywhere.
        a.FromNode("e", one, Ask(Own, Sample6.Ip("fd00:1::99"), Sample.Mac1));
        _network.Run();
        Assert.Single(two.Frames);
    }

    [Fact]
    public void AnUnsolicitedAdvertisementOpensAPortThatWaitsForItsNode()
    {
        TestHost a = Hosts(oneHost: true, out SwitchPort one, out MemorySink two, out _);
        one.IsOpen = false;
        a.FromNode("e", one, Data(Own));
        a.FromNode("e", one, Sample6.Neighbor(
            "33:33:00:00:00:01", Sample.Mac1, Own, Advertisement, Own, Sample.Mac1, flags: 0x60));
        Assert.False(one.IsOpen);
        a.FromNode("e", one, Sample6.Neighbor(
            "33:33:00:00:00:01", Sample.Mac1, Own, Advertisement, Own, Sample.Mac1, flags: 0x20));
        Assert.True(one.IsOpen);
        a.FromNode("e", one, Data(Own));
        Assert.Equal((1, 1L), (two.Frames.Count, one.Counters[PortCount.Announcements]));
    }

    [Fact]
    public void AnswersCostTheNodeOfItsShareOfBroadcasts()
    {
        TestHost a = Hosts(oneHost: true, out SwitchPort one, out _, out _);
        var own = (MemorySink)_sink!;
        for (int i = 0; i < 3 * Limits.BroadcastsPerPortPerSecond; i++)
        {
            a.FromNode("e", one, i % 2 == 0
                ? Ask(Own, Other, Sample.Mac1) : Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        }

        Assert.Equal(Limits.BroadcastsPerPortPerSecond, own.Frames.Count);
        Assert.Equal(2 * Limits.BroadcastsPerPortPerSecond, one.Counters[PortCount.DropStorm]);
    }

    [Fact]
    public void ANewAddressComesWithTheTableAndThePlaceOfTheNodeStays()
    {
        TestHost a = Hosts(oneHost: true, out SwitchPort one, out MemorySink two, out _);
        MacEntry entry = a.Core.Environments["e"].Find(Own)!;
        Apply(a, a, Sample6.Ip3);
        a.FromNode("e", one, Data(Own));
        Assert.Empty(two.Frames);
        a.FromNode("e", one, Data(Sample6.Ip(Sample6.Ip3)));
        Assert.Single(two.Frames);
        Assert.Same(entry, a.Core.Environments["e"].Find(Sample6.Ip(Sample6.Ip3)));
        Assert.Null(a.Core.Environments["e"].Find(Own));
    }

    [Theory]
    [InlineData("ff02::1")]
    [InlineData("fe80::1")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fd00::1%eth0")]
    [InlineData("10.0.0.1")]
    [InlineData("")]
    public void AWrongAddressIsAnErrorOfItsItem(string ip6)
    {
        var state = new SwitchWantedState
        {
            Version = 1,
            Environments =
            [
                new WantedEnvironment
                {
                    Id = "e",
                    Ports =
                    [
                        new() { Tap = "t", Bridge = "b", Node = "n", Mac = Sample.Mac1, Ip = Sample.Ip1, Ip6 = ip6 },
                    ],
                    Table =
                    [
                        new() { Node = "n1", Mac = Sample.Mac1, Ip = Sample.Ip1, Host = "a", Ip6 = ip6 },
                        new() { Node = "n2", Mac = Sample.Mac2, Ip = Sample.Ip2, Host = "a", Ip6 = Sample6.Ip1 },
                        new() { Node = "n3", Mac = Sample.Mac3, Ip = Sample.Ip3, Host = "a", Ip6 = Sample6.Ip1 },
                    ],
                },
            ],
        };
        StatePlan plan = new StatePlanner("a", System.Net.Sockets.AddressFamily.InterNetwork).Plan(state);
        Assert.Equal(["node n1", "node n3", "port t"], plan.Errors.Select(e => e.Item));
        Assert.Equal(Sample6.Ip(Sample6.Ip1), Assert.Single(plan.Environments[0].Nodes).Ip6);
    }

    [Fact]
    public void AnyBytesBehindAnIpv6HeaderAreJudgedAndNothingForgedPasses()
    {
        TestHost a = Hosts(oneHost: true, out SwitchPort one, out MemorySink two, out _);
        SwitchEnvironment environment = a.Core.Environments["e"];
        var stranger = new PeerTunnel(environment, "b", SocketAddress.From(new System.Net.IPEndPoint(1, 1)));
        var random = new Random(20260301);
        byte[][] seeds = [.. Forged.Select(f => Frame(f.Data.Item1)), Ask(Own, Other, Sample.Mac1), Data(Own)];
        var verdicts = new HashSet<string>();
        for (int i = 0; i < 200_000; i++)
        {
            byte[] frame = [.. seeds[random.Next(seeds.Length)]];
            for (int change = random.Next(1, 5); change > 0; change--)
                frame[random.Next(12, frame.Length)] = (byte)random.Next(256);
            int length = random.Next(4) == 0 ? random.Next(frame.Length) : frame.Length;
            FrameView view = FrameView.Parse(frame.AsSpan(0, length));
            PortVerdict verdict = Forwarding.FromPort(environment, one, view, 1);
            Forwarding.FromPeer(environment, stranger, view, false, 1);
            verdicts.Add(verdict.Action == PortAction.Drop ? verdict.Reason.ToString() : verdict.Action.ToString());
            if (verdict.Action is PortAction.Forward or PortAction.Flood && view.EtherType == FrameView.TypeIpv6)
                Assert.True(!view.Ipv6Source.IsSet || view.Ipv6Source == Own
                    || view.Ipv6Source == Sample6.LinkLocal(Sample.Mac1)
                    || view.Ipv6Source == verdict.Claims && environment.Find(verdict.Claims) is null);
        }

        Assert.Superset(
            new HashSet<string> { "Forward", "AnswerNeighbor", "DropMalformed", "DropRogueRouter", "DropSpoofedIp" },
            verdicts);
        Assert.Empty(two.Frames);
    }

    private IFrameSink? _sink;

    private TestHost Hosts(bool oneHost, out SwitchPort one, out MemorySink two, out TestHost other)
    {
        TestHost a = _network.Add("a", 1), b = oneHost ? a : _network.Add("b", 2);
        Apply(a, b, Sample6.Ip1);
        if (!oneHost)
            Apply(b, a, Sample6.Ip2, Sample6.Ip1);
        (one, MemorySink own) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (SwitchPort second, two) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        one.Ip6 = Own;
        second.Ip6 = Other;
        _sink = own;
        other = b;
        _network.Pass(1000);
        return a;
    }

    private static void Apply(TestHost host, TestHost peer, string ip6, string? peerIp6 = null)
    {
        bool isFirst = host.Id == "a";
        string second = isFirst ? peer.Id : host.Id, first = isFirst ? host.Id : peer.Id;
        NodePlan[] nodes =
        [
            Sample.Node(first, Sample.Mac1, Sample.Ip1) with { Ip6 = Sample6.Ip(isFirst ? ip6 : peerIp6!) },
            Sample.Node(second, Sample.Mac2, Sample.Ip2) with { Ip6 = Other },
        ];
        PeerPlan[] peers = ReferenceEquals(host, peer) ? [] : [new PeerPlan(peer.Id, peer.Address.EndPoint)];
        PortPlan[] ports = isFirst
            ? [new("t", "b", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), true, 1500, null, Sample6.Ip(ip6))]
            : [];
        host.Apply(new EnvironmentPlan("e", peers, null, ports, nodes));
    }

    private static byte[] Data(Ipv6 from) =>
        Sample6.Packet(Sample.Mac2, Sample.Mac1, from, Other, 6, new byte[40], hops: 64);

    private static byte[] Ask(Ipv6 from, Ipv6 target, string? mac) =>
        Sample6.Neighbor("33:33:ff:00:00:02", Sample.Mac1, from, Solicitation, target, mac);

    private static byte[] Frame(string kind)
    {
        byte[] Raw(byte protocol, params byte[] body) => Sample6.Packet(
            Sample6.AllNodesMac, Sample.Mac1, Own, Ipv6.AllNodes, protocol, body);
        byte[] Inserted(params byte[] header)
        {
            byte[] router = Raw(58, Body(NeighborMessage.RouterAdvertisement));
            return [.. router[..12], .. header, .. router[12..]];
        }

        byte[] Body(byte type) => [type, .. new byte[23]];
        byte[] advertisement = [.. Sample6.Neighbor(
            Sample.Mac2, Sample.Mac1, Own, Advertisement, Own, Sample.Mac1).AsSpan(54)];
        return kind switch
        {
            "source" => Data(Other),
            "link-local source" => Data(Sample6.LinkLocal(Sample.Mac2)),
            "no source" => Data(default),
            "advertisement" => Sample6.Neighbor(Sample.Mac2, Sample.Mac1, Own, Advertisement, Other, Sample.Mac1),
            "advertised MAC" => Sample6.Neighbor(Sample.Mac2, Sample.Mac1, Own, Advertisement, Own, Sample.Mac3),
            "asker's MAC" => Ask(Own, Other, Sample.Mac2),
            "router" => Raw(58, Body(NeighborMessage.RouterAdvertisement)),
            "hidden router" => Raw(0, [60, 0, 0, 0, 0, 0, 0, 0, 58, 0, 0, 0, 0, 0, 0, 0,
                .. Body(NeighborMessage.RouterAdvertisement)]),
            "tagged router" => Inserted(0x81, 0, 0, 0, 0x91, 0, 0, 0),
            "router under many tags" => Inserted(0x81, 0, 0, 0, 0x81, 0, 0, 0, 0x81, 0, 0, 0),
            "router behind a length" => Inserted(0, 72, 0xAA, 0xAA, 3, 0, 0, 0),
            "redirect" => Raw(58, Body(NeighborMessage.Redirect)),

            // The first fragment ends inside the headers, so that the second one brings the router.
            "router in pieces" => Raw(44, [60, 0, 0, 1, 0, 0, 0, 9, 58, 2, 0, 0, 0, 0, 0, 0]),
            "advertisement in a fragment" => Raw(44, [58, 0, 0, 1, 0, 0, 0, 9, .. advertisement]),
            "endless headers" => Raw(60, [.. Enumerable.Range(0, 72).Select(i => (byte)(i % 8 == 0 ? 60 : 0))]),
            "endless options" => Raw(58, [.. advertisement[..24], 5, 0, 0, 0, 0, 0, 0, 0]),
            "DHCP" => Sample6.Udp4(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 67, 68, new byte[240]),
            _ => Sample6.Udp(Sample.Mac2, Sample.Mac1, Own, Other, 547, 546, new byte[8]),
        };
    }
}
