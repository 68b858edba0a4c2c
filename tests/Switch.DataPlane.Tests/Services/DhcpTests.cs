using System.Buffers.Binary;
using System.Text;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>DHCP of the environment's services (RFC 2131).</summary>
public class DhcpTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void ANodeGetsItsAddressAndWhatItNeeds(bool oneHost, bool broadcast)
    {
        using var bench = new ServiceBench(oneHost, s => s with { Gateway = "10.1.0.2", Mtu = 1400 });
        byte[] offer = bench.Ask(ServiceBench.DhcpFrame(ServiceBench.Dhcp(DhcpType.Discover, broadcast: broadcast)))!;
        Check(offer, broadcast, DhcpType.Offer);
        byte[] ack = bench.Ask(ServiceBench.DhcpFrame(ServiceBench.Dhcp(
            DhcpType.Request, null, broadcast, Sample.Mac1,
            (54, ServiceBench.Address(ServiceBench.Ip)), (50, ServiceBench.Address(Sample.Ip1)), (61, [1, 2, 3]))))!;
        Dictionary<byte, byte[]> options = Check(ack, broadcast, DhcpType.Ack);
        Assert.Equal(3600u, BinaryPrimitives.ReadUInt32BigEndian(options[51]));
        Assert.Equal(1800u, BinaryPrimitives.ReadUInt32BigEndian(options[58]));
        Assert.Equal(3150u, BinaryPrimitives.ReadUInt32BigEndian(options[59]));
        Assert.Equal((byte[])[255, 255, 255, 0], options[1]);
        Assert.Equal((byte[])[10, 1, 0, 255], options[28]);
        Assert.Equal(ServiceBench.Address("10.1.0.2"), options[3]);
        Assert.Equal(ServiceBench.Address(ServiceBench.Ip), options[6]);
        Assert.Equal("astro.vio", Encoding.ASCII.GetString(options[15]));
        Assert.Equal("one", Encoding.ASCII.GetString(options[12]));
        Assert.Equal(1400, BinaryPrimitives.ReadUInt16BigEndian(options[26]));
        Assert.Equal((byte[])[1, 2, 3], options[61]);
        Assert.False(options.ContainsKey(66) || options.ContainsKey(67));
        Assert.Equal(2, bench.One.Counters[PortCount.ServicesAnswered]);
    }

    [Theory]
    [InlineData("renew", "Ack")]
    [InlineData("rebind", "Ack")]
    [InlineData("reboot", "Ack")]
    [InlineData("reboot elsewhere", "Nak")]
    [InlineData("another server", null)]
    [InlineData("select another", "Nak")]
    [InlineData("inform", "Ack")]
    [InlineData("inform of another", null)]
    [InlineData("release", null)]
    [InlineData("decline", null)]
    [InlineData("of another", null)]
    [InlineData("relayed", null)]
    [InlineData("an answer", null)]
    [InlineData("no type", null)]
    [InlineData("cut option", null)]
    public void EachMessageGetsWhatTheRulesSay(string kind, string? answer)
    {
        using var bench = new ServiceBench();
        byte[] own = ServiceBench.Address(Sample.Ip1), other = ServiceBench.Address(Sample.Ip2);
        byte[] self = ServiceBench.Address(ServiceBench.Ip);
        byte[] Message(DhcpType type, string? ciaddr, params (byte, byte[])[] options) =>
            ServiceBench.Dhcp(type, ciaddr, false, Sample.Mac1, options);
        byte[] relayed = Message(DhcpType.Discover, null);
        relayed[27] = 1;
        byte[] reply = Message(DhcpType.Discover, null);
        reply[0] = 2;
        byte[] frame = kind switch
        {
            "renew" => ServiceBench.DhcpFrame(Message(DhcpType.Request, Sample.Ip1), Sample.Ip1, unicast: true),
            "rebind" => ServiceBench.DhcpFrame(Message(DhcpType.Request, Sample.Ip1), Sample.Ip1),
            "reboot" => ServiceBench.DhcpFrame(Message(DhcpType.Request, null, (50, own))),
            "reboot elsewhere" => ServiceBench.DhcpFrame(Message(DhcpType.Request, null, (50, other))),
            "another server" => ServiceBench.DhcpFrame(Message(DhcpType.Request, null, (54, other), (50, own))),
            "select another" => ServiceBench.DhcpFrame(Message(DhcpType.Request, null, (54, self), (50, other))),
            "inform" => ServiceBench.DhcpFrame(Message(DhcpType.Inform, Sample.Ip1), Sample.Ip1),
            "inform of another" => ServiceBench.DhcpFrame(Message(DhcpType.Inform, Sample.Ip2), Sample.Ip1),
            "release" => ServiceBench.DhcpFrame(Message(DhcpType.Release, Sample.Ip1), Sample.Ip1, unicast: true),
            "decline" => ServiceBench.DhcpFrame(Message(DhcpType.Decline, null, (50, own))),
            "of another" => ServiceBench.DhcpFrame(
                ServiceBench.Dhcp(DhcpType.Discover, null, false, Sample.Mac2)),
            "relayed" => ServiceBench.DhcpFrame(relayed),
            "an answer" => ServiceBench.DhcpFrame(reply),
            "no type" => ServiceBench.DhcpFrame([.. Message(DhcpType.Discover, null)[..240], 255]),
            _ => ServiceBench.DhcpFrame([.. Message(DhcpType.Discover, null)[..243], 50, 4, 1]),
        };
        byte[]? got = bench.Ask(frame);
        if (answer is null)
        {
            Assert.Null(got);
            Assert.Equal(kind == "decline" ? 1 : 0, bench.One.Counters[PortCount.AddressesDeclined]);
            Assert.Equal(1, bench.One.Counters[PortCount.DropNotServed]);
            return;
        }

        byte[] message = ServiceBench.Payload(got!);
        Dictionary<byte, byte[]> options = Options(message);
        Assert.Equal(Enum.Parse<DhcpType>(answer), (DhcpType)options[53][0]);
        bool isNak = answer == "Nak", isInform = kind == "inform";
        Assert.Equal(isNak || isInform ? "0.0.0.0" : Sample.Ip1, Ipv4.Read(message.AsSpan(16)).ToString());
        Assert.Equal(!isNak && !isInform, options.ContainsKey(51));
        Assert.Equal(
            isNak ? "255.255.255.255" : Sample.Ip1, Ipv4.Read(FrameView.Parse(got).Payload[16..]).ToString());
    }

    [Fact]
    public void ANodeWithoutADiskIsToldWhenceToBoot()
    {
        string file = new('f', 127);
        using var bench = new ServiceBench(true, s => s with
        {
            Netboot = new WantedNetboot("10.1.0.2", file),
            Domain = string.Join('.', Enumerable.Repeat("long", 20)),
        });
        byte[] message = ServiceBench.Payload(bench.Ask(ServiceBench.DhcpFrame(ServiceBench.Dhcp(
            DhcpType.Discover, options: (61, new byte[64]))))!);
        Dictionary<byte, byte[]> options = Options(message);
        Assert.Equal("10.1.0.2", Ipv4.Read(message.AsSpan(20)).ToString());
        Assert.Equal("10.1.0.2", Encoding.ASCII.GetString(options[66]));
        Assert.Equal(file, Encoding.ASCII.GetString(message.AsSpan(108, 128)).TrimEnd('\0'));
        Assert.InRange(message.Length, 300, 548);

        // All of it fits with short names.
        using var other = new ServiceBench(true, s => s with { Netboot = new(null, "http://10.1.0.2/x") });
        byte[] ask = ServiceBench.DhcpFrame(ServiceBench.Dhcp(DhcpType.Discover));
        options = Options(ServiceBench.Payload(other.Ask(ask)!));
        Assert.Equal("http://10.1.0.2/x", Encoding.ASCII.GetString(options[67]));
        Assert.False(options.ContainsKey(66));
    }

    [Fact]
    public void AChecksumLeftToTheDeviceIsFineAndAWrongOneIsNot()
    {
        using var bench = new ServiceBench();
        byte[] frame = ServiceBench.DhcpFrame(ServiceBench.Dhcp(DhcpType.Discover));
        frame[^1] ^= 1;
        frame[40] ^= 1;
        Assert.Null(bench.Ask(frame));
        byte[] partial = [1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0];
        frame[^1] ^= 1;
        Assert.NotNull(bench.Ask(frame, partial));

        // Without a checksum, which IPv4 allows; and as part of something larger, which nobody sends.
        frame[40] = frame[41] = 0;
        Assert.NotNull(bench.Ask(frame));
        Assert.Null(bench.Ask(frame, [1, 3, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0]));
    }

    [Fact]
    public void EveryHostAnswersTheSame()
    {
        byte[] frame = ServiceBench.DhcpFrame(
            ServiceBench.Dhcp(DhcpType.Request, Sample.Ip1), Sample.Ip1, unicast: true);
        using var here = new ServiceBench(oneHost: false);
        byte[] first = here.Ask(frame)!;
        using var there = new ServiceBench(oneHost: false, host1: "b");
        Assert.Equal(first, there.Ask(frame));
    }

    [Fact]
    public void QuestionsCostTheNodeOfItsShareOfBroadcasts()
    {
        using var bench = new ServiceBench();
        byte[] frame = ServiceBench.DhcpFrame(ServiceBench.Dhcp(DhcpType.Discover));
        for (int i = 0; i < 2 * Limits.BroadcastsPerPortPerSecond; i++)
            bench.A.FromNode("e", bench.One, frame);
        Assert.Equal(Limits.BroadcastsPerPortPerSecond, bench.Answers.Frames.Count);
        Assert.Equal(Limits.BroadcastsPerPortPerSecond, bench.One.Counters[PortCount.DropStorm]);
    }

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        var random = new Random(20260302);
        byte[] seed = ServiceBench.Dhcp(DhcpType.Request, Sample.Ip1, true, Sample.Mac1,
            (50, [10, 1, 0, 1]), (54, [10, 1, 0, 254]), (61, [1, 2, 3]), (55, [1, 3, 6]));
        ServicePlan plan = ServicePlan.Of(
            new WantedServices { Mac = ServiceBench.Mac, Ip = "10.1.0.254/24", Domain = "x" }, out _)!;
        byte[] buffer = new byte[600];
        int read = 0, answered = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] message = i % 8 == 0 ? new byte[random.Next(600)] : [.. seed];
            if (i % 8 == 0)
                random.NextBytes(message);
            for (int change = random.Next(4); change > 0 && message.Length > 0; change--)
                message[random.Next(Math.Min(message.Length, random.Next(2) == 0 ? 3 : 9999))] = (byte)random.Next(256);
            if (!DhcpRequest.TryParse(message.AsSpan(0, random.Next(3) == 0 ? random.Next(message.Length + 1)
                : message.Length), out DhcpRequest ask))
                continue;
            read++;
            DhcpType type = DhcpServer.Decide(ask, plan.Ip, Sample.Ip(Sample.Ip1));
            if (type == DhcpType.None)
                continue;
            answered++;
            Options(buffer[..DhcpServer.Write(buffer, type, ask, plan, Sample.Ip(Sample.Ip1), "n")]);
        }

        Assert.InRange(read, 10_000, 190_000);
        Assert.InRange(answered, 10_000, read);
    }

    private static Dictionary<byte, byte[]> Check(byte[] frame, bool broadcast, DhcpType type)
    {
        FrameView view = FrameView.Parse(frame);
        Assert.Equal(Sample.Mac(ServiceBench.Mac), view.Source);
        Assert.Equal(broadcast ? MacAddress.Broadcast : Sample.Mac(Sample.Mac1), view.Destination);
        Assert.Equal((ServiceBench.Ip, broadcast ? "255.255.255.255" : Sample.Ip1),
            (view.Ipv4Source.ToString(), Ipv4.Read(view.Payload[16..]).ToString()));
        byte[] message = ServiceBench.Payload(frame);
        Assert.Equal((2, 77, Sample.Ip1), (message[0], message[4], Ipv4.Read(message.AsSpan(16)).ToString()));
        Dictionary<byte, byte[]> options = Options(message);
        Assert.Equal((byte)type, Assert.Single(options[53]));
        Assert.Equal(ServiceBench.Address(ServiceBench.Ip), options[54]);
        return options;
    }

    private static Dictionary<byte, byte[]> Options(byte[] message)
    {
        var options = new Dictionary<byte, byte[]>();
        int at = DhcpRequest.FixedBytes;
        for (; message[at] != 255; at += 2 + message[at + 1])
            options.Add(message[at], message[(at + 2)..(at + 2 + message[at + 1])]);
        Assert.Equal(message.Length, at + 1);
        return options;
    }
}
