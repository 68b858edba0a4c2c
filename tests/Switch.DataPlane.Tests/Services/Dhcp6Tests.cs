using System.Buffers.Binary;
using System.Text;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>DHCPv6 and router advertisements of the environment's services (RFC 8415, RFC 4861).</summary>
public class Dhcp6Tests
{
    private static readonly byte[] Client = [0, 3, 0, 1, 2, 0, 0, 0, 0, 1];
    private static readonly byte[] Server = [0, 3, 0, 1, 0x0a, 0x56, 0x49, 0x4f, 0, 0xff];

    [Theory]
    [InlineData("solicit", Dhcp6Type.Advertise, Sample6.Ip1)]
    [InlineData("solicit at once", Dhcp6Type.Reply, Sample6.Ip1)]
    [InlineData("request", Dhcp6Type.Reply, Sample6.Ip1)]
    [InlineData("renew", Dhcp6Type.Reply, Sample6.Ip1)]
    [InlineData("rebind", Dhcp6Type.Reply, Sample6.Ip1)]
    [InlineData("confirm", Dhcp6Type.Reply, null)]
    [InlineData("confirm elsewhere", Dhcp6Type.Reply, null)]
    [InlineData("confirm nothing", null, null)]
    [InlineData("release", Dhcp6Type.Reply, null)]
    [InlineData("information", Dhcp6Type.Reply, null)]
    [InlineData("information without a name", Dhcp6Type.Reply, null)]
    [InlineData("request of another server", null, null)]
    [InlineData("solicit without a name", null, null)]
    [InlineData("solicit of a server", null, null)]
    [InlineData("an answer", null, null)]
    [InlineData("cut option", null, null)]
    public void EachMessageGetsWhatTheRulesSay(string kind, object? type, string? address)
    {
        using var bench = new ServiceBench(oneHost: kind.Length % 2 == 0);
        byte[] association = Option(3, [0, 0, 0, 9, .. new byte[8]]);
        byte[] Held(string ip) => Option(3, [0, 0, 0, 9, .. new byte[8],
            .. Option(5, [.. ServiceBench.Address6(ip), .. new byte[8]])]);
        byte[] client = Option(1, Client), server = Option(2, Server);
        byte[] message = kind switch
        {
            "solicit" => Message(1, client, association),
            "solicit at once" => Message(1, client, association, Option(14, [])),
            "request" => Message(3, client, server, association),
            "renew" => Message(5, client, server, Held(Sample6.Ip3)),
            "rebind" => Message(6, client, Held(Sample6.Ip1)),
            "confirm" => Message(4, client, Held(Sample6.Ip1)),
            "confirm elsewhere" => Message(4, client, Held("fd00:2::1")),
            "confirm nothing" => Message(4, client, association),
            "release" => Message(8, client, server, Held(Sample6.Ip1)),
            "information" => Message(11, client),
            "information without a name" => Message(11),
            "request of another server" => Message(3, client, Option(2, Client), association),
            "solicit without a name" => Message(1, association),
            "solicit of a server" => Message(1, client, server, association),
            "an answer" => Message(7, client, server, association),
            _ => Message(1, client, association)[..^3],
        };
        byte[]? frame = bench.Ask(Frame(message));
        if (type is null)
        {
            Assert.Null(frame);
            return;
        }

        FrameView view = FrameView.Parse(frame);
        Assert.Equal(Sample6.LinkLocal(ServiceBench.Mac), view.Ipv6Source);
        Assert.Equal(Sample6.LinkLocal(Sample.Mac1), view.Ipv6Destination);
        byte[] reply = ServiceBench.Payload(frame!);
        Assert.Equal((byte)(Dhcp6Type)type, reply[0]);
        Assert.Equal((byte[])[7, 8, 9], reply[1..4]);
        List<(int Code, byte[] Value)> options = Options(reply[4..]);
        Assert.Equal(Server, One(options, 2));
        Assert.Equal(kind == "information without a name" ? [] : (byte[][])[Client],
            options.Where(o => o.Code == 1).Select(o => o.Value));
        Assert.Equal(kind == "solicit at once", options.Exists(o => o.Code == 14));
        if (kind.StartsWith("confirm") || kind == "release")
        {
            Assert.Equal(kind == "confirm elsewhere" ? 4 : 0, BinaryPrimitives.ReadUInt16BigEndian(One(options, 13)));
            return;
        }

        Assert.Equal(ServiceBench.Address6(ServiceBench.Ip6), One(options, 23));
        Assert.Equal("\u0005astro\u0003vio\0", Encoding.ASCII.GetString(One(options, 24)));
        if (address is null)
            return;
        byte[] given = One(options, 3);
        Assert.Equal((byte[])[0, 0, 0, 9], given[..4]);
        List<(int Code, byte[] Value)> addresses = Options(given[12..]);
        Assert.Equal([.. ServiceBench.Address6(address), 0, 0, 14, 16, 0, 0, 14, 16], addresses[0].Value);
        Assert.Equal(kind == "renew" ? [.. ServiceBench.Address6(Sample6.Ip3), .. new byte[8]] : null,
            addresses.Skip(1).SingleOrDefault().Value);
    }

