using System.Buffers.Binary;
using Xunit;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>When a lane tells the senders of a queue to slow down, and what it does to their frames.</summary>
public sealed class StandingQueueTests
{
    private const long Ms = 1000;

    [Fact]
    public void A_burst_is_not_a_standing_queue()
    {
        var queue = new StandingQueue();
        Assert.Equal(0, Drains(queue, from: 0, until: StandingQueue.IntervalUs, endsEmpty: false));
        queue.Ends(isEmpty: true);
        Assert.Equal(0, Drains(queue, StandingQueue.IntervalUs + Ms, 2 * StandingQueue.IntervalUs, endsEmpty: false));
    }

    [Fact]
    public void A_pause_does_not_make_a_queue_stand()
    {
        var queue = new StandingQueue();
        Assert.Equal(0, Drains(queue, 0, 5 * Ms, endsEmpty: true));
        Assert.Equal(0, Drains(queue, 5_000 * Ms, 5_010 * Ms, endsEmpty: false));
    }

    [Fact]
    public void A_standing_queue_is_signalled_faster_and_faster()
    {
        var queue = new StandingQueue();
        int first = Drains(queue, 0, 121 * Ms, endsEmpty: false);
        int second = Drains(queue, 121 * Ms, 221 * Ms, endsEmpty: false);
        Assert.InRange(first, 7, 12);
        Assert.True(second > first, $"{first}, then {second}");
    }

    [Fact]
    public void A_queue_that_was_empty_once_is_left_alone()
    {
        var queue = new StandingQueue();
        Assert.NotEqual(0, Drains(queue, 0, 100 * Ms, endsEmpty: false));
        queue.Ends(isEmpty: true);
        Assert.Equal(0, Drains(queue, 101 * Ms, 120 * Ms, endsEmpty: false));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void A_frame_is_marked_if_its_flow_understands_marks(byte ecn, bool marked)
    {
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            byte[] frame = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 600));
            Span<byte> ip = frame.AsSpan(Limits.VnetHeaderBytes + 14);
            random.NextBytes(ip[1..12]);
            ip[1] = (byte)(ip[1] & ~3 | ecn);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], HeaderChecksum(ip[..20]));
            byte dscp = (byte)(ip[1] >> 2);

            Assert.Equal(marked, Ecn.Signal(frame, out bool taken));
            Assert.True(taken);
            Assert.Equal(marked ? 3 : ecn, ip[1] & 3);
            Assert.Equal(dscp, ip[1] >> 2);

            // All ones and all zeros are the same number to a receiver.
            int difference = HeaderChecksum(ip[..20]) - BinaryPrimitives.ReadUInt16BigEndian(ip[10..]);
            Assert.True(difference is 0 or 0xFFFF or -0xFFFF, $"checksum off by {difference}");
        }
    }

    [Fact]
    public void A_marked_ipv6_frame_keeps_its_flow_label_and_class()
    {
        byte[] frame = new byte[Limits.VnetHeaderBytes + 14 + 600];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Limits.VnetHeaderBytes + 12), FrameView.TypeIpv6);
        Span<byte> ip = frame.AsSpan(Limits.VnetHeaderBytes + 14);
        BinaryPrimitives.WriteUInt32BigEndian(ip, 0x6A_5A_BC_DEu);
        Assert.True(Ecn.Signal(frame, out _));
        Assert.Equal(0x6A_7A_BC_DEu | 0x0010_0000, BinaryPrimitives.ReadUInt32BigEndian(ip));
    }

    [Fact]
    public void Small_frames_and_other_protocols_never_carry_the_message()
    {
        byte[] small = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        byte[] arp = Sample.Super(Sample.Arp(1, Sample.Mac1, Sample.Ip1, Sample.Ip2));
        byte[] runt = new byte[Limits.VnetHeaderBytes + 3];
        foreach (byte[] frame in (byte[][])[small, arp, runt])
        {
            byte[] before = [.. frame];
            Assert.True(Ecn.Signal(frame, out bool taken));
            Assert.False(taken);
            Assert.Equal(before, frame);
        }
    }

    // A drain each 0.1 ms, and a frame in each; how many frames told their sender.
    private static int Drains(StandingQueue queue, long from, long until, bool endsEmpty)
    {
        int signals = 0;
        for (long now = from; now < until; now += 100)
        {
            queue.Starts(now);
            if (queue.MustSignal(now))
            {
                queue.Signalled(now);
                signals++;
            }

            queue.Ends(endsEmpty);
        }

        return signals;
    }

    private static ushort HeaderChecksum(ReadOnlySpan<byte> header)
    {
        uint sum = 0;
        for (int i = 0; i < header.Length; i += 2)
            sum += i == 10 ? 0u : BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~((sum & 0xFFFF) + (sum >> 16));
    }
}
