using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Parts of an uncut TCP frame, against a plain model: what a network card would have sent of those bytes.
/// </summary>
public class TcpSuperFrameTests
{
    private const int Segment = 100;
    private const int Payload = 450;
    private const uint Sequence = 0xFFFF_FF00;

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Parts_are_what_a_network_card_would_send(int version)
    {
        byte[] all = Frame(version);
        Assert.True(TcpSuperFrame.TryParse(all, out TcpSuperFrame frame));
        Assert.Equal((all.Length - Payload, Segment), (frame.HeaderBytes, frame.SegmentBytes));
        byte[] to = new byte[all.Length];
        for (int first = 0; first < 5; first++)
        {
            for (int next = first + 1; next <= 5; next++)
            {
                int end = Math.Min(frame.HeaderBytes + next * Segment, all.Length);
                int length = frame.Write(all, first, end, to);
                Check(version, all, frame.HeaderBytes, to.AsSpan(0, length), first, end);
            }
        }
    }

    [Fact]
    public void Only_whole_headers_of_uncut_TCP_are_taken()
    {
        byte[] all = Frame(4);
        for (int length = 0; length < all.Length - Payload; length++)
            Assert.False(TcpSuperFrame.TryParse(all.AsSpan(0, length), out _));
        foreach ((int at, byte value) in ((int, byte)[])[(0, 0), (1, 0), (1, 5), (1, 4), (4, 0), (6, 10), (24, 0x86)])
        {
            byte[] other = [.. all];
            other[at] = value;
            Assert.False(TcpSuperFrame.TryParse(other, out _), $"byte {at} is {value}");
        }
    }

    private static void Check(
        int version, byte[] all, int header, ReadOnlySpan<byte> part, int first, int end)
    {
        int from = header + first * Segment;
        int length = end - from;
        int ip = Limits.VnetHeaderBytes + 14;
        int tcp = header - 20;
        Assert.True(part[header..].SequenceEqual(all.AsSpan(from, length)));
        Assert.Equal(
            Sequence + (uint)(first * Segment), BinaryPrimitives.ReadUInt32BigEndian(part[(tcp + 4)..]));
        int expected = 0x10 | (end == all.Length ? 0x09 : 0) | (first == 0 ? 0x80 : 0);
        Assert.Equal(expected, part[tcp + 13]);
        bool isOne = length <= Segment;
        Assert.Equal(isOne ? 0 : version == 4 ? 1 : 4, part[1]);
        Assert.Equal(isOne ? 0 : Segment, BinaryPrimitives.ReadUInt16LittleEndian(part[4..]));
        if (version == 4)
        {
            Assert.Equal(40 + length, BinaryPrimitives.ReadUInt16BigEndian(part[(ip + 2)..]));
            Assert.Equal(500 + first, BinaryPrimitives.ReadUInt16BigEndian(part[(ip + 4)..]));
            Assert.Equal(0, FrameWriter.Checksum(part.Slice(ip, 20)));
        }
        else
        {
            Assert.Equal(20 + length, BinaryPrimitives.ReadUInt16BigEndian(part[(ip + 4)..]));
        }

        // The pseudo-header's sum and the sum of the segment must give the checksum that a receiver accepts.
        byte[] pseudo = version == 4
            ? [.. part.Slice(ip + 12, 8), 0, 6, .. Big(20 + length)]
            : [.. part.Slice(ip + 8, 32), 0, 0, .. Big(20 + length), 0, 0, 0, 6];
        Assert.Equal(
            (ushort)~FrameWriter.Checksum(pseudo), BinaryPrimitives.ReadUInt16BigEndian(part[(tcp + 16)..]));
    }

    private static byte[] Big(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Frame(int version)
    {
        int ipBytes = version == 4 ? 20 : 40;
        byte[] all = new byte[Limits.VnetHeaderBytes + 14 + ipBytes + 20 + Payload];
        all[0] = 1;
        all[1] = (byte)(version == 4 ? 1 : 4);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(4), Segment);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(6), (ushort)(14 + ipBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(8), 16);
        Span<byte> frame = all.AsSpan(Limits.VnetHeaderBytes);
        Sample.Mac(Sample.Mac2).Write(frame);
        Sample.Mac(Sample.Mac1).Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], version == 4 ? (ushort)0x0800 : (ushort)0x86DD);
        Span<byte> ip = frame[14..];
        ip[0] = (byte)(version == 4 ? 0x45 : 0x60);
        for (int i = 12; i < ipBytes; i++)
            ip[i] = (byte)(i * 11);
        if (version == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], 500);
            ip[9] = 6;
        }
        else
        {
            ip[6] = 6;
        }

        Span<byte> tcp = ip[ipBytes..];
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], Sequence);
        tcp[12] = 0x50;
        tcp[13] = 0x99;
        for (int i = 20; i < tcp.Length; i++)
            tcp[i] = (byte)(i * 13);
        return all;
    }
}
