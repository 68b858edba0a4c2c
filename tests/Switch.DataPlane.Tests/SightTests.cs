using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What people see of the switch: reasons of drops, captured frames, pairs of nodes.</summary>
public sealed class SightTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public void EveryCounterOfALossHasAReasonInWords()
    {
        string[] losses =
        [
            .. new Counters<PortCount>().Snapshot().Keys.Concat(new Counters<TunnelCount>().Snapshot().Keys)
                .Where(DropReason.IsLoss).Distinct(),
        ];
        Assert.True(losses.Length > 30);
        Assert.Empty(losses.Except(DropReason.Counters));
    }

    [Fact]
    public void ADroppedFrameIsKeptWithItsReasonAndAddresses()
    {
        (TestHost a, SwitchPort port) = Pair();
        a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac3, Sample.Ip1, Sample.Ip2));
        a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        a.FromNode("e", port, [1, 2, 3]);
        List<DroppedFrame> drops = a.Core.Drops.Read(0, null, 10);
        Assert.Equal(["dropSpoofedMac", "dropRunt"], drops.Select(one => one.Reason));
        DroppedFrame first = drops[0];
        Assert.Equal(("e", port.Name, false, 134), (first.Environment, first.Where, first.IsTunnel, first.Length));
        Assert.Equal(
            (Sample.Mac3, Sample.Mac2, Sample.Ip1, Sample.Ip2),
            (first.Frame.Source, first.Frame.Destination, first.Frame.SourceIp, first.Frame.DestinationIp));
        Assert.Equal(_network.Time.GetUtcNow(), first.At);
        Assert.Equal("dropRunt", Assert.Single(a.Core.Drops.Read(first.Number, null, 10)).Reason);
        Assert.Empty(a.Core.Drops.Read(0, "other", 10));
    }

    [Fact]
    public void TheLogOfDropsKeepsTheLastOnes()
    {
        (TestHost a, SwitchPort port) = Pair();
        for (int i = 0; i < Limits.DropsKept + 100; i++)
            a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac3, Sample.Ip1, Sample.Ip2, payload: i));
        List<DroppedFrame> drops = a.Core.Drops.Read(0, null, int.MaxValue);
        Assert.Equal(Limits.DropsKept, drops.Count);
        Assert.Equal((101, 134), (drops[0].Number, drops[0].Length));
        Assert.Equal(Limits.DropsKept + 100, a.Core.Drops.Noted);
        Assert.Equal(Limits.DropsKept + 100, port.Counters.Losses);
    }

    [Fact]
    public void AFrameOfAPeerThatIsDroppedNamesThePeer()
    {
        (TestHost a, SwitchPort port) = Pair();
        TestHost b = _network.Add("c", 3);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        _network.Pass(1000);
        a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        a.Apply("e", [(a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2)]);
        b.Apply("e", [(a, Sample.Mac3, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2)]);
        _network.Run();
        DroppedFrame drop = Assert.Single(b.Core.Drops.Read(0, null, 10));
        Assert.Equal(("a", true, "dropNotListed"), (drop.Where, drop.IsTunnel, drop.Reason));
    }

    [Fact]
    public void ACaptureSeesBothWaysAndOnlyWhileItRuns()
    {
        (TestHost a, SwitchPort port) = Pair();
        byte[] packet = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2);
        a.FromNode("e", port, packet);
        PortCapture capture = Start(a, port, "");
        a.FromNode("e", port, packet);
        a.FromNode("e", port, Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        List<TracedFrame> frames = capture.Read();
        Assert.Equal([true, true, false], frames.Select(one => one.FromNode));
        Assert.Equal(packet, frames[0].Bytes);
        Assert.Equal(2, frames[2].Bytes[21]);
        Assert.Empty(capture.Read());
        a.Core.Captures.Stop(capture.Id);
        a.FromNode("e", port, packet);
        Assert.Empty(capture.Read());
        Assert.Null(port.Capture);
    }

    [Fact]
    public void AFullRingLosesAndCountsAndASuperFrameIsMarked()
    {
        (TestHost a, SwitchPort port) = Pair();
        PortCapture capture = Start(a, port, "ip");
        byte[] super = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 60_000));
        (super[0], super[1]) = (1, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(super.AsSpan(4), 1448);
        for (int i = 0; i < 100; i++)
            a.Core.FromPort(a.Core.Environments["e"], port, super);
        Assert.InRange(capture.Lost, 60, 70);
        int read = 0;
        while (capture.Read() is { Count: > 0 } frames)
        {
            read += frames.Count;
            Assert.All(frames, one => Assert.Equal((1448, true, 60_034), (one.SegmentBytes, one.HasPartialChecksum,
                one.Length)));
            ControlStream.Encode(new TraceFrames(frames, 0, false));
        }

        Assert.Equal(100, read + capture.Lost);
    }

    [Fact]
    public void TheFullestAnswerFitsAControlMessage()
    {
        (TestHost a, SwitchPort port) = Pair();
        PortCapture capture = Start(a, port, "");
        byte[] packet = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 222);
        for (int i = 0; i < 3000; i++)
            a.FromNode("e", port, packet);
        List<TracedFrame> frames = capture.Read();
        Assert.InRange(frames.Count, 1300, Limits.TraceFramesPerRead);
        byte[] message = ControlStream.Encode(new TraceFrames(frames, 0, false));
        Assert.InRange(message.Length, 400_000, Limits.MaxControlMessageBytes);
    }

    [Fact]
    public void ACaptureThatNobodyReadsEndsAndOneOfAPortThatGoesSaysSo()
    {
        (TestHost a, SwitchPort port) = Pair();
        PortCapture unread = Start(a, port, "");
        Assert.Null(a.Core.Captures.Start(port, 100, Filter(""), out string busy));
        Assert.Contains("being traced already", busy);
        _network.Pass(Limits.TraceUnreadMs + 1000);
        Assert.Null(a.Core.Captures.Find(unread.Id));
        PortCapture second = Start(a, port, "");
        CoreConfiguration.RemovePort(a.Core, "e", port);
        Assert.True(second.HasEnded);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("udp", true)]
    [InlineData("not udp", false)]
    [InlineData("udp and port 53", true)]
    [InlineData("port 54", false)]
    [InlineData("host 10.1.0.2 and in", true)]
    [InlineData("out", false)]
    [InlineData("ether 02:00:00:00:00:02", true)]
    [InlineData("not arp and not broadcast and ip", true)]
    [InlineData("ip6", false)]
    public void AFilterTakesWhatItSays(string text, bool taken)
    {
        byte[] packet = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2);
        packet[23] = 17;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(34), 4000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(36), 53);
        Assert.Equal(taken, Filter(text).Matches(packet, fromNode: true));
        Assert.Equal("10.1.0.1:4000 > 10.1.0.2:53 udp", FrameFacts.Of(packet).ToString());
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("not")]
    [InlineData("host")]
    [InlineData("host nobody")]
    [InlineData("arp or ip")]
    [InlineData("arp and")]
    [InlineData("port 70000")]
    public void AFilterThatIsNoneIsRefusedInWords(string text)
    {
        Assert.Null(TraceFilter.Parse(text, out string error));
        Assert.NotEqual("", error);
    }

    [Fact]
    public void TheFileIsPcapWithNanosecondsAndEthernet()
    {
        using var file = new MemoryStream();
        var writer = new PcapWriter(file);
        writer.WriteHeader(65_550);
        writer.Write(new TracedFrame(1_700_000_001_000_000_200, true, 60, 0, false, [1, 2, 3]));
        Assert.Equal(
            "4D3CB2A102000400" + "0000000000000000" + "0E000100" + "01000000"
                + "01F15365" + "C8000000" + "03000000" + "3C000000" + "010203",
            Convert.ToHexString(file.ToArray()));
    }

    [Fact]
    public void PairsAreCountedAtTheirSenderAndTheTableIsBounded()
    {
        (TestHost a, SwitchPort port) = Pair();
        for (int i = 0; i < 3; i++)
            a.FromNode("e", port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        EnvironmentStatus status = Assert.Single(StatusReader.Read(a.Core, 0).Environments);
        PairStatus pair = Assert.Single(status.Pairs);
        Assert.Equal(("n" + Sample.Ip1, "n" + Sample.Ip2, 3, 402), (pair.From, pair.To, pair.Frames, pair.Bytes));
        PairTable table = a.Core.Environments["e"].Pairs;
        for (ulong i = 0; i < 2 * Limits.MaxPairs; i++)
            table.Of(new MacAddress(i << 8), port.Mac).Bytes++;
        Assert.Equal(Limits.MaxPairs, table.All.Count);
        Assert.Equal(Limits.MaxPairs + 1, table.Others.Bytes);
        a.Apply("e", [(a, Sample.Mac1, Sample.Ip1)]);
        PairCount old = table.Of(port.Mac, Sample.Mac(Sample.Mac3));

        // A node that comes back is counted anew, though its port spoke to it last.
        table.Forget(Sample.Mac(Sample.Mac3));
        var entry = new MacEntry(Sample.Mac(Sample.Mac3), Sample.Ip(Sample.Ip3), "n3");
        PairCount anew = port.LastPair.Of(table, port.Mac, entry);
        Assert.NotSame(old, anew);
        Assert.Same(anew, port.LastPair.Of(table, port.Mac, entry));
        table.Forget(entry.Mac);
        Assert.NotSame(anew, port.LastPair.Of(table, port.Mac, entry));
        Assert.DoesNotContain(table.All.Keys, one => one.To == Sample.Mac(Sample.Mac2).Value);
    }

    [Fact]
    public void CountingADropOrAPairAllocatesNothing()
    {
        (TestHost a, SwitchPort port) = Pair();
        SwitchEnvironment environment = a.Core.Environments["e"];
        byte[] good = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        byte[] forged = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac3, Sample.Ip1, Sample.Ip2));
        for (int i = 0; i < 100; i++)
            a.Core.FromPort(environment, port, forged);
        environment.Pairs.Of(port.Mac, Sample.Mac(Sample.Mac2));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            a.Core.FromPort(environment, port, forged);
            environment.Pairs.Of(port.Mac, Sample.Mac(Sample.Mac2)).Bytes += good.Length;
        }

        // Less than a byte per frame: what the runtime itself makes once, while it compiles again, is not of a frame.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    private static PortCapture Start(TestHost host, SwitchPort port, string filter) =>
        host.Core.Captures.Start(port, Limits.MaxFrameBytes, Filter(filter), out _)!;

    private static TraceFilter Filter(string text) => TraceFilter.Parse(text, out _)!;

    private (TestHost A, SwitchPort Port) Pair()
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        (SwitchPort port, _) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        return (a, port);
    }
}
