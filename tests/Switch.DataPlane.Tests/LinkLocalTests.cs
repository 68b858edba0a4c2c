namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A node uses a link-local address of its own choice, and never one that is another's.</summary>
public sealed class LinkLocalTests
{
    private static readonly Ipv6 One = LinkLocalRig.Chosen(1);

    [Theory]
    [InlineData("aaa")]
    [InlineData("abb")]
    [InlineData("abc")]
    public void ANodeThatChoseOneIsFoundAndHeard(string hosts)
    {
        using var rig = new LinkLocalRig(hosts);
        rig.Settle(1, One);
        Assert.Equal(0, rig.Got(1).Length + rig.Got(2).Length + rig.Got(3).Length);

        // Who does not know it asks, and the node itself answers.
        rig.Ask(2, One);
        rig.Network.Run();
        if (hosts[0] != hosts[1])
        {
            Assert.Single(rig.Got(1));
            rig.Answer(1, 2, One);
            rig.Network.Run();
        }

        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(2)), 1, One));
        rig.Data(1, 2, One);
        rig.Network.Run();
        Assert.Equal(One, FrameView.Parse(Assert.Single(rig.Got(2))).Ipv6Source);

        // From now on the switch answers.
        rig.Got(3);
        rig.Ask(2, One);
        rig.Network.Run();
        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(2)), 1, One));
        Assert.Equal(0, rig.Got(1).Length + rig.Got(3).Length);
        Assert.Equal((1, 0), (rig.Count(1, PortCount.AddressesChosen), rig.Port(1).Counters.Losses));
    }

    [Theory]
    [InlineData("aaa")]
    [InlineData("abc")]
    public void ANodeThatDidNotLookFirstIsHeardWhenTheOthersHadTimeToObject(string hosts)
    {
        using var rig = new LinkLocalRig(hosts);
        rig.Data(1, 2, One);
        rig.Network.Run();
        Assert.Equal(hosts == "aaa" ? 1 : 0, rig.Got(2).Length);
        Assert.Equal(hosts == "aaa" ? 0 : 1, rig.Count(1, PortCount.DropUnsettledAddress));
        rig.Network.Pass(LinkLocalRig.SettledMs);
        rig.Data(1, 2, One);
        rig.Network.Run();
        Assert.Single(rig.Got(2));
        Assert.Empty(rig.Got(3));
    }

    [Theory]
    [InlineData("aaa")]
    [InlineData("abb")]
    [InlineData("abc")]
    public void WhatIsAnothersIsNotHadInAnyWay(string hosts)
    {
        using var rig = new LinkLocalRig(hosts);
        rig.Settle(1, One);

        // Without looking, with and without an answer that nobody asked for.
        for (int i = 0; i < 3; i++)
        {
            rig.Data(2, 3, One);
            rig.Answer(2, 3, One);
            rig.Network.Pass(LinkLocalRig.SettledMs);
        }

        Assert.Empty(rig.Got(3));
        Assert.Equal(6, rig.Count(2, PortCount.DropUnsettledAddress) + rig.Count(2, PortCount.DropSpoofedIp)
            + rig.Count(2, PortCount.DropSpoofedNeighbor));

        // Who looks is told so.
        rig.Got(2);
        rig.Settle(2, One);
        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(2)), 1, One));
        rig.Data(2, 3, One);
        rig.Network.Run();
        Assert.Empty(rig.Got(3));

        // Nobody is called a duplicate for it: a node could make another one look like one.
        Assert.Empty(StatusReader.Read(rig.Hosts['a'].Core, 1).Environments.Single().Duplicates);
        rig.Data(1, 3, One);
        rig.Network.Run();
        Assert.Single(rig.Got(3));
    }

    [Theory]
    [InlineData("aaa")]
    [InlineData("abb")]
    public void WhatARowHasByItselfCannotBeChosen(string hosts)
    {
        using var rig = new LinkLocalRig(hosts);
        Ipv6 others = Ipv6.LinkLocalOf(LinkLocalRig.Mac(2));
        rig.Probe(1, others);
        rig.Data(1, 3, others);
        rig.Answer(1, 3, others);
        rig.Network.Pass(LinkLocalRig.SettledMs);
        Assert.Equal((1, 1, 0), (rig.Count(1, PortCount.DropSpoofedIp), rig.Count(1, PortCount.DropSpoofedNeighbor),
            rig.Count(1, PortCount.AddressesChosen)));
        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(1)), 2, others));

        // A row that comes later has its address too, whoever chose it before.
        Ipv6 late = Sample6.LinkLocal("02:00:00:00:00:09");
        rig.Settle(1, late);
        rig.Data(1, 3, late);
        rig.Network.Run();
        Assert.Single(rig.Got(3));
        SwitchEnvironment environment = rig.Hosts['a'].Core.Environments["e"];
        environment.Add(new MacEntry(Sample.Mac("02:00:00:00:00:09"), Sample.Ip("10.1.0.9"), "late"));
        rig.Data(1, 3, late);
        rig.Network.Run();
        Assert.Empty(rig.Got(3));
    }

    [Theory]
    [InlineData("::")]
    [InlineData("fe80::")]
    [InlineData("fe80:1::7")]
    [InlineData("febf::7")]
    [InlineData("fe80::fdff:ffff:ffff:ff80")]
    [InlineData("fe80::fdff:ffff:ffff:ffff")]
    [InlineData("fec0::7")]
    [InlineData("fd00:1::7")]
    [InlineData("2001:db8::7")]
    public void OnlyALinkLocalUnicastAddressCanBeChosen(string text)
    {
        using var rig = new LinkLocalRig("aaa");
        Ipv6 address = text == "::" ? default : Sample6.Ip(text);
        rig.Data(1, 2, address);
        rig.Answer(1, 2, address);
        if (address.IsSet)
            rig.Probe(1, address);
        Assert.Empty(rig.Got(2));
        Assert.Equal((0, address.IsSet ? 3 : 2),
            (rig.Count(1, PortCount.AddressesChosen), rig.Port(1).Counters.Losses));
    }

    [Fact]
    public void AFrameThatSpeaksForTwoChosenOnesIsDropped()
    {
        using var rig = new LinkLocalRig("aaa");
        rig.Send(1, Sample6.Neighbor(Sample.Mac2, Sample.Mac1, LinkLocalRig.Chosen(2), NeighborMessage.Advertisement,
            One, Sample.Mac1, flags: 0x60));
        Assert.Equal((1, 0),
            (rig.Count(1, PortCount.DropSpoofedNeighbor), rig.Count(1, PortCount.AddressesChosen)));
    }

    [Theory]
    [InlineData("aaa")]
    [InlineData("abb")]
    public void ANodeHasFourAtMostAndOneThatItDoesNotUseGivesWay(string hosts)
    {
        using var rig = new LinkLocalRig(hosts);
        for (int i = 1; i <= 100; i++)
        {
            rig.Probe(1, LinkLocalRig.Chosen(i));
            rig.Data(1, 2, LinkLocalRig.Chosen(i));
        }

        Assert.Equal((4, 192),
            (rig.Count(1, PortCount.AddressesChosen), rig.Count(1, PortCount.DropTooManyAddresses)));
        rig.Network.Pass(Limits.LinkLocalIdleMs / 2);
        rig.Got(2);
        foreach (int i in (int[])[1, 3, 4, 5])
            rig.Data(1, 2, LinkLocalRig.Chosen(i));
        rig.Network.Run();
        Assert.Equal(3, rig.Got(2).Length);

        // The second one was not used for a minute.
        rig.Network.Pass(Limits.LinkLocalIdleMs / 2 + 1000);
        rig.Probe(1, LinkLocalRig.Chosen(5));
        rig.Settle(1, LinkLocalRig.Chosen(6));
        foreach (int i in (int[])[1, 3, 4, 5, 6])
            rig.Data(1, 2, LinkLocalRig.Chosen(i));
        rig.Network.Run();
        Assert.Equal([1, 3, 4, 5], rig.Got(2).Select(frame => (int)(FrameView.Parse(frame).Ipv6Source.Low & 0xFFFF)));
        Assert.Null(rig.At('a', LinkLocalRig.Chosen(2)));
        Assert.Equal(5, rig.Count(1, PortCount.AddressesChosen));
    }

    [Fact]
    public void WhatANodeNoLongerHasItsHostMayGiveToAnotherOfItsNodes()
    {
        using var rig = new LinkLocalRig("aab");
        rig.Settle(1, One);
        rig.Data(1, 3, One);
        rig.Network.Pass(Limits.LinkLocalIdleMs + 1000);
        for (int i = 2; i <= 5; i++)
            rig.Probe(1, LinkLocalRig.Chosen(i));
        Assert.Null(rig.At('a', One));
        rig.Settle(2, One);
        rig.Got(3);
        rig.Data(2, 3, One);
        rig.Network.Run();
        Assert.Single(rig.Got(3));
        rig.Ask(3, One);
        rig.Network.Run();
        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(3)), 2, One));

        // The one that had it before does not get it back.
        rig.Data(1, 3, One);
        rig.Network.Run();
        Assert.Empty(rig.Got(3));
    }

    [Fact]
    public void AHostKeepsFourOfANodeOfAnotherHostWhateverThatSends()
    {
        using var rig = new LinkLocalRig("abb");
        SwitchEnvironment environment = rig.Hosts['a'].Core.Environments["e"];
        for (int i = 1; i <= 100; i++)
        {
            // A hostile host does not count.
            rig.Hosts['a'].Core.FromSwitch(
                environment, environment.Find(LinkLocalRig.Mac(2))!,
                Sample.Super(LinkLocalRig.Packet(1, 2, LinkLocalRig.Chosen(i))));
            rig.Network.Pass(50);
        }

        Assert.Equal(4, rig.Hosts['b'].Core.Environments["e"].LinkLocals.Of(LinkLocalRig.Mac(1)).Length);
        Assert.NotNull(rig.At('b', LinkLocalRig.Chosen(100)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AHostileHostCannotHaveWhatIsKnownToBeAnothers(bool isChosen)
    {
        using var rig = new LinkLocalRig("abc");
        Ipv6 address = isChosen ? One : Ipv6.LinkLocalOf(LinkLocalRig.Mac(1));
        rig.Settle(1, One);
        rig.Data(1, 3, address);
        rig.Network.Run();
        Assert.Single(rig.Got(3));
        SwitchEnvironment environment = rig.Hosts['b'].Core.Environments["e"];
        rig.Hosts['b'].Core.FromSwitch(
            environment, environment.Find(LinkLocalRig.Mac(3))!, Sample.Super(LinkLocalRig.Packet(2, 3, address)));
        rig.Network.Run();
        Assert.Empty(rig.Got(3));
        Assert.Equal(1, rig.Hosts['c'].Peer("e", rig.Hosts['b']).Counters[TunnelCount.DropNotListed]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(250)]
    public void AHostThatComesNewIsToldAlsoWhenQuestionsAreLost(int lostMs)
    {
        using var rig = new LinkLocalRig("abc", away: "b");
        rig.Probe(1, One);
        rig.Network.Pass(5000);
        rig.Come('b');
        rig.Network.Pass(1000);
        rig.Network.Filter = _ => false;
        rig.Data(2, 3, One);
        rig.Network.Pass(lostMs);
        rig.Network.Filter = _ => true;
        rig.Network.Pass(LinkLocalRig.SettledMs);
        rig.Got(2);
        rig.Data(2, 3, One);
        rig.Probe(2, One);
        rig.Network.Run();
        Assert.Empty(rig.Got(3));
        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(2)), 1, One));
        Assert.Equal((1, 1),
            (rig.Count(2, PortCount.DropUnsettledAddress), rig.Count(2, PortCount.DropSpoofedIp)));
        Assert.NotEqual(0, rig.Count(1, PortCount.AddressesDefended));
    }

    [Fact]
    public void AHostThatIsAwayDelaysAnAddressAndDoesNotForbidIt()
    {
        using var rig = new LinkLocalRig("abc", away: "c");
        rig.Probe(1, One);
        rig.Network.Pass(Limits.LinkLocalSettleMs - 100);
        rig.Data(1, 2, One);
        rig.Network.Run();
        Assert.Empty(rig.Got(2));
        rig.Network.Pass(200);
        rig.Data(1, 2, One);
        rig.Network.Run();
        Assert.Single(rig.Got(2));
        Assert.Equal(1, rig.Count(1, PortCount.DropUnsettledAddress));
    }

    [Fact]
    public void WhoHasOnlyJustBegunIsNotToldToOthers()
    {
        // Node 2 is with node 3 on a host that does not know yet whose the address is.
        using var rig = new LinkLocalRig("abb");
        rig.Settle(1, One);
        rig.Hosts['b'].Core.Environments["e"].LinkLocals.Forget(LinkLocalRig.Mac(1));
        rig.Probe(2, One);
        rig.Ask(3, One);
        rig.Data(2, 3, One);
        Assert.Empty(rig.Got(3));
        rig.Network.Run();
        rig.Answer(1, 3, One);
        rig.Network.Run();
        Assert.True(LinkLocalRig.Says(Assert.Single(rig.Got(3)), 1, One));
    }

    [Fact]
    public void WhatALimitHeldBackIsJudgedAgain()
    {
        using var rig = new LinkLocalRig("aaa");
        SwitchCore core = rig.Hosts['a'].Core;
        SwitchEnvironment environment = core.Environments["e"];
        environment.PairLimits[(LinkLocalRig.Mac(1).Value, LinkLocalRig.Mac(2).Value)] = new PairLimit(8000);
        for (int i = 0; i < 3; i++)
            rig.Data(1, 2, One);
        int atOnce = rig.Got(2).Length;
        environment.LinkLocals.Forget(LinkLocalRig.Mac(1));
        rig.Network.Pass(1000);
        core.ReleaseHeldBack();
        Assert.Equal((3, 0), (atOnce + (int)rig.Count(1, PortCount.DropUnsettledAddress), rig.Got(2).Length));
        Assert.InRange(atOnce, 1, 2);
    }

    [Fact]
    public void AClosedPortChoosesNothing()
    {
        using var rig = new LinkLocalRig("aaa");
        rig.Port(1).IsOpen = false;
        rig.Probe(1, One);
        rig.Data(1, 2, One);
        Assert.Null(rig.At('a', One));
        rig.Send(1, Sample6.Neighbor(Sample6.AllNodesMac, Sample.Mac1, One, NeighborMessage.Advertisement, One,
            Sample.Mac1, flags: 0x20));
        Assert.True(rig.Port(1).IsOpen);
        Assert.Null(rig.At('a', One));
        rig.Data(1, 2, One);
        Assert.Single(rig.Got(2));
    }

    [Fact]
    public void ARowThatGoesTakesItsAddressesAlong()
    {
        using var rig = new LinkLocalRig("abc");
        rig.Settle(1, One);
        rig.Data(1, 3, One);
        rig.Network.Run();
        Assert.NotNull(rig.At('c', One));
        foreach (TestHost host in rig.Hosts.Values)
        {
            host.Apply(new EnvironmentPlan("e",
                [.. rig.Hosts.Values.Where(h => h != host).Select(h => h.Plan)], null, [],
                [Sample.Node("b", Sample.Mac2, Sample.Ip2), Sample.Node("c", Sample.Mac3, Sample.Ip3)]));
        }

        Assert.Null(rig.At('a', One));
        Assert.Null(rig.At('c', One));
        rig.Got(3);
        rig.Settle(2, One);
        rig.Data(2, 3, One);
        rig.Network.Run();
        Assert.Single(rig.Got(3));
    }
}
