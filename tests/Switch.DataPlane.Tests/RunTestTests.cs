namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The self-test of runs, with kernels that lose or mangle them.</summary>
public sealed class RunTestTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void AKernelThatCarriesRunsKeepsThem()
    {
        var kernel = new RunKernel();
        PeerTunnel peer = Pair(kernel);
        _network.Pass(5000);
        Assert.Equal((true, 2, "gso"), (peer.Address.TakesRuns, peer.Address.LeastRun, Offloads()));
        Assert.Equal(1, peer.Counters[TunnelCount.RunTestsOut]);
        Assert.Equal([4, 12], kernel.Runs.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunsAreGivenUpWhenOnlySingleDatagramsArriveAndTakenUpAgain(bool mangled)
    {
        var kernel = new RunKernel { Breaks = _ => true, Mangles = mangled };
        PeerTunnel peer = Pair(kernel);
        _network.Pass(1000);
        Assert.True(peer.Address.TakesRuns, "one bad test may be chance");
        _network.Pass(4000);
        Assert.False(peer.Address.TakesRuns);
        Assert.Equal("gso off (self-test)", Offloads());
        kernel.Breaks = _ => false;
        _network.Pass(55_000);
        Assert.False(peer.Address.TakesRuns);
        _network.Pass(10_000);
        Assert.Equal("gso", Offloads());
        Assert.InRange(peer.Counters[TunnelCount.RunTestsOut], 3, 4);
    }

    [Fact]
    public void WhereOnlyShortRunsAreLostLongOnesStay()
    {
        PeerTunnel peer = Pair(new RunKernel { Breaks = count => count < 8 });
        _network.Pass(5000);
        Assert.Equal((true, 8), (peer.Address.TakesRuns, peer.Address.LeastRun));
        Assert.Equal("gso from 8 datagrams (self-test)", Offloads());
    }

    [Fact]
    public void ARefusalOfTheKernelIsTriedAgainAndNotBelievedToBeARun()
    {
        var kernel = new RunKernel { Refuses = true };
        PeerTunnel peer = Pair(kernel);
        _network.Pass(5000);
        Assert.Equal("gso off (refused by the kernel)", Offloads());
        kernel.Refuses = false;
        _network.Pass(65_000);
        Assert.Equal("gso", Offloads());
        peer.Address.TakesRuns = false;
        _network.Pass(6 * 60_000 + 70_000);
        Assert.Equal("gso", Offloads());
    }

    [Fact]
    public void AJammedPathAndAnOldPeerTeachNothing()
    {
        PeerTunnel peer = Pair(new RunKernel());
        var random = new Random(7);
        _network.Filter = d => d.Bytes.Length < 1000 || random.NextDouble() < 0.2;
        _network.Pass(60_000);
        Assert.Equal("gso", Offloads());
        Assert.Equal(0, peer.Counters[TunnelCount.RunTestsFailed]);
        TestHost old = _network.Add("old", 3, s => s with { Capabilities = TunnelCapabilities.Parity });
        TestHost a = _network.Add("z", 4);
        _network.Apply("f", (a, Sample.Mac1, Sample.Ip1), (old, Sample.Mac2, Sample.Ip2));
        _network.Filter = _ => true;
        _network.Pass(5000);
        Assert.True(Handshakes.IsUp(a.Peer("f", old), a.Core.NowMs));
        Assert.Equal(0, a.Peer("f", old).Counters[TunnelCount.RunTestsOut]);
    }

    [Fact]
    public void DataGoesInRunsOnlyAsTheTestAllows()
    {
        var kernel = new RunKernel { Breaks = count => count < 8 };
        PeerTunnel peer = Pair(kernel);
        _network.Pass(5000);
        kernel.Runs.Clear();
        TestHost a = _host!;
        SwitchPort port = a.Core.Environments["e"].Ports[0];
        a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 8000));
        kernel.Flush();
        Assert.Empty(kernel.Runs);
        a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 30_000));
        kernel.Flush();
        Assert.True(Assert.Single(kernel.Runs) > 16);
        Assert.True(peer.Address.TakesRuns);
    }

    /// <summary>All reports that can come, from every state that some reports lead to.</summary>
    [Fact]
    public void ThePolicyIsAsStatedForEveryReport()
    {
        foreach ((int singles, int shorts, int longs) in Reports())
        {
            foreach ((int singles2, int shorts2, int longs2) in Reports())
            {
                var policy = new RunPolicy();
                policy.Arrived(singles, shorts, longs);
                Assert.True(policy.TakesRuns && policy.LeastRun == 2);
                policy.Arrived(singles2, shorts2, longs2);
                bool bad1 = singles >= 6 && longs < Math.Min(12.0, singles) / 2;
                bool bad2 = singles2 >= 6 && longs2 < Math.Min(12.0, singles2) / 2;
                Assert.Equal(!(bad1 && bad2), policy.TakesRuns);
                Assert.InRange(policy.NextMs, 1000, 10 * 60_000);
            }
        }
    }

    [Fact]
    public void ANonsenseTestOrReportChangesNothing()
    {
        PeerTunnel peer = Pair(new RunKernel());
        TestHost a = _host!;
        var random = new Random(3);
        foreach (byte kind in (byte[])[MessageKind.RunTest, MessageKind.RunReport])
        {
            for (int length = 1; length < 20; length++)
            {
                byte[] datagram = new byte[TunnelSession.Overhead + length];
                random.NextBytes(datagram.AsSpan(DatagramHeader.Bytes, length));
                datagram[DatagramHeader.Bytes] = kind;
                TestHost b = _other!;
                b.Peer("e", a).Current!.Seal(datagram, length, 0);
                a.Core.FromNetwork(datagram, b.Address.Bytes);
            }
        }

        _network.Pass(5000);
        Assert.Equal("gso", Offloads());
        Assert.NotEqual(0, peer.Counters[TunnelCount.DropBadMessage]);
    }

    private static IEnumerable<(int, int, int)> Reports()
    {
        foreach (int singles in (int[])[0, 5, 6, 11, 12, 255])
        {
            foreach (int shorts in (int[])[0, 2, 4, 255])
            {
                for (int longs = 0; longs <= 13; longs++)
                    yield return (singles, shorts, longs);
            }
        }
    }

    private TestHost? _host;
    private TestHost? _other;

    private string? Offloads() => StatusReader.Read(_host!.Core, 0).Environments[0].Tunnels[0].Offloads;

    private PeerTunnel Pair(RunKernel kernel)
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        (_host, _other, a.Kernel) = (a, b, kernel);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        a.AddPort("e", Sample.Mac1, Sample.Ip1);
        b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(200);
        return a.Peer("e", b);
    }
}

