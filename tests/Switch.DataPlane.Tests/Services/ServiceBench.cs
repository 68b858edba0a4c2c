using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>An environment with services on one or two hosts; node 1 asks.</summary>
internal sealed class ServiceBench : IDisposable
{
    public const string Mac = "0a:56:49:4f:00:ff";
    public const string Ip = "10.1.0.254";
    public const string Ip6 = "fd00:1::fe";
    public const string Broadcast = "ff:ff:ff:ff:ff:ff";
    private readonly TestHost _asking;

    public ServiceBench(
        bool oneHost = true, Func<WantedServices, WantedServices>? change = null, bool hasIp6 = true,
        string host1 = "a")
    {
        A = Network.Add("a", 1);
        B = oneHost ? A : Network.Add("b", 2);
        WantedServices services = new()
        {
            Mac = Mac,
            Ip = Ip + "/24",
            Ip6 = Ip6,
            Domain = "astro.vio",
        };
        services = change?.Invoke(services) ?? services;
        WantedMember Member(string host, int number) => new() { Host = host, Endpoint = $"10.9.0.{number}:7946" };
        SwitchWantedState state = new()
        {
            Version = 1,
            Environments =
            [
                new()
                {
                    Id = "e",
                    Members = oneHost ? [Member("a", 1)] : [Member("a", 1), Member("b", 2)],
                    Services = services,
                    Table =
                    [
                        Node("one", Sample.Mac1, Sample.Ip1, hasIp6 ? Sample6.Ip1 : null, host1),
                        Node("two", Sample.Mac2, Sample.Ip2, Sample6.Ip2, oneHost ? "a" : "b"),
                    ],
                },
            ],
        };
        foreach (TestHost host in (TestHost[])[A, B])
        {
            StatePlan plan = new StatePlanner(host.Id, System.Net.Sockets.AddressFamily.InterNetwork).Plan(state);
            Assert.Empty(plan.Errors);
            host.Apply(plan.Environments[0]);
        }

        _asking = host1 == "a" ? A : B;
        (One, Answers) = _asking.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, Others) = B.AddPort("e", Sample.Mac2, Sample.Ip2);
        One.Ip6 = hasIp6 ? Sample6.Ip(Sample6.Ip1) : default;
        if (!oneHost)
            Network.Pass(1000);
        Network.Filter = _ => ++Datagrams > 0;
    }

    public MemoryNetwork Network { get; } = new();
    public TestHost A { get; }
    public TestHost B { get; }
    public SwitchPort One { get; }
    public MemorySink Answers { get; }
    public MemorySink Others { get; }

    /// <summary>Datagrams between the hosts since the environment was up.</summary>
    public int Datagrams { get; private set; }

    /// <summary>Sends a frame of node 1; the one answer, or null. Nobody else gets anything.</summary>
    public byte[]? Ask(byte[] frame, byte[]? header = null)
    {
        int before = Answers.Frames.Count;
        _asking.Core.UpdateClock();
        _asking.Core.FromPort(
            _asking.Core.Environments["e"], One, [.. header ?? new byte[Limits.VnetHeaderBytes], .. frame]);
        Network.Run();
        Assert.Empty(Others.Frames);
        Assert.Equal(0, Datagrams);
        Assert.InRange(Answers.Frames.Count, before, before + 1);
        byte[]? answer = Answers.Frames.Count > before ? Answers.Frames[^1] : null;
        Assert.True(answer is null || Sample6.HasGoodChecksum(answer));
        return answer;
    }

    /// <summary>The UDP payload of a frame.</summary>
    public static byte[] Payload(byte[] frame) =>
        frame[(14 + (frame[12] == 8 ? PacketWriter.Ipv4Bytes : PacketWriter.Ipv6Bytes) + PacketWriter.UdpBytes)..];

    /// <summary>A DHCP message with options.</summary>
    public static byte[] Dhcp(
        DhcpType type, string? ciaddr = null, bool broadcast = false, string mac = Sample.Mac1,
        params (byte Code, byte[] Value)[] options)
    {
        byte[] head = new byte[DhcpRequest.FixedBytes];
        (head[0], head[1], head[2], head[4], head[10]) = (1, 1, 6, 77, (byte)(broadcast ? 0x80 : 0));
        if (ciaddr is not null)
            Sample.Ip(ciaddr).Write(head.AsSpan(12));
        Sample.Mac(mac).Write(head.AsSpan(28));
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(236), DhcpRequest.Cookie);
        return [.. head, 53, 1, (byte)type,
            .. options.SelectMany(o => (byte[])[o.Code, (byte)o.Value.Length, .. o.Value]), 255];
    }

    /// <summary>The frame of a DHCP message, as a client without an address sends it, or one with an address.</summary>
    public static byte[] DhcpFrame(byte[] message, string? from = null, bool unicast = false) => Sample6.Udp4(
        unicast ? Mac : Broadcast, Sample.Mac1, from ?? "0.0.0.0", unicast ? Ip : "255.255.255.255", 68, 67, message);

    public static byte[] Address(string ip)
    {
        byte[] bytes = new byte[4];
        Sample.Ip(ip).Write(bytes);
        return bytes;
    }

    public static byte[] Address6(string ip)
    {
        byte[] bytes = new byte[16];
        Sample6.Ip(ip).Write(bytes);
        return bytes;
    }

    public void Dispose() => Network.Dispose();

    /// <summary>A ping of the service address.</summary>
    public static byte[] Echo(bool over6, int bytes, string? to = null)
    {
        byte[] icmp = [(byte)(over6 ? 128 : 8), 0, 0, 0, .. Enumerable.Range(0, bytes).Select(i => (byte)i)];
        if (over6)
            return Sample6.Packet(Mac, Sample.Mac1, Sample6.Ip(Sample6.Ip1), Sample6.Ip(to ?? Ip6), 58, icmp);
        byte[] frame = [.. new byte[34], .. icmp];
        PacketWriter.Ethernet(frame, Sample.Mac(Mac), Sample.Mac(Sample.Mac1), FrameView.TypeIpv4);
        PacketWriter.Icmp4(frame.AsSpan(14), Sample.Ip(Sample.Ip1), Sample.Ip(to ?? Ip));
        frame[34] = 8;
        return frame;
    }

    private static WantedNode Node(string name, string mac, string ip, string? ip6, string host) =>
        new() { Node = "id-" + name, Name = name, Mac = mac, Ip = ip, Ip6 = ip6, Host = host };
}
