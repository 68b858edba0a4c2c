using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>What the other end of a port can do by itself, so that the switch need not.</summary>
[Flags]
internal enum PortOffloads
{
    None = 0,

    /// <summary>Completes a checksum of which only the pseudo-header is summed.</summary>
    Checksum = 1,

    /// <summary>Takes uncut TCP over IPv4.</summary>
    Tso4 = 2,

    /// <summary>Takes uncut TCP over IPv6.</summary>
    Tso6 = 4,

    /// <summary>Takes uncut TCP that says CWR.</summary>
    Ecn = 8,

    All = Checksum | Tso4 | Tso6 | Ecn,

    /// <summary>Something that this switch does not know; nobody can do it.</summary>
    Unknown = 16,
}

/// <summary>
/// The 12 bytes before each frame (virtio_net_hdr_v1, little-endian): flags, type of cutting, header bytes, bytes per
/// segment, where the checksum starts and where it stands, buffers.
/// </summary>
internal static class VirtioHeader
{
    public const byte NeedsChecksum = 1;
    public const byte GsoNone = 0;
    public const byte GsoTcp4 = 1;
    public const byte GsoTcp6 = 4;
    public const byte GsoEcn = 0x80;
    private const byte TcpChecksumAt = 16;
    private const byte UdpChecksumAt = 6;

    /// <summary>Which offloads a super-frame relies on.</summary>
    public static PortOffloads Needs(ReadOnlySpan<byte> superFrame)
    {
        PortOffloads needs = (superFrame[0] & NeedsChecksum) != 0 ? PortOffloads.Checksum : PortOffloads.None;
        needs |= (superFrame[1] & ~GsoEcn) switch
        {
            GsoNone => PortOffloads.None,
            GsoTcp4 => PortOffloads.Tso4,
            GsoTcp6 => PortOffloads.Tso6,
            _ => PortOffloads.Unknown,
        };
        return (superFrame[1] & GsoEcn) != 0 ? needs | PortOffloads.Ecn : needs;
    }

    /// <summary>
    /// Checks what somebody else wrote, and leaves out what cannot be believed: the hint of the headers' length, and
    /// that a checksum was verified already. A frame with the new header can be handed to any kernel.
    /// </summary>
    /// <param name="superFrame">Header and frame.</param>
    /// <param name="allowed">What the sender may rely on.</param>
    /// <param name="header">Takes the new header; may be the start of the frame.</param>
    /// <returns>False when the header contradicts the frame or uses more than is allowed.</returns>
    public static bool TryNormalize(ReadOnlySpan<byte> superFrame, PortOffloads allowed, Span<byte> header)
    {
        if (superFrame.Length <= Limits.VnetHeaderBytes)
            return false;
        PortOffloads needs = Needs(superFrame);
        bool isPartial = (needs & PortOffloads.Checksum) == PortOffloads.Checksum;
        TcpSuperFrame frame = default;
        if ((needs & ~allowed) != PortOffloads.None || isPartial && ChecksumAt(superFrame) < 0)
            return false;
        bool isCut = (superFrame[1] & ~GsoEcn) != GsoNone;
        if (isCut && (!TcpSuperFrame.TryParse(superFrame, out frame) || !IsTcpChecksum(superFrame)))
            return false;
        superFrame[..Limits.VnetHeaderBytes].CopyTo(header);
        header[0] &= NeedsChecksum;
        header[1] = isCut ? header[1] : GsoNone;
        int headers = isCut ? frame.HeaderBytes - Limits.VnetHeaderBytes : 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)headers);
        if (!isCut)
            header[4..6].Clear();
        if (!isPartial)
            header[6..10].Clear();
        header[10..12].Clear();
        return true;
    }

    /// <summary>Whether the checksum stands where TCP has it.</summary>
    public static bool IsTcpChecksum(ReadOnlySpan<byte> header) => header[8] == TcpChecksumAt && header[9] == 0;

    /// <summary>
    /// Completes the checksum of a frame that is not to be cut; false when it would stand outside of the frame.
    /// </summary>
    public static bool Complete(Span<byte> superFrame)
    {
        if ((superFrame[0] & NeedsChecksum) == 0)
            return true;
        int at = ChecksumAt(superFrame);
        if (at < 0)
            return false;
        int start = Limits.VnetHeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(superFrame[6..]);
        ushort sum = (ushort)~InternetChecksum.Sum(superFrame[start..]);

        // In UDP, 0 means that there is no checksum, and 0xFFFF is the same number.
        bool isUdp = superFrame[8] == UdpChecksumAt && superFrame[9] == 0;
        BinaryPrimitives.WriteUInt16BigEndian(superFrame[at..], sum == 0 && isUdp ? (ushort)0xFFFF : sum);
        superFrame[..Limits.VnetHeaderBytes].Clear();
        return true;
    }

    private static int ChecksumAt(ReadOnlySpan<byte> superFrame)
    {
        int start = BinaryPrimitives.ReadUInt16LittleEndian(superFrame[6..]);
        int at = Limits.VnetHeaderBytes + start + BinaryPrimitives.ReadUInt16LittleEndian(superFrame[8..]);
        return start >= 14 && at + 2 <= superFrame.Length ? at : -1;
    }
}
