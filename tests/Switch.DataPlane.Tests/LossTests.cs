using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Uncut TCP frames over a path that loses datagrams.</summary>
public sealed class LossTests : IDisposable
{
    private const int Segment = 1000;
    private const int Segments = 20;
    private readonly MemoryNetwork _network = new();
    private readonly TestHost _a;
    private readonly SwitchPort _port;
    private readonly MemorySink _sink;

    public LossTests()
    {
        _a = _network.Add("a", 1);
        TestHost b = _network.Add("b", 2);
        _network.Apply("e", (_a, Sample.Mac1, Sample.Ip1), (b, Sample.Mac2, Sample.Ip2));
        (_port, _) = _a.AddPort("e", Sample.Mac1, Sample.Ip1);
        (_, _sink) = b.AddPort("e", Sample.Mac2, Sample.Ip2);
        _network.Pass(1000);
        Session.SendsParity = false;
        B = b;
    }

    private TestHost B { get; }

    private TunnelSession Session => _a.Core.Environments["e"].PeerOf("b")!.Current!;

    // The first datagram holds the headers: without it nothing can be made of the others.
    [Fact]
    public void A_lost_datagram_costs_the_segments_that_it_touched()
    {
        int datagrams = SliceHeader.CountFor(Frame().Length, _a.Core.Settings.MaxSlicePayload);
        for (int lost = 0; lost < datagrams; lost++)
        {
            int segments = Send(lost);
            Assert.InRange(segments, lost == 0 ? 0 : Segments - 3, lost == 0 ? 0 : Segments - 1);
        }

        Assert.Equal(Segments, Send(lost: -1));
    }

    [Fact]
    public void A_broken_frame_is_passed_on_before_the_next_and_nothing_twice()
    {
        Lose(3);
        FromNode();
        _a.FromNode("e", _port, Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        _network.Run();
        Assert.Equal(3, _sink.Frames.Count);
        Assert.Equal(134, _sink.Frames[^1].Length);
        Assert.Equal(2, B.Peer("e", _a).Counters[TunnelCount.FramesSalvaged]);
    }

    [Fact]
    public void A_path_that_loses_gets_parity_and_then_loses_nothing_of_a_frame()
    {
        int sent = 0;
        _network.Filter = datagram => datagram.To.Port != 7946 || datagram.Bytes.Length < 300 || ++sent % 50 != 0;
        for (int frame = 0; frame < 200 && !Session.SendsParity; frame++)
        {
            FromNode();
            _network.Run();
            _network.Pass(SwitchCore.TickMs);
        }

        Assert.True(Session.SendsParity);
        Assert.InRange(B.Peer("e", _a).Loss, 0.01, 0.03);
        GiveUp();
        _sink.Frames.Clear();
        for (int frame = 0; frame < 100; frame++)
            FromNode();
        _network.Run();
        Assert.Equal(100, _sink.Frames.Count);
        Assert.True(B.Core.ReassemblyRecovered > 10);
    }

    public void Dispose() => _network.Dispose();

    /// <summary>Sends one frame without one of its datagrams; how many of its segments arrived.</summary>
    private int Send(int lost)
    {
        _sink.Frames.Clear();
        Lose(lost);
        FromNode();
        _network.Run();
        GiveUp();
        return _sink.Frames.Sum(frame => (frame.Length - 54) / Segment);
    }

    private void GiveUp()
    {
        _network.Time.Advance(Limits.SalvageMs + 1);
        B.Core.UpdateClock();
        B.Core.GiveUpOldFrames();
    }

    private void FromNode()
    {
        _a.Core.UpdateClock();
        _a.Core.FromPort(_a.Core.Environments["e"], _port, Frame());
    }

    private void Lose(int lost)
    {
        int number = 0;
        _network.Filter = _ => number++ != lost;
    }

    private static byte[] Frame()
    {
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 20 + Segment * Segments);
        frame[23] = 6;
        frame[34 + 12] = 0x50;
        frame[34 + 13] = 0x10;
        byte[] all = Sample.Super(frame);
        (all[0], all[1]) = (1, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(4), Segment);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(6), 34);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(8), 16);
        return all;
    }
}
