using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// One uncut TCP frame and, as a slow obvious model, the frames that a network card makes of it: each is built from
/// nothing, by the fields that are written down here.
/// </summary>
internal sealed record TcpCase(int Version, bool Tagged, int Payload, int Segment, byte Flags)
{
    private const uint Sequence = 0xFFFF_FFF0;
    private const ushort FirstId = 0xFFFE;

    private byte[] Data { get; } = [.. Enumerable.Range(0, Payload).Select(i => (byte)(i * 31 + i / 251))];

    /// <summary>What a TAP gives: the checksum field holds the sum of the pseudo-header of the whole.</summary>
    public byte[] SuperFrame()
    {
        byte[] frame = Frame(0, Data, Flags, whole: false);
        byte[] all = Sample.Super(frame);
        int tcp = frame.Length - Data.Length - 32;
        all[0] = VirtioHeader.NeedsChecksum;
        all[1] = Version == 4 ? VirtioHeader.GsoTcp4 : VirtioHeader.GsoTcp6;
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(4), (ushort)Segment);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(6), (ushort)tcp);
        all[8] = 16;
        return all;
    }

    public List<byte[]> Model()
    {
        var frames = new List<byte[]>();
        for (int at = 0; at < Data.Length || frames.Count == 0; at += Segment)
        {
            byte flags = Flags;
            bool isFirst = at == 0, isLast = at + Segment >= Data.Length;
            if (!isFirst)
                flags = (byte)(flags & ~0x80);
            if (!isLast)
                flags = (byte)(flags & ~0x09);
            frames.Add(Frame(at, Data[at..Math.Min(at + Segment, Data.Length)], flags, whole: true));
        }

        return frames;
    }

    public static ushort SlowSum(byte[] bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? (uint)bytes[i] << 8 : bytes[i];
            if (sum > 0xFFFF)
                sum -= 0xFFFF;
        }

        return (ushort)sum;
    }

    private byte[] Frame(int at, byte[] data, byte flags, bool whole)
    {
        byte[] tcp = [
            0x1F, 0x90, 0x00, 0x50, .. Big32(unchecked(Sequence + (uint)at)), 1, 2, 3, 4, 0x80, flags, 0x20, 0x00,
            0, 0, 0, 0, 1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7];
        byte[] source = [.. Enumerable.Range(1, Version == 4 ? 4 : 16).Select(i => (byte)(i * 17))];
        byte[] target = [.. Enumerable.Range(1, Version == 4 ? 4 : 16).Select(i => (byte)(i * 29))];
        int tcpBytes = tcp.Length + data.Length;
        byte[] pseudo = [.. source, .. target, 0, 0, .. Big((ushort)(tcpBytes)), 0, 0, 0, 6];
        ushort sum = whole ? (ushort)~SlowSum([.. pseudo, .. tcp, .. data]) : SlowSum(pseudo);
        Big(sum).CopyTo(tcp, 16);
        byte[] ip;
        if (Version == 4)
        {
            ushort id = unchecked((ushort)(FirstId + at / Segment));
            ip = [0x45, 0x02, .. Big((ushort)(20 + tcpBytes)), .. Big(id), 0x40, 0, 64, 6, 0, 0, .. source, .. target];
            Big((ushort)~SlowSum(ip)).CopyTo(ip, 10);
        }
        else
        {
            ip = [0x60, 2, 3, 4, .. Big((ushort)tcpBytes), 6, 64, .. source, .. target];
        }

        byte[] type = Version == 4 ? [8, 0] : [0x86, 0xDD];
        byte[] tag = Tagged ? [0x81, 0x00, 0x00, 0x05] : [];
        return [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, .. tag, .. type, .. ip, .. tcp, .. data];
    }

    private static byte[] Big(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Big32(uint value) => [.. Big((ushort)(value >> 16)), .. Big((ushort)value)];
}
