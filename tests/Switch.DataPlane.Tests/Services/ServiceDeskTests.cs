namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What goes to the service address, whatever it is.</summary>
public class ServiceDeskTests
{
    [Theory]
    [InlineData(false, 4)]
    [InlineData(false, 1476)]
    [InlineData(true, 5)]
    [InlineData(true, 1456)]
    public void APingIsAnswered(bool over6, int bytes)
    {
        using var bench = new ServiceBench(oneHost: over6);
        byte[] ask = ServiceBench.Echo(over6, bytes);
        byte[] reply = bench.Ask(ask)!;
        int icmp = over6 ? 54 : 34;
        Assert.Equal(over6 ? 129 : 0, reply[icmp]);
        Assert.Equal(ask[(icmp + 4)..], reply[(icmp + 4)..]);
        FrameView frame = FrameView.Parse(reply);
        Assert.Equal((Sample.Mac(ServiceBench.Mac), Sample.Mac(Sample.Mac1)), (frame.Source, frame.Destination));
        Assert.Null(bench.Ask(ServiceBench.Echo(over6, bytes, over6 ? Sample6.Ip3 : Sample.Ip3)));
        Assert.Null(bench.Ask(ServiceBench.Echo(over6, 1600)));
        Assert.Equal(2, bench.One.Counters[PortCount.DropNotServed]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnlyTheWayOutBringsInWhatComesFromOutside(bool oneHost)
    {
        foreach (bool isGateway in (bool[])[true, false])
        {
            using var bench = new ServiceBench(oneHost, s => isGateway
                ? s with { Gateway = Sample.Ip1, Gateway6 = Sample6.Ip1 } : s);
            foreach (string from in (string[])["8.8.8.8", "10.2.0.1", "10.1.0.77", "127.0.0.1", "224.0.0.1"])
                Send(bench, Sample.Packet(Sample.Mac2, Sample.Mac1, from, Sample.Ip2));
            foreach (string from in (string[])["2001:db8::1", "fd00:1::77", "fe80:1::1", "::1", "ff02::1"])
                Send(bench, Sample6.Packet(
                    Sample.Mac2, Sample.Mac1, Sample6.Ip(from), Sample6.Ip(Sample6.Ip2), 6, new byte[40]));
            Assert.Equal(isGateway ? 3 : 0, bench.Others.Frames.Count);
            Assert.Equal(isGateway ? 7 : 10, bench.One.Counters[PortCount.DropSpoofedIp]);
        }

        static void Send(ServiceBench bench, byte[] frame)
        {
            bench.A.FromNode("e", bench.One, frame);
            bench.Network.Run();
        }
    }

    [Fact]
    public void AnyBytesToTheServicesAreAnsweredOrCounted()
    {
        using var bench = new ServiceBench();
        SwitchEnvironment environment = bench.A.Core.Environments["e"];
        var random = new Random(20260305);
        byte[][] seeds =
        [
            ServiceBench.Echo(false, 60), ServiceBench.Echo(true, 60),
            ServiceBench.DhcpFrame(ServiceBench.Dhcp(DhcpType.Discover)),
            ServiceBench.DhcpFrame(ServiceBench.Dhcp(DhcpType.Request, Sample.Ip1), Sample.Ip1, unicast: true),
            Sample6.Udp4(ServiceBench.Mac, Sample.Mac1, Sample.Ip1, ServiceBench.Ip, 999, 53,
                DnsTests.Question("two", 1, true)),
            Sample6.Udp(ServiceBench.Mac, Sample.Mac1, Sample6.Ip(Sample6.Ip1), Sample6.Ip(ServiceBench.Ip6), 999, 53,
                DnsTests.Question("two", 28, true)),
            Sample6.Udp("33:33:00:01:00:02", Sample.Mac1, Sample6.LinkLocal(Sample.Mac1), Sample6.Ip("ff02::1:2"), 546,
                547, [11, 1, 2, 3]),
            Sample6.Packet("33:33:00:00:00:02", Sample.Mac1, default, Sample6.Ip("ff02::2"), 58, [133, .. new byte[7]]),
        ];
        for (int i = 0; i < 200_000; i++)
        {
            byte[] frame = [.. seeds[random.Next(seeds.Length)]];
            for (int change = random.Next(4); change > 0; change--)
                frame[random.Next(12, frame.Length)] = (byte)random.Next(256);
            int length = random.Next(5) == 0 ? random.Next(frame.Length + 1) : frame.Length;

            // The checksum is the device's half of the time, so that what is behind it is reached too.
            byte[] superFrame = [(byte)random.Next(2), .. new byte[11], .. frame.AsSpan(0, length)];
            bench.A.Core.FromPort(environment, bench.One, superFrame);
            if (i % 100 == 0)
            {
                bench.Network.Time.Advance(SwitchCore.TickMs);
                bench.A.Core.UpdateClock();
                Assert.All(bench.Answers.Frames, answer => Assert.True(Sample6.HasGoodChecksum(answer)));
                bench.Answers.Frames.Clear();
                bench.Others.Frames.Clear();
            }
        }

        Assert.Equal(0, bench.Datagrams);
        Assert.InRange(bench.One.Counters[PortCount.ServicesAnswered], 20_000, 190_000);
        Assert.NotEqual(0, bench.One.Counters[PortCount.DropNotServed]);
    }
}
