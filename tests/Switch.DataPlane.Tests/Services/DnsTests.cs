using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Names of the environment's services (RFC 1035).</summary>
public class DnsTests
{
    [Theory]
    [InlineData("two", DnsType.A, 0, Sample.Ip2)]
    [InlineData("two.astro.vio", DnsType.A, 0, Sample.Ip2)]
    [InlineData("TWO.Astro.vIo", DnsType.A, 0, Sample.Ip2)]
    [InlineData("two.astro.vio", DnsType.Aaaa, 0, Sample6.Ip2)]
    [InlineData("two.astro.vio", DnsType.Any, 0, Sample.Ip2 + " " + Sample6.Ip2)]
    [InlineData("one", DnsType.A, 0, Sample.Ip1)]
    [InlineData("two.astro.vio", 16, 0, "")]
    [InlineData("astro.vio", DnsType.A, 0, "")]
    [InlineData("three.astro.vio", DnsType.A, 3, "")]
    [InlineData("three", DnsType.A, 3, "")]
    [InlineData("a.two.astro.vio", DnsType.A, 3, "")]
    [InlineData("two_.astro.vio", DnsType.A, 3, "")]
    [InlineData("example.org", DnsType.A, 5, "")]
    [InlineData("two.astro.vio.org", DnsType.A, 5, "")]
    [InlineData("twoastro.vio", DnsType.A, 5, "")]
    [InlineData("vio", DnsType.A, 3, "")]
    [InlineData("", DnsType.A, 5, "")]
    [InlineData("2.0.1.10.in-addr.arpa", DnsType.Ptr, 0, "two.astro.vio")]
    [InlineData("9.0.1.10.in-addr.arpa", DnsType.Ptr, 3, "")]
    [InlineData("254.0.1.10.in-addr.arpa", DnsType.Ptr, 3, "")]
    [InlineData("2.0.1.11.in-addr.arpa", DnsType.Ptr, 5, "")]
    [InlineData("2.0.1.10.11.in-addr.arpa", DnsType.Ptr, 5, "")]
    [InlineData("300.0.1.10.in-addr.arpa", DnsType.Ptr, 5, "")]
    [InlineData("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa", DnsType.Ptr, 0,
        "two.astro.vio")]
    [InlineData("3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa", DnsType.Ptr, 3, "")]
    [InlineData("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.0.0.d.f.ip6.arpa", DnsType.Ptr, 5, "")]
    public void NamesAndAddressesAreThoseOfTheTable(string name, int type, int code, string answers)
    {
        foreach (bool edns in (bool[])[false, true])
        {
            foreach (bool over6 in (bool[])[false, true])
            {
                using var bench = new ServiceBench(oneHost: over6 || edns);
                byte[] question = Question(name, type, edns);
                byte[] reply = ServiceBench.Payload(bench.Ask(over6 ? Frame6(question) : Frame4(question))!);
                Assert.Equal((code, answers), (reply[3] & 15, string.Join(' ', Answers(reply))));
                Assert.Equal(question[..2], reply[..2]);
                Assert.Equal(question[12..(12 + name.Length + (name.Length > 0 ? 6 : 5))],
                    reply[12..(12 + name.Length + (name.Length > 0 ? 6 : 5))]);
                Assert.Equal(edns ? 1 : 0, reply[11]);
                Assert.Equal(code == 5 ? 0x81 : 0x85, reply[2]);
            }
        }
    }

    [Fact]
    public void WhatIsNoQuestionIsSaidToBeNone()
    {
        using var bench = new ServiceBench();
        byte[] good = Question("two", DnsType.A, edns: true);
        byte[] Changed(int at, byte value)
        {
            byte[] bytes = [.. good];
            bytes[at] = value;
            return bytes;
        }

        Assert.Equal(4, Code(Changed(2, 0x28)));
        Assert.Equal(1, Code(Changed(5, 2)));
        Assert.Equal(1, Code(Changed(5, 0)));
        Assert.Equal(1, Code(Changed(12, 0xC0)));
        Assert.Equal(1, Code(Changed(12, 70)));
        Assert.Equal(1, Code(Changed(7, 99)));
        Assert.Equal(1, Code(good[..^1]));
        Assert.Equal(5, Code(Changed(20, 3)));
        Assert.Null(bench.Ask(Frame4(Changed(2, 0x80))));
        Assert.Null(bench.Ask(Frame4(good[..11])));
        Assert.Null(bench.Ask(Sample6.Udp4(ServiceBench.Mac, Sample.Mac1, Sample.Ip1, "10.1.0.77", 999, 53, good)));
        Assert.Null(bench.Ask(Sample6.Udp4(ServiceBench.Mac, Sample.Mac1, Sample.Ip1, ServiceBench.Ip, 999, 54, good)));

        // A version of EDNS that nobody has: its code does not fit four bits.
        byte[] reply = ServiceBench.Payload(bench.Ask(Frame4(Changed(27, 1)))!);
        Assert.Equal((0, 1), (reply[3] & 15, reply[^6]));
        int Code(byte[] question) => ServiceBench.Payload(bench.Ask(Frame4(question))!)[3] & 15;
    }