/// <summary>
/// Gathers datagrams into runs by the rules of <see cref="UdpBatch"/>, written anew, and treats runs as bad kernels do.
/// </summary>
internal sealed class RunKernel
{
    private readonly List<byte[]> _run = [];
    private SocketAddress? _to;
    private Action<byte[], SocketAddress>? _pass;

    /// <summary>Which runs, by their number of datagrams, do not arrive whole.</summary>
    public Func<int, bool> Breaks { get; set; } = _ => false;

    /// <summary>They arrive with wrong bytes instead of not at all.</summary>
    public bool Mangles { get; init; }

    /// <summary>Runs are not taken, as with EIO.</summary>
    public bool Refuses { get; set; }

    /// <summary>Datagrams of each run that was sent.</summary>
    public List<int> Runs { get; } = [];

    public void Send(byte[] datagram, SocketAddress to, Action<byte[], SocketAddress> pass)
    {
        bool fits = _run.Count > 0 && ReferenceEquals(to, _to) && datagram.Length <= _run[0].Length
            && _run[^1].Length == _run[0].Length && _run.Count < 64;
        if (!fits)
            Flush();
        (_to, _pass) = (to, pass);
        _run.Add(datagram);
    }

    public void Flush()
    {
        if (_run.Count == 0)
            return;
        bool isRun = _run.Count >= 2 && _to!.TakesRuns && _run.Count >= _to.LeastRun;
        if (isRun && Refuses)
            (_to!.TakesRuns, isRun) = (false, false);
        if (isRun)
            Runs.Add(_run.Count);
        if (isRun && Breaks(_run.Count))
        {
            foreach (byte[] datagram in _run.Where(_ => Mangles))
            {
                datagram[^20] ^= 1;
                _pass!(datagram, _to!);
            }
        }
        else
        {
            _run.ForEach(datagram => _pass!(datagram, _to!));
        }

        _run.Clear();
    }
}
