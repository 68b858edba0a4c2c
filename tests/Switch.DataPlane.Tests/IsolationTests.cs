namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Two environments with the same addresses on the same hosts.</summary>
public sealed class IsolationTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EqualAddressesMeetOnlyWhenTheCheckIsOff(bool isolated)
    {
        TestHost a = _network.Add("a", 1, s => s with { Isolated = isolated });
        TestHost b = _network.Add("b", 2, s => s with { Isolated = isolated });
        var ports = new Dictionary<string, (SwitchPort A, MemorySink SinkA, SwitchPort B, MemorySink SinkB)>();
        foreach (string environment in (string[])["astro", "boson"])
        {
            _network.Apply(environment, (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
            (SwitchPort portA, MemorySink sinkA) = a.AddPort(environment, Sample.Mac1, Sample.Ip1);
            (SwitchPort portB, MemorySink sinkB) = b.AddPort(environment, Sample.Mac2, Sample.Ip2);
            ports[environment] = (portA, sinkA, portB, sinkB);
        }

        _network.Pass(1000);
        a.FromNode("astro", ports["astro"].A, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        a.FromNode("astro", ports["astro"].A,
            Sample.Packet("ff:ff:ff:ff:ff:ff", Sample.Mac1, Sample.Ip1, "10.1.0.255"));
        _network.Run();

        Assert.Equal(2, ports["astro"].SinkB.Frames.Count);
        long crossed = StatusReader.Read(a.Core, 0).FramesCrossed + StatusReader.Read(b.Core, 0).FramesCrossed;
        int arrived = ports["boson"].SinkA.Frames.Count + ports["boson"].SinkB.Frames.Count;
        Assert.Equal(isolated, crossed == 0);
        Assert.Equal(crossed, arrived);
    }

    [Fact]
    public void TheSameChosenAddressIsSomebodysInEachEnvironment()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        Ipv6 chosen = LinkLocalRig.Chosen(1);
        var sinks = new List<MemorySink>();
        foreach (string environment in (string[])["astro", "boson"])
        {
            // In one it is the first node's, in the other the second one's.
            bool isFirst = environment == "astro";
            _network.Apply(environment, (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
            (SwitchPort portA, MemorySink sinkA) = a.AddPort(environment, Sample.Mac1, Sample.Ip1);
            (SwitchPort portB, MemorySink sinkB) = b.AddPort(environment, Sample.Mac2, Sample.Ip2);
            _network.Pass(1000);
            for (int i = 0; i < 2; i++)
            {
                if (isFirst)
                    a.FromNode(environment, portA, LinkLocalRig.Packet(1, 2, chosen));
                else
                    b.FromNode(environment, portB, LinkLocalRig.Packet(2, 1, chosen));
                _network.Pass(500);
            }

            sinks.AddRange(isFirst ? [sinkB, sinkA] : [sinkA, sinkB]);
        }

        Assert.Equal([1, 0, 1, 0], sinks.Select(sink => sink.Frames.Count));
        Assert.NotEqual(
            a.Core.Environments["astro"].LinkLocals.Find(chosen)!.Mac,
            a.Core.Environments["boson"].LinkLocals.Find(chosen)!.Mac);
    }

    [Fact]
    public void ADatagramOpensOnlyUnderItsOwnEnvironment()
    {
        byte[] key = new byte[Aead.KeyBytes + Aead.IvBytes];
        SessionKeys Keys(bool initiator) => new(initiator, TunnelCipher.Aes256Gcm, 1, 0, key, key);
        using var sender = new TunnelSession(1, 2, Keys(true), EnvironmentTag.Of("astro"), 0);
        using var same = new TunnelSession(2, 1, Keys(false), EnvironmentTag.Of("astro"), 0);
        using var other = new TunnelSession(2, 1, Keys(false), EnvironmentTag.Of("boson"), 0);
        byte[] datagram = new byte[TunnelSession.Overhead + 5];
        sender.Seal(datagram, 5, 0);
        Assert.True(DatagramHeader.TryRead(datagram, out DatagramHeader header));
        Assert.Equal(OpenResult.Forged, other.Open([.. datagram], header, 0, out _));
        Assert.Equal(OpenResult.Ok, same.Open(datagram, header, 0, out _));
    }

    [Fact]
    public void ThePortItselfDropsAFrameOfAnotherOrigin()
    {
        var sink = new MemorySink();
        var port = new SwitchPort(
            "astro", "t", "n", Sample.Mac(Sample.Mac1), Sample.Ip(Sample.Ip1), sink)
        { IsOpen = true };
        byte[] frame = Sample.Super(Sample.Packet(Sample.Mac1, Sample.Mac2, Sample.Ip2, Sample.Ip1));
        port.Deliver(frame, EnvironmentTag.Origin("boson"), isolated: true);
        Assert.Empty(sink.Frames);
        Assert.Equal(1, port.Counters[PortCount.FramesCrossed]);
        port.Deliver(frame, EnvironmentTag.Origin("astro"), isolated: true);
        Assert.Single(sink.Frames);
    }
}