    [Fact]
    public void TheServiceAddressIsFoundLikeANodesAndNoOtherHostCanBeIt()
    {
        using var bench = new ServiceBench(oneHost: false);
        byte[] reply = bench.Ask(Sample.Arp(1, Sample.Mac1, Sample.Ip1, ServiceBench.Ip))!;
        Assert.Equal(Sample.Mac(ServiceBench.Mac), FrameView.Parse(reply).ArpSenderMac);
        reply = bench.Ask(Sample6.Neighbor("33:33:ff:00:00:fe", Sample.Mac1, Sample6.Ip(Sample6.Ip1),
            NeighborMessage.Solicitation, Sample6.Ip(ServiceBench.Ip6), Sample.Mac1))!;
        Assert.Equal(Sample.Mac(ServiceBench.Mac), FrameView.Parse(reply).Source);

        // Another host neither speaks as the services nor to ours.
        SwitchEnvironment atB = bench.B.Core.Environments["e"];
        MacEntry one = atB.Find(Sample.Mac(Sample.Mac1))!;
        int before = bench.Answers.Frames.Count;
        bench.B.Core.FromSwitch(atB, one, Sample.Super(Sample6.Udp4(
            Sample.Mac1, ServiceBench.Mac, ServiceBench.Ip, Sample.Ip1, 53, 999, [1])));
        bench.B.Core.FromSwitch(atB, one, Sample.Super(Sample6.Udp4(
            ServiceBench.Mac, Sample.Mac2, Sample.Ip2, ServiceBench.Ip, 999, 53, Question("two", DnsType.A, false))));
        bench.Network.Run();
        Assert.Equal(before, bench.Answers.Frames.Count);
        Counters<TunnelCount> counters = bench.A.Peer("e", bench.B).Counters;
        Assert.Equal((1L, 1L),
            (counters[TunnelCount.DropNotListed], counters[TunnelCount.DropUnknownUnicast]));
    }

    [Fact]
    public void WrongServicesAndNamesAreErrorsAndTheRestHolds()
    {
        WantedServices good = new() { Mac = ServiceBench.Mac, Ip = "10.1.0.254/24", Domain = "astro.vio" };
        WantedServices[] wrong =
        [
            good with { Mac = "ff:ff:ff:ff:ff:ff" },
            good with { Ip = "10.1.0.254" }, good with { Ip = "10.1.0.254/31" },
            good with { Ip6 = "fe80::1" }, good with { Gateway = "x" }, good with { Gateway6 = "10.0.0.1" },
            good with { Domain = "" }, good with { Domain = "a..b" }, good with { Domain = "-a" },
            good with { LeaseSeconds = 59 }, good with { Mtu = 1279 }, good with { Ip = Sample.Ip3 + "/24" },
            good with { Netboot = new("x", null) }, good with { Netboot = new(null, new string('x', 128)) },
            good with { Netboot = new(null, null, "") },
        ];
        foreach (WantedServices services in wrong)
        {
            StatePlan plan = Plan(services, "one");
            Assert.Equal("services", Assert.Single(plan.Errors).Item);
            Assert.Null(plan.Environments[0].Services);
            Assert.Equal(2, plan.Environments[0].Nodes.Count);
        }

        foreach (string name in (string[])["", "A", "a.b", "-a", "two words", new('a', 64)])
        {
            StatePlan plan = Plan(good, name);
            Assert.Equal("node n1", Assert.Single(plan.Errors).Item);
            Assert.Null(plan.Environments[0].Nodes.Single(n => n.Node == "n1").Name);
        }

        Assert.Empty(Plan(good, "one").Errors);
    }

