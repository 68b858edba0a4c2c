using System.Buffers.Binary;
using System.Text;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Two hosts with two environments of equal addresses. Everything that the nodes say holds the mark of their
/// environment, and every port looks for the other's.
/// </summary>
internal sealed class FuzzRig : IDisposable
{
    public static readonly string[] Environments = ["astro", "boson"];
    private const int CorpusSize = 400;
    private readonly List<Datagram> _corpus = [];

    public FuzzRig(int seed, bool isolated = true)
    {
        Random = new Random(seed);
        A = Network.Add("a", 1, s => s with { Isolated = isolated });
        B = Network.Add("b", 2, s => s with { Isolated = isolated });
        Network.Filter = datagram =>
        {
            if (_corpus.Count < CorpusSize)
                _corpus.Add(datagram with { Bytes = [.. datagram.Bytes] });
            else if (Random.Next(50) == 0)
                _corpus[Random.Next(CorpusSize)] = datagram with { Bytes = [.. datagram.Bytes] };
            return true;
        };
        foreach (string environment in Environments)
        {
            foreach (TestHost host in (TestHost[])[A, B])
                host.Apply(Plan(environment, host.Id));
            Add(A, environment, Sample.Mac1, Sample.Ip1);
            Add(B, environment, Sample.Mac2, Sample.Ip2);
        }

        Network.Pass(1000);
        TalkSense();
    }

    public Random Random { get; }
    public MemoryNetwork Network { get; } = new();
    public TestHost A { get; }
    public TestHost B { get; }

    /// <summary>Ports by host and environment.</summary>
    public Dictionary<(TestHost Host, string Environment), (SwitchPort Port, MarkSink Sink)> Ports { get; } = [];

    /// <summary>Frames that reached a node of the other environment.</summary>
    public long Crossed => Ports.Values.Sum(one => one.Sink.Foreign);

    /// <summary>Frames that reached a node.</summary>
    public long Delivered => Ports.Values.Sum(one => one.Sink.Frames);

    public (TestHost To, byte[] From, byte[] Bytes) NextDatagram()
    {
        Datagram one = _corpus[Random.Next(_corpus.Count)];
        byte[] bytes = Random.Next(8) switch
        {
            0 => RandomBytes(Random.Next(1600)),
            1 => [.. one.Bytes],
            2 => one.Bytes[..Random.Next(one.Bytes.Length + 1)],
            _ => Mutated(one.Bytes),
        };
        TestHost to = one.To.Equals(A.Address.EndPoint) ? A : B;
        TestHost from = Random.Next(20) == 0 ? to : to == A ? B : A;
        return (to, from.Address.Bytes, bytes);
    }

    /// <summary>A message that a host with valid keys seals, whatever it says.</summary>
    public void SendSealed()
    {
        string environment = Environments[Random.Next(2)];
        if (A.Peer(environment, B).Current is not { } session)
            return;
        byte[] text = Random.Next(3) == 0 ? RandomBytes(1 + Random.Next(300)) : SealedSlice(environment);
        if (Random.Next(2) == 0)
            text[0] = (byte)Random.Next(20);
        byte[] datagram = new byte[text.Length + TunnelSession.Overhead];
        text.CopyTo(datagram, DatagramHeader.Bytes);
        session.Seal(datagram, text.Length, A.Core.NowMs);
        B.Core.FromNetwork(datagram, A.Address.Bytes);
    }

    /// <summary>A frame of a node, with its virtio header, sensible or not.</summary>
    public void SendFromNode()
    {
        TestHost host = Random.Next(2) == 0 ? A : B;
        string environment = Environments[Random.Next(2)];
        SwitchPort port = Ports[(host, environment)].Port;
        byte[] super = SuperFrame(environment, host == A);
        if (Random.Next(4) != 0)
            super = Mutated(super);
        if (super.Length > Limits.MaxSuperFrameBytes)
            super = super[..Limits.MaxSuperFrameBytes];
        host.Core.FromPort(host.Core.Environments[environment], port, super);
    }

    /// <summary>What the nodes say when nobody disturbs them.</summary>
    public void TalkSense()
    {
        foreach (((TestHost host, string environment), (SwitchPort port, _)) in Ports)
        {
            for (int payload = 60; payload < 9000; payload *= 3)
                host.FromNode(environment, port, Frame(environment, host == A, payload));
        }

        Network.Run();
    }

