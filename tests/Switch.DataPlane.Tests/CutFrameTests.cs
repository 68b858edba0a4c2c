using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Cutting and completing in software, against a slow model that builds each segment from nothing, for every small
/// payload, segment size and set of flags.
/// </summary>
public class CutFrameTests
{
    private static readonly byte[] Flags = [0x10, 0x18, 0x11, 0x19, 0x90, 0x98, 0x99, 0xD9];
    private readonly byte[] _to = new byte[Limits.MaxSuperFrameBytes];

    [Theory]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(6, false)]
    [InlineData(6, true)]
    public void Segments_are_those_of_the_model(int version, bool tagged)
    {
        for (int payload = 0; payload <= 33; payload++)
        {
            for (int segment = 1; segment <= 12; segment++)
            {
                foreach (byte flags in Flags)
                    Check(new TcpCase(version, tagged, payload, segment, flags));
            }
        }

        (int, int)[] large = [(65_000, 1448), (64_000, 536), (2897, 1448), (9000, 8948)];
        foreach ((int payload, int segment) in large)
            Check(new TcpCase(version, tagged, payload, segment, 0xD9));
    }

    [Fact]
    public void What_a_port_can_do_decides_whether_it_gets_the_frame_whole()
    {
        const PortOffloads tso4 = PortOffloads.Checksum | PortOffloads.Tso4;
        byte[] plain = new TcpCase(4, false, 300, 100, 0x10).SuperFrame();
        byte[] withEcn = new TcpCase(4, false, 300, 100, 0x90).SuperFrame();
        withEcn[1] |= VirtioHeader.GsoEcn;
        byte[] six = new TcpCase(6, false, 300, 100, 0x10).SuperFrame();
        Assert.True(new CutFrame(plain, tso4).IsWhole);
        Assert.False(new CutFrame(withEcn, tso4).IsWhole);
        Assert.False(new CutFrame(six, tso4).IsWhole);
        Assert.True(new CutFrame(withEcn, tso4 | PortOffloads.Ecn).IsWhole);
        Assert.False(new CutFrame(plain, PortOffloads.Checksum).IsWhole);
        Assert.Equal(3, new CutFrame(withEcn, tso4).Count);

        // Cut for a port that completes checksums: they stay as they are.
        int length = new CutFrame(plain, PortOffloads.Checksum).Write(1, _to);
        Assert.Equal((VirtioHeader.NeedsChecksum, VirtioHeader.GsoNone), (_to[0], _to[1]));
        Assert.Equal(12 + 66 + 100, length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_checksum_of_UDP_is_completed_at_every_length(int seed)
    {
        var random = new Random(seed);
        for (int payload = 0; payload < 200; payload++)
        {
            byte[] data = new byte[payload];
            random.NextBytes(data);
            CheckUdp(data);
        }
    }

    [Fact]
    public void A_UDP_checksum_of_zero_is_written_as_its_other_form()
    {
        int found = 0;
        for (int value = 0; value <= 0xFFFF; value++)
        {
            CheckUdp([(byte)(value >> 8), (byte)value]);
            found += BinaryPrimitives.ReadUInt16BigEndian(_to.AsSpan(12 + 14 + 20 + 6)) == 0xFFFF ? 1 : 0;
        }

        Assert.Equal(1, found);
    }

    [Fact]
    public void What_cannot_be_cut_or_completed_is_refused()
    {
        byte[] good = new TcpCase(4, false, 300, 100, 0x10).SuperFrame();
        Assert.Equal(3, new CutFrame(good, PortOffloads.None).Count);
        foreach ((int at, byte value) in ((int, byte)[])[(1, 3), (1, 5), (1, 4), (4, 0), (6, 0), (8, 6), (9, 1)])
        {
            byte[] bad = [.. good];
            bad[at] = value;
            Assert.True(0 == new CutFrame(bad, PortOffloads.None).Count, $"byte {at} is {value}");
            Assert.True(at == 1 || !VirtioHeader.TryNormalize(bad, PortOffloads.All, bad), $"byte {at} is {value}");
        }

        for (int at = 0; at < 400; at++)
        {
            byte[] partial = Sample.Super(Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 150));
            partial[0] = VirtioHeader.NeedsChecksum;
            BinaryPrimitives.WriteUInt16LittleEndian(partial.AsSpan(6), (ushort)at);
            partial[8] = 6;
            bool inside = at >= 14 && at + 8 <= partial.Length - 12;
            Assert.Equal(inside, new CutFrame(partial, PortOffloads.None).Write(0, _to) > 0);
            Assert.Equal(inside, VirtioHeader.TryNormalize(partial, PortOffloads.All, _to));
        }
    }

    [Fact]
    public void The_fast_sum_is_the_slow_one()
    {
        var random = new Random(1);
        byte[] bytes = new byte[4096];
        random.NextBytes(bytes);
        for (int from = 0; from < 9; from++)
        {
            for (int length = 0; length < 300; length++)
            {
                Assert.Equal(
                    (ushort)~FrameWriter.Checksum(bytes.AsSpan(from, length)),
                    InternetChecksum.Sum(bytes.AsSpan(from, length)));
            }
        }

        bytes.AsSpan().Fill(0xFF);
        Assert.Equal(0xFFFF, InternetChecksum.Sum(bytes));
    }

    private void Check(TcpCase one)
    {
        byte[] all = one.SuperFrame();
        var cut = new CutFrame(all, PortOffloads.None);
        List<byte[]> expected = one.Model();
        Assert.Equal(expected.Count, cut.Count);
        Assert.Equal(expected.Sum(frame => frame.Length), cut.Bytes);
        for (int i = 0; i < cut.Count; i++)
        {
            int length = cut.Write(i, _to);
            Assert.True(_to.AsSpan(0, Limits.VnetHeaderBytes).IndexOfAnyExcept((byte)0) < 0, "no offload is left");
            Assert.True(
                expected[i].AsSpan().SequenceEqual(_to.AsSpan(Limits.VnetHeaderBytes, length - Limits.VnetHeaderBytes)),
                $"{one}, segment {i}");
        }
    }

    private void CheckUdp(byte[] data)
    {
        byte[] frame = Sample.Packet(Sample.Mac2, Sample.Mac1, Sample.Ip1, Sample.Ip2, 8 + data.Length);
        frame[23] = 17;
        Span<byte> udp = frame.AsSpan(34);
        BinaryPrimitives.WriteUInt16BigEndian(udp, 68);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], 67);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        udp[6..8].Clear();
        data.CopyTo(udp[8..]);
        byte[] pseudo = [.. frame.AsSpan(26, 8), 0, 17, (byte)(udp.Length >> 8), (byte)udp.Length];
        ushort expected = (ushort)~TcpCase.SlowSum([.. pseudo, .. udp]);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], TcpCase.SlowSum(pseudo));
        byte[] all = Sample.Super(frame);
        all[0] = VirtioHeader.NeedsChecksum;
        all[6] = 34;
        all[8] = 6;
        var cut = new CutFrame(all, PortOffloads.None);
        Assert.False(cut.IsWhole);
        Assert.Equal(all.Length, cut.Write(0, _to));
        ushort written = BinaryPrimitives.ReadUInt16BigEndian(_to.AsSpan(12 + 34 + 6));
        Assert.Equal(expected == 0 ? 0xFFFF : expected, written);
        Assert.Equal(0, _to[0]);
    }
}