    [Fact]
    public void TheLargestTableOfAnEnvironmentFitsAMessage()
    {
        string id = new('i', Limits.MaxIdChars), ip6 = "fd00:1111:2222:3333:4444:5555:6666:7777";
        WantedNode node = new()
        {
            Node = id,
            Name = new string('n', 63),
            Mac = Sample.Mac1,
            Ip = "100.100.100.100",
            Ip6 = ip6,
            Host = id,
            PreBound = id,
            Sequence = ulong.MaxValue,
        };
        byte[] message = ControlStream.Encode(new ApplyRequest(new SwitchWantedState
        {
            Version = 1,
            Environments =
            [
                new() { Id = id, Table = [.. Enumerable.Repeat(node, Limits.MaxTableEntries)] },
            ],
        }));
        Assert.InRange(message.Length, Limits.MaxTableEntries * 400, Limits.MaxControlMessageBytes);
    }

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        using var bench = new ServiceBench();
        SwitchEnvironment environment = bench.A.Core.Environments["e"];
        var random = new Random(20260304);
        string[] names = ["two", "two.astro.vio", "2.0.1.10.in-addr.arpa", "example.org", new('x', 63)];
        byte[] buffer = new byte[1400];
        var codes = new int[16];
        for (int i = 0; i < 200_000; i++)
        {
            byte[] message = Question(names[random.Next(names.Length)], random.Next(2) * 27 + 1, random.Next(2) == 0);
            if (i % 8 == 0)
                random.NextBytes(message.AsSpan(random.Next(message.Length)));
            for (int change = random.Next(4); change > 0; change--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            int length = DnsServer.Answer(buffer, message.AsSpan(
                0, random.Next(4) == 0 ? random.Next(message.Length) : message.Length), environment);
            Assert.InRange(length, 0, 900);
            if (length > 0)
                codes[buffer[3] & 15]++;
        }

        Assert.All((int[])[0, 1, 3, 4, 5], code => Assert.NotEqual(0, codes[code]));
    }

    internal static byte[] Question(string name, int type, bool edns)
    {
        byte[] labels = [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0];
        return [0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(edns ? 1 : 0), .. labels, 0, (byte)type, 0, 1,
            .. edns ? (byte[])[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] : []];
    }

    private static byte[] Frame4(byte[] question) => Sample6.Udp4(
        ServiceBench.Mac, Sample.Mac1, Sample.Ip1, ServiceBench.Ip, 12345, 53, question);

    private static byte[] Frame6(byte[] question) => Sample6.Udp(
        ServiceBench.Mac, Sample.Mac1, Sample6.Ip(Sample6.Ip1), Sample6.Ip(ServiceBench.Ip6), 12345, 53, question);

    private static StatePlan Plan(WantedServices services, string name) =>
        new StatePlanner("a", System.Net.Sockets.AddressFamily.InterNetwork).Plan(new SwitchWantedState
        {
            Version = 1,
            Environments =
            [
                new()
                {
                    Id = "e",
                    Services = services,
                    Members =
                    [
                        new() { Host = "a", Endpoint = "10.9.0.1:1", ProberMac = Sample.Mac3, ProberIp = Sample.Ip3 },
                    ],
                    Table = [new() { Node = "n1", Name = name, Mac = Sample.Mac1, Ip = Sample.Ip1, Host = "a" }],
                },
            ],
        });

    /// <summary>What the answers say; all names are the question's.</summary>
    private static IEnumerable<string> Answers(byte[] reply)
    {
        int at = 12;
        while (reply[at] != 0)
            at += 1 + reply[at];
        at += 5;
        for (int i = reply[7]; i > 0; i--)
        {
            Assert.Equal((byte[])[0xC0, 12], reply[at..(at + 2)]);
            int type = reply[at + 3], length = BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(at + 10));
            byte[] value = reply[(at + 12)..(at + 12 + length)];
            at += 12 + length;
            yield return type == DnsType.Ptr ? Name(value) : new IPAddress(value).ToString();
        }
    }

    private static string Name(byte[] value)
    {
        var labels = new List<string>();
        for (int at = 0; value[at] != 0; at += 1 + value[at])
            labels.Add(Encoding.ASCII.GetString(value, at + 1, value[at]));
        return string.Join('.', labels);
    }
}
