namespace VioActors.Switch.DataPlane.Tests;

/// <summary>What two cores find out about the path between them, and do about it.</summary>
public sealed class PathTests : IDisposable
{
    private readonly MemoryNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(1252)]
    [InlineData(1300)]
    [InlineData(1472)]
    public void A_small_path_carries_full_frames_with_no_setting(int carries)
    {
        (TestHost a, TestHost b, SwitchPort port, MemorySink sink) = Pair(carries);
        _network.Pass(6000);
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1480);
        int largest = 0;
        _network.Filter = d => (largest = Math.Max(largest, d.Bytes.Length)) <= carries;
        a.FromNode("e", port, frame);
        _network.Run();
        Assert.Equal(frame, Assert.Single(sink.Frames));
        int mtu = StatusReader.Read(a.Core, 0).Environments[0].Tunnels[0].Mtu;
        Assert.InRange(mtu, carries + 28 - MtuSearch.Step, carries + 28);
        Assert.Equal(largest, Math.Min(mtu - 28, largest));
        Assert.Equal(0, a.Peer("e", b).Counters[TunnelCount.DropTooLarge]);
    }

    [Fact]
    public void A_black_hole_for_large_datagrams_is_noticed_and_frames_pass_again()
    {
        (TestHost a, _, SwitchPort port, MemorySink sink) = Pair(1472);
        Assert.Equal(1412, a.Core.Environments["e"].Peers[0].SlicePayload);
        _network.Filter = d => d.Bytes.Length <= 1260;
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 1480);
        a.FromNode("e", port, frame);
        _network.Run();
        Assert.Empty(sink.Frames);
        _network.Pass(MtuSearch.VerifyMs + 2000);
        a.FromNode("e", port, frame);
        _network.Run();
        Assert.Equal(frame, Assert.Single(sink.Frames));
    }

    /// <summary>An older build answers no probes: it keeps the size of the setting and is sent none.</summary>
    [Fact]
    public void A_peer_without_the_capability_keeps_the_fixed_size()
    {
        TestHost a = _network.Add("a", 1);
        TestHost b = _network.Add("b", 2, s => s with { Capabilities = TunnelCapabilities.Claims });
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        _network.Pass(5000);
        Assert.Equal(1412, a.Peer("e", b).SlicePayload);
        Assert.Equal(0, a.Peer("e", b).Counters[TunnelCount.ProbesOut]);
        Assert.Equal(0, b.Peer("e", a).Counters[TunnelCount.DropBadMessage]);
    }

    [Fact]
    public void The_round_trip_is_measured()
    {
        (TestHost a, TestHost b, _, _) = Pair(1472);
        Assert.NotNull(a.Peer("e", b).Path.Health.RttUs);
        TunnelStatus status = StatusReader.Read(a.Core, 0).Environments[0].Tunnels[0];
        Assert.NotNull(status.RttMs);
        Assert.Equal("direct", status.Path);
        Assert.True(status.TakesRuns);
    }

    /// <summary>Random bytes under good keys, 200,000 times: counted, no exception, no size that was not tried.
    /// </summary>
    [Fact]
    public void Nonsense_about_paths_changes_nothing()
    {
        (TestHost a, TestHost b, _, _) = Pair(1300);
        _network.Pass(6000);
        int size = b.Peer("e", a).SlicePayload;
        var random = new Random(7);
        byte[] text = new byte[64];
        for (int i = 0; i < 200_000; i++)
        {
            int length = random.Next(1, text.Length);
            random.NextBytes(text);
            text[0] = (byte)random.Next(MessageKind.Probe, MessageKind.Probe + 6);
            if (i % 2 == 0)
                text[1] = 0;
            if (i % 3 == 0)
                length = PathMessages.ReplyBytes;
            _ = PathMessages.TryReadProbe(text.AsSpan(0, length), out _);
            _ = PathMessages.TryReadReply(text.AsSpan(0, length), out _, out _, out _);
            b.Core.Rendezvous.OnAsked(b.Peer("e", a), text.AsSpan(0, i % 5 == 0 ? Rendezvous.AskBytes : length));
            b.Core.Rendezvous.OnTold(b.Peer("e", a), text.AsSpan(0, i % 5 == 0 ? Rendezvous.TellBytes : length));
            if (i % 20 != 0)
                continue;
            text.AsSpan(0, length).CopyTo(a.Core.Sender.Text);
            a.Core.Sender.SendText(a.Peer("e", b), a.Peer("e", b).Current!, length);
            _network.Run();
        }

        Assert.NotEqual(0, b.Peer("e", a).Counters[TunnelCount.DropBadMessage]);
        Assert.Equal(size, b.Peer("e", a).SlicePayload);
    }

    private (TestHost A, TestHost B, SwitchPort PortA, MemorySink SinkB) Pair(int carries)
    {
        TestHost a = _network.Add("a", 1), b = _network.Add("b", 2);
        _network.Filter = d => d.Bytes.Length <= carries || !d.Whole;
        _network.Apply("e", (a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        (SwitchPort port, _) = a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, MemorySink sink) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        return (a, b, port, sink);
    }
}