    public byte[] Mutated(byte[] from)
    {
        byte[] bytes = [.. from];
        for (int times = 1 + Random.Next(4); times > 0 && bytes.Length > 0; times--)
        {
            int at = Random.Next(bytes.Length);
            switch (Random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << Random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)Random.Next(256);
                    break;
                case 2:
                    bytes[at] = (byte)(Random.Next(2) == 0 ? 0 : 255);
                    break;
                case 3:
                    bytes = bytes[..at];
                    break;
                case 4:
                    bytes = [.. bytes, .. RandomBytes(Random.Next(40))];
                    break;
                default:
                    // Fields near the start decide most.
                    bytes[Random.Next(Math.Min(bytes.Length, 64))] = (byte)Random.Next(256);
                    break;
            }
        }

        return bytes;
    }

    public byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        Random.NextBytes(bytes);
        return bytes;
    }

    public void Dispose() => Network.Dispose();

    private void Add(TestHost host, string environment, string mac, string ip)
    {
        var sink = new MarkSink(Mark(Environments.Single(one => one != environment)));
        SwitchPort port = CoreConfiguration.AddPort(host.Core, environment, new PortPlan(
            environment[..1] + host.Id, "br", "n" + ip, Sample.Mac(mac), Sample.Ip(ip), true, 1500), sink);
        port.Ip6 = Sample6.Ip(mac == Sample.Mac1 ? Sample6.Ip1 : Sample6.Ip2);
        Ports[(host, environment)] = (port, sink);
    }

    private static EnvironmentPlan Plan(string environment, string host)
    {
        var planner = new StatePlanner(host, System.Net.Sockets.AddressFamily.InterNetwork);
        StatePlan plan = planner.Plan(new SwitchWantedState { Version = 1, Environments = [Wanted(environment)] });
        Assert.Empty(plan.Errors);
        return plan.Environments[0];
    }

    /// <summary>An environment with services and a limit, one node on each host.</summary>
    public static WantedEnvironment Wanted(string environment) => new()
    {
        Id = environment,
        Members =
        [
            new WantedMember { Host = "a", Endpoint = "10.9.0.1:7946" },
            new WantedMember { Host = "b", Endpoint = "10.9.0.2:7946" },
        ],
        Services = new WantedServices
        {
            Mac = ServiceBench.Mac,
            Ip = ServiceBench.Ip + "/24",
            Ip6 = ServiceBench.Ip6,
            Domain = environment + ".vio",
        },
        Table =
        [
            new() { Node = "id-1", Name = "one", Mac = Sample.Mac1, Ip = Sample.Ip1, Ip6 = Sample6.Ip1, Host = "a" },
            new() { Node = "id-2", Name = "two", Mac = Sample.Mac2, Ip = Sample.Ip2, Ip6 = Sample6.Ip2, Host = "b" },
        ],
        Limits = [new WantedLimit("id-1", "id-2", 1_000_000)],
    };

    /// <summary>Questions that the switch answers itself.</summary>
    private byte[] Question(string own, string ip)
    {
        Ipv6 local = Sample6.LinkLocal(own);
        byte[] name =
            [7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, .. "two"u8, 5, .. "astro"u8, 3, .. "vio"u8, 0, 0, 1, 0, 1];
        Ipv6 chosen = LinkLocalRig.Chosen(Random.Next(8));
        return Random.Next(9) switch
        {
            6 => Sample6.Neighbor("33:33:ff:bc:00:01", own, default, NeighborMessage.Solicitation, chosen),
            7 => Sample6.Neighbor(Sample6.AllNodesMac, own, chosen, NeighborMessage.Advertisement, chosen, own),
            8 => Sample6.Packet(own == Sample.Mac1 ? Sample.Mac2 : Sample.Mac1, own, chosen, local, 17, new byte[40]),
            0 => Sample6.Udp4(ServiceBench.Broadcast, own, "0.0.0.0", "255.255.255.255", 68, 67,
                ServiceBench.Dhcp(DhcpType.Discover, mac: own)),
            1 => Sample6.Udp4(ServiceBench.Broadcast, own, ip, "255.255.255.255", 68, 67,
                ServiceBench.Dhcp(DhcpType.Request, mac: own, options: (50, ServiceBench.Address(ip)))),
            2 => Sample6.Udp4(ServiceBench.Mac, own, ip, ServiceBench.Ip, 5353, 53, name),
            3 => Sample6.Udp("33:33:00:01:00:02", own, local, Sample6.Ip("ff02::1:2"), 546, 547,
                [1, 7, 8, 9, 0, 1, 0, 4, 1, 2, 3, 4, 0, 3, 0, 12, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0]),
            4 => Sample6.Neighbor(Sample6.AllNodesMac, own, local, NeighborMessage.Solicitation,
                Sample6.Ip(Random.Next(2) == 0 ? Sample6.Ip1 : Sample6.Ip2), own),
            _ => Sample6.Neighbor("33:33:00:00:00:02", own, local, 133, default, own),
        };
    }

    private byte[] SuperFrame(string environment, bool isFirst)
    {
        string own = isFirst ? Sample.Mac1 : Sample.Mac2, ip = isFirst ? Sample.Ip1 : Sample.Ip2;
        string other = isFirst ? Sample.Ip2 : Sample.Ip1;
        switch (Random.Next(9))
        {
            case 5:
            case 6:
                return Sample.Super(Question(own, ip));
            case 0:
                return [.. Sample.Super(Sample.Arp((ushort)(1 + Random.Next(2)), own, ip, other)),
                    .. Mark(environment)];
            case 1:
                return Sample.Super(Sample.Rarp(own));
            case 2:
                // A VLAN tag between addresses and type.
                byte[] plain = Frame(environment, isFirst, 80);
                return Sample.Super([.. plain[..12], 0x81, 0, 0, 5, .. plain[12..]]);
            case 3:
                int version = Random.Next(2) == 0 ? 4 : 6;
                byte[] super = new TcpCase(version, false, Random.Next(6000), 1448, 0x18).SuperFrame();
                Sample.Mac(isFirst ? Sample.Mac2 : Sample.Mac1).Write(super.AsSpan(12));
                Sample.Mac(own).Write(super.AsSpan(18));
                if (super[24] == 8)
                    Sample.Ip(ip).Write(super.AsSpan(12 + 26));
                return super;
            case 4:
                byte[] group = Frame(environment, isFirst, 60);
                MacAddress.Broadcast.Write(group);
                return Sample.Super(group);
            default:
                return Sample.Super(Frame(environment, isFirst, Random.Next(3) == 0 ? Random.Next(4000) : 70));
        }
    }

    private byte[] SealedSlice(string environment)
    {
        byte[] super = Sample.Super(Random.Next(4) == 0
            ? Question(Sample.Mac1, Sample.Ip1)
            : Frame(environment, isFirst: true, 60 + Random.Next(200)));
        if (Random.Next(20) == 0)
            super = super[..(Limits.VnetHeaderBytes + 1 + Random.Next(20))];
        int count = Random.Next(3) == 0 ? 1 + Random.Next(Limits.MaxSlices) : 1;
        var header = new SliceHeader(
            (uint)Random.Next(64), (byte)Random.Next(count), (byte)count, 0, super.Length, 0,
            EnvironmentTag.Origin(Environments[Random.Next(2)]), Random.Next(8) == 0);
        byte[] text = new byte[SliceHeader.Bytes + super.Length];
        header.Write(text);
        super.CopyTo(text, SliceHeader.Bytes);
        if (Random.Next(2) == 0)
            BinaryPrimitives.WriteInt32BigEndian(text.AsSpan(8), Random.Next(4) * 500);
        if (Random.Next(2) == 0)
            BinaryPrimitives.WriteInt32BigEndian(text.AsSpan(12), Random.Next(70_000));
        return Random.Next(2) == 0 ? text : [.. Mutated(text), 0];
    }

    private static byte[] Frame(string environment, bool isFirst, int payload)
    {
        byte[] frame = isFirst
            ? Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, payload + 8)
            : Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1, payload + 8);
        Mark(environment).CopyTo(frame, 34);
        return frame;
    }

    private static byte[] Mark(string environment) => Encoding.ASCII.GetBytes("<" + environment + ">!");
}

/// <summary>Keeps nothing, cuts what it gets as a port without offloads would, and looks for a foreign mark.</summary>
internal sealed class MarkSink(byte[] foreign) : IFrameSink
{
    private readonly byte[] _cut = new byte[Limits.MaxSuperFrameBytes + 2048];

    public long Frames { get; private set; }

    public long Foreign { get; private set; }

    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        Frames++;
        if (superFrame.IndexOf(foreign) >= 0)
            Foreign++;
        var cut = new CutFrame(superFrame, PortOffloads.None);
        for (int i = 0; i < cut.Count && !cut.IsWhole; i++)
            cut.Write(i, _cut);
        return true;
    }
}
