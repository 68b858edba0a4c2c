using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// A TCP frame that no kernel has cut into segments yet, as a TAP gives it with offloads. Smaller ones can be made of
/// parts of it, as a network card would, so that one lost datagram costs the segments it touched and not all 64 KB.
/// </summary>
internal readonly struct TcpSuperFrame
{
    private const byte NeedsChecksum = 1;
    private const byte GsoNone = 0;
    private const byte GsoTcpV4 = 1;
    private const byte GsoTcpV6 = 4;
    private const byte GsoEcnFlag = 0x80;
    private const byte TcpFin = 1;
    private const byte TcpPush = 8;
    private const byte TcpCwr = 0x80;
    private readonly int _ip;
    private readonly int _tcp;

    private TcpSuperFrame(int ip, int tcp, int headerBytes, int segmentBytes)
    {
        (_ip, _tcp) = (ip, tcp);
        (HeaderBytes, SegmentBytes) = (headerBytes, segmentBytes);
    }

    /// <summary>Bytes before the TCP payload, with the virtio header.</summary>
    public int HeaderBytes { get; }

    /// <summary>Payload of each segment but the last.</summary>
    public int SegmentBytes { get; }

    /// <summary>Reads the headers; false for anything that is not such a frame.</summary>
    /// <param name="start">The first bytes of the super-frame, the virtio header included.</param>
    /// <param name="frame">The layout.</param>
    public static bool TryParse(ReadOnlySpan<byte> start, out TcpSuperFrame frame)
    {
        frame = default;
        if (start.Length < Limits.VnetHeaderBytes || (start[0] & NeedsChecksum) == 0)
            return false;
        int type = start[1] & ~GsoEcnFlag;
        int segment = BinaryPrimitives.ReadUInt16LittleEndian(start[4..]);
        int tcp = Limits.VnetHeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(start[6..]);
        FrameView view = FrameView.Parse(start[Limits.VnetHeaderBytes..]);
        if (segment == 0 || view.IsRunt || view.IsMalformed || start.Length < tcp + 20)
            return false;
        int ip = start.Length - view.Payload.Length;
        bool isIp = type == GsoTcpV4 && view.EtherType == FrameView.TypeIpv4 && tcp >= ip + 20
            || type == GsoTcpV6 && view.EtherType == FrameView.TypeIpv6 && tcp >= ip + 40;
        int header = tcp + (start[tcp + 12] >> 4) * 4;
        if (!isIp || header < tcp + 20 || header > start.Length)
            return false;
        frame = new TcpSuperFrame(ip, tcp, header, segment);
        return true;
    }

    /// <summary>Makes a frame of some of the segments.</summary>
    /// <param name="all">The super-frame; only its headers and those segments need be there.</param>
    /// <param name="first">Number of the first segment, from 0.</param>
    /// <param name="end">The byte of <paramref name="all"/> behind the last of them.</param>
    /// <param name="to">Takes the frame; as large as <paramref name="all"/>.</param>
    /// <returns>Its length.</returns>
    public int Write(ReadOnlySpan<byte> all, int first, int end, Span<byte> to)
    {
        int from = HeaderBytes + first * SegmentBytes;
        ReadOnlySpan<byte> payload = all[from..end];
        all[..HeaderBytes].CopyTo(to);
        payload.CopyTo(to[HeaderBytes..]);
        if (payload.Length <= SegmentBytes)
        {
            to[1] = GsoNone;
            BinaryPrimitives.WriteUInt16LittleEndian(to[4..], 0);
        }

        Span<byte> tcp = to[_tcp..];
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence + (uint)(first * SegmentBytes));
        if (end < all.Length)
            tcp[13] &= unchecked((byte)~(TcpFin | TcpPush));
        if (first > 0)
            tcp[13] &= unchecked((byte)~TcpCwr);
        WriteLengths(to, HeaderBytes - _tcp + payload.Length, first);
        return HeaderBytes + payload.Length;
    }

    // The checksum field holds the sum of the pseudo-header, length included; the kernel adds the rest.
    private void WriteLengths(Span<byte> to, int tcpBytes, int first)
    {
        Span<byte> ip = to[_ip..];
        bool isV4 = ip[0] >> 4 == 4;
        if (isV4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(_tcp - _ip + tcpBytes));
            ushort id = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(id + first));
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], FrameWriter.Checksum(ip[..(_tcp - _ip)]));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(_tcp - _ip - 40 + tcpBytes));
        }

        Span<byte> pseudo = stackalloc byte[36];
        int addresses = isV4 ? 8 : 32;
        ip.Slice(isV4 ? 12 : 8, addresses).CopyTo(pseudo);
        BinaryPrimitives.WriteUInt16BigEndian(pseudo[addresses..], 6);
        BinaryPrimitives.WriteUInt16BigEndian(pseudo[(addresses + 2)..], (ushort)tcpBytes);
        ushort sum = (ushort)~FrameWriter.Checksum(pseudo[..(addresses + 4)]);
        BinaryPrimitives.WriteUInt16BigEndian(to[(_tcp + 16)..], sum);
    }
}