    [Fact]
    public void ASecondAddressAPrefixAndANodeWithoutAnyAreToldThatThereIsNone()
    {
        using var bench = new ServiceBench(true, s => s with { Netboot = new(null, null, "http://[fd00:1::2]/boot") });
        byte[] body = [0, 0, 0, 1, .. new byte[8]];
        List<(int Code, byte[] Value)> options = Options(ServiceBench.Payload(bench.Ask(Frame(
            Message(1, Option(1, Client), Option(3, body), Option(3, body), Option(25, body))))!)[4..]);
        byte[][] associations = [.. options.Where(o => o.Code is 3 or 25).Select(o => o.Value)];
        Assert.Equal([5, 13, 13], associations.Select(a => Options(a[12..]).Single().Code));
        Assert.Equal([2, 6], associations.Skip(1).Select(a => (int)Options(a[12..]).Single().Value[1]));
        Assert.Equal("http://[fd00:1::2]/boot", Encoding.ASCII.GetString(One(options, 59)));

        using var none = new ServiceBench(hasIp6: false);
        options = Options(ServiceBench.Payload(none.Ask(Frame(Message(1, Option(1, Client), Option(3, body))))!)[4..]);
        Assert.Equal(13, Options(One(options, 3)[12..]).Single().Code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Sample6.Ip2)]
    public void ARouterSolicitationIsAnswered(string? gateway)
    {
        using var bench = new ServiceBench(true, s => s with { Gateway6 = gateway, Mtu = 1400 });
        byte[] ask = Sample6.Packet("33:33:00:00:00:02", Sample.Mac1, default, Sample6.Ip("ff02::2"), 58,
            [NeighborMessage.RouterSolicitation, .. new byte[7]]);
        byte[] frame = bench.Ask(ask)!;
        FrameView view = FrameView.Parse(frame);
        string sender = gateway is null ? ServiceBench.Mac : Sample.Mac2;
        Assert.Equal((Sample.Mac(sender), Sample6.LinkLocal(sender)), (view.Source, view.Ipv6Source));
        byte[] icmp = frame[54..];
        Assert.Equal((134, 0xC0), (icmp[0], icmp[5]));
        Assert.Equal(gateway is null ? 0 : 9000, BinaryPrimitives.ReadUInt16BigEndian(icmp.AsSpan(6)));
        Assert.Equal(255, view.Payload[7]);
        var options = new Dictionary<int, byte[]>();
        int at = 16;
        for (; at < icmp.Length; at += icmp[at + 1] * 8)
            options.Add(icmp[at], icmp[(at + 2)..(at + icmp[at + 1] * 8)]);
        Assert.Equal(icmp.Length, at);
        Assert.Equal(Sample.Mac(sender), MacAddress.Read(options[1]));
        Assert.Equal(1400u, BinaryPrimitives.ReadUInt32BigEndian(options[5].AsSpan(2)));
        Assert.Equal((64, 0x80), (options[3][0], options[3][1]));
        Assert.Equal(ServiceBench.Address6("fd00:1::"), options[3][14..]);
        Assert.Equal(ServiceBench.Address6(ServiceBench.Ip6), options[25][6..]);
        Assert.StartsWith("\u0005astro\u0003vio\0", Encoding.ASCII.GetString(options[31][6..]));

        // Who is asked for the router's MAC must not say that it is none, and others must not say that they are.
        foreach (string mac in (string[])[ServiceBench.Mac, Sample.Mac2])
        {
            byte[] answer = bench.Ask(Sample6.Neighbor("33:33:ff:00:00:01", Sample.Mac1, Sample6.Ip(Sample6.Ip1),
                NeighborMessage.Solicitation, Sample6.LinkLocal(mac), Sample.Mac1))!;
            Assert.Equal(mac == ServiceBench.Mac || gateway is not null, (answer[58] & 0x80) != 0);
        }
    }

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        var random = new Random(20260303);
        byte[] held = Option(5, [.. ServiceBench.Address6(Sample6.Ip3), .. new byte[8]]);
        byte[][] seeds = [.. ((byte[])[1, 3, 4, 5, 6, 8, 9, 11]).Select(type => Message(
            type, Option(1, Client), type is 1 or 4 or 6 ? [] : Option(2, Server),
            Option(3, [0, 0, 0, 1, .. new byte[8], .. held, .. held]), Option(25, new byte[12]), Option(6, [0, 23])))];
        ServicePlan plan = ServicePlan.Of(new WantedServices
        {
            Mac = ServiceBench.Mac,
            Ip = "10.1.0.254/24",
            Ip6 = ServiceBench.Ip6,
            Domain = "x",
        }, out _)!;
        byte[] buffer = new byte[1400];
        int answered = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] message = [.. seeds[random.Next(seeds.Length)]];
            if (i % 8 == 0)
                random.NextBytes(message.AsSpan(random.Next(message.Length)));
            for (int change = random.Next(4); change > 0; change--)
                message[random.Next(message.Length)] = (byte)random.Next(random.Next(2) == 0 ? 256 : 26);
            if (!Dhcp6Request.TryParse(
                message.AsSpan(0, random.Next(4) == 0 ? random.Next(message.Length) : message.Length),
                out Dhcp6Request ask))
                continue;
            Dhcp6Type type = Dhcp6Server.Decide(ask, plan);
            int length = type == Dhcp6Type.None
                ? 0 : Dhcp6Server.Write(buffer, type, ask, plan, Sample6.Ip(Sample6.Ip1));
            if (length == 0)
                continue;
            answered++;
            Options(buffer[4..length]);
        }

        Assert.InRange(answered, 10_000, 190_000);
    }

    private static byte[] Frame(byte[] message) => Sample6.Udp(
        "33:33:00:01:00:02", Sample.Mac1, Sample6.LinkLocal(Sample.Mac1), Sample6.Ip("ff02::1:2"), 546, 547, message);

    private static byte[] Message(byte type, params byte[][] options) =>
        [type, 7, 8, 9, .. options.SelectMany(o => o)];

    private static byte[] Option(int code, byte[] value) =>
        [(byte)(code >> 8), (byte)code, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static byte[] One(List<(int Code, byte[] Value)> options, int code) =>
        options.Single(o => o.Code == code).Value;

    private static List<(int Code, byte[] Value)> Options(byte[] bytes)
    {
        var options = new List<(int, byte[])>();
        int at = 0;
        while (at < bytes.Length)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 2));
            options.Add((BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)), bytes[(at + 4)..(at + 4 + length)]));
            at += 4 + length;
        }

        Assert.Equal(bytes.Length, at);
        return options;
    }
}
