namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Two or three whole cores over the in-memory network.</summary>
public sealed class TwoHostTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(10)]
    [InlineData(1480)]
    [InlineData(8980)]
    [InlineData(65_000)]
    public void AFrameOfAnySizeArrivesUnchanged(int payload)
    {
        (TestHost a, TestHost b, SwitchPort portA, _, _, MemorySink sinkB) = Pair("e");
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, payload);
        int datagrams = 0;
        _network.Filter = d => ++datagrams > 0 && d.Bytes.Length <= 1500 - 28;
        a.FromNode("e", portA, frame);
        _network.Run();
        Assert.Equal(frame, Assert.Single(sinkB.Frames));
        Assert.Equal((frame.Length + 12 + 1411) / 1412, datagrams);
        Assert.Equal(1, b.Peer("e", a).Counters[TunnelCount.FramesIn]);
    }

    [Fact]
    public void ABroadcastGoesOnceToEachHostAndNeverBack()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2), c = _network.Add("c", 3);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2), (c, Sample.Mac3, Sample.Ip3));
        (SwitchPort port, MemorySink own) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, MemorySink atB) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        (_, MemorySink atC) = c.AddPort("e", Sample.Mac3, Sample.Ip3);
        _network.Pass(1000);
        a.FromNode("e", port, Sample.Packet("ff:ff:ff:ff:ff:ff", Sample.Mac1, Sample.Ip1, "10.1.0.255"));
        _network.Run();
        Assert.Single(atB.Frames);
        Assert.Single(atC.Frames);
        Assert.Empty(own.Frames);
    }

    [Fact]
    public void ArpIsAnsweredFromTheTableAndNotFlooded()
    {
        (TestHost a, _, SwitchPort portA, MemorySink sinkA, _, MemorySink sinkB) = Pair("e");
        a.FromNode("e", portA, Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        byte[] reply = Assert.Single(sinkA.Frames);
        FrameView view = FrameView.Parse(reply);
        Assert.True(view.IsArpReply);
        Assert.Equal(Sample.Mac(Sample.Mac2), view.ArpSenderMac);
        Assert.Empty(sinkB.Frames);

        // The control: an address that nobody has is asked everywhere.
        a.FromNode("e", portA, Sample.Arp(1, Sample.Mac1, Sample.Ip1, "10.1.0.99"));
        _network.Run();
        Assert.Single(sinkB.Frames);
    }

    [Fact]
    public void SessionsAreRenewedWithoutLosingAFrame()
    {
        (TestHost a, TestHost b, SwitchPort portA, _, _, MemorySink sinkB) = Pair("e");
        int sent = 0;
        for (int i = 0; i < 200; i++)
        {
            _network.Pass(2000);
            a.FromNode("e", portA, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
            sent++;
        }

        _network.Run();
        Assert.Equal(sent, sinkB.Frames.Count);
        Assert.InRange(a.Peer("e", b).Counters[TunnelCount.HandshakesCompleted], 3, 6);
        Assert.InRange(a.Core.Sessions.Count, 1, 2);
    }

    [Fact]
    public void ARestartedPeerIsBackByItsOwnHandshake()
    {
        (TestHost a, TestHost b, SwitchPort portA, _, _, _) = Pair("e");
        _network.Remove(b);
        TestHost again = _network.Add("b", 2);
        again.Apply("e", [(a, Sample.Mac1, Sample.Ip1), (again, Sample.Mac2, Sample.Ip2)]);
        (_, MemorySink sink) = again.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        a.FromNode("e", portA, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        Assert.Single(sink.Frames);
    }

    [Fact]
    public void AReplayedDatagramIsDropped()
    {
        (TestHost a, TestHost b, SwitchPort portA, _, _, MemorySink sinkB) = Pair("e");
        Datagram? seen = null;
        _network.Filter = d =>
        {
            seen = d with { Bytes = [.. d.Bytes] };
            return true;
        };
        a.FromNode("e", portA, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        _network.Enqueue(seen!);
        _network.Run();
        Assert.Single(sinkB.Frames);
        Assert.Equal(1, b.Peer("e", a).Counters[TunnelCount.DropReplayed]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheHotPathDoesNotAllocate(bool fromChosenAddress)
    {
        using var quiet = new MemoryNetwork();
        var sink = new CountingSink();
        using var pipe = new PipePair(quiet, sink);
        byte[] frame = Sample.Super(fromChosenAddress
            ? Sample6.Packet(
                Sample.Mac2, Sample.Mac1, LinkLocalRig.Chosen(1), Sample6.LinkLocal(Sample.Mac2), 17, new byte[1460])
            : Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1480));
        pipe.Learn(LinkLocalRig.Chosen(1));
        for (int i = 0; i < 2000; i++)
            pipe.Send(frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
            pipe.Send(frame);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(4000, sink.Count);
        Assert.Equal(0, allocated);

        // The control: the meter sees an allocation.
        before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new byte[64]);
        Assert.NotEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private (TestHost A, TestHost B, SwitchPort PortA, MemorySink SinkA, SwitchPort PortB, MemorySink SinkB) Pair(
        string environment)
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        _network.Apply(environment, (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        (SwitchPort portA, MemorySink sinkA) = a.AddPort(environment, Sample.Mac1, Sample.Ip1);
        (SwitchPort portB, MemorySink sinkB) = b.AddPort(environment, Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        Assert.True(Handshakes.IsUp(a.Peer(environment, b), a.Core.NowMs));
        return (a, b, portA, sinkA, portB, sinkB);
    }

    private sealed class CountingSink : IFrameSink
    {
        public int Count { get; private set; }

        public bool Write(ReadOnlySpan<byte> superFrame)
        {
            Count++;
            return true;
        }
    }

    /// <summary>Two cores whose links hand datagrams over at once, without copies of their own.</summary>
    private sealed class PipePair : IDisposable
    {
        private readonly Pipe _a;
        private readonly Pipe _b;
        private readonly SwitchPort _port;

        public PipePair(MemoryNetwork network, IFrameSink sink)
        {
            _a = new Pipe(network, "a", 1);
            _b = new Pipe(network, "b", 2);
            _a.Other = _b;
            _b.Other = _a;
            var nodes = new[] { Sample.Node("a", Sample.Mac1, Sample.Ip1), Sample.Node("b", Sample.Mac2, Sample.Ip2) };
            CoreConfiguration.Configure(
                _a.Core, new StatePlan(1, [new EnvironmentPlan("e", [new PeerPlan("b", _b.Address.EndPoint)],
                null, [], nodes)], []));
            CoreConfiguration.Configure(
                _b.Core, new StatePlan(1, [new EnvironmentPlan("e", [new PeerPlan("a", _a.Address.EndPoint)],
                null, [], nodes)], []));
            _port = CoreConfiguration.AddPort(_a.Core, "e", Plan(Sample.Mac1, Sample.Ip1), new MemorySink());
            CoreConfiguration.AddPort(_b.Core, "e", Plan(Sample.Mac2, Sample.Ip2), sink);
            _a.Core.Tick();
        }

        /// <summary>The sender's host knows that the sender has an address.</summary>
        public void Learn(Ipv6 address) =>
            _a.Core.Environments["e"].LinkLocals.Learn(_port.Mac, address, _a.Core.NowMs);

        public void Send(byte[] superFrame) => _a.Core.FromPort(_a.Core.Environments["e"], _port, superFrame);

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
        }

        private static PortPlan Plan(string mac, string ip) =>
            new("t", "b", "n", Sample.Mac(mac), Sample.Ip(ip), true, 1500);
    }

    private sealed class Pipe : IDatagramLink, IDisposable
    {
        private readonly byte[] _buffer = new byte[Limits.MaxDatagramBytes];
        private readonly SwitchIdentity _identity = new();
        private readonly PeerVerifier _verifier;

        public Pipe(MemoryNetwork network, string id, byte number)
        {
            Address = SocketAddress.From(new System.Net.IPEndPoint(new System.Net.IPAddress([10, 9, 1, number]), 1));
            _verifier = new PeerVerifier(network.Site.Id, network.Site.CaPem, network.Time);
            _identity.Install(network.Site.Prove(_identity, id, network.Time.GetUtcNow().AddDays(1)));
            Core = new SwitchCore(new CoreSettings { HostId = id, Lane = 0, MaxSlicePayload = 1412, Isolated = true },
                network.Time, this, _identity, _verifier);
        }

        public SocketAddress Address { get; }
        public SwitchCore Core { get; }
        public Pipe? Other { get; set; }

        public void Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass)
        {
            datagram.CopyTo(_buffer);
            Other!.Core.FromNetwork(_buffer.AsSpan(0, datagram.Length), Address.Bytes);
        }

        public void Dispose()
        {
            Core.Dispose();
            _verifier.Dispose();
            _identity.Dispose();
        }
    }
}
