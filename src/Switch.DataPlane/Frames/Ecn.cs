using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The traffic class of a frame: six bits of DSCP, two of explicit congestion notification (RFC 3168). It is copied
/// to the datagrams that carry the frame, and congestion that they met on the way is marked in the frame (RFC 6040).
/// </summary>
internal static class Ecn
{
    /// <summary>Congestion experienced.</summary>
    public const byte Experienced = 3;

    private const byte Mask = 3;

    // What is smaller is an acknowledgement, a question or a voice: losing it hurts more than it frees.
    private const int SmallestLoss = 512;

    /// <summary>The traffic class of an IP frame; 0 for any other.</summary>
    public static byte ClassOf(in FrameView frame)
    {
        if (frame.IsRunt || frame.IsMalformed)
            return 0;
        return frame.EtherType switch
        {
            FrameView.TypeIpv4 => frame.Payload[1],
            FrameView.TypeIpv6 when frame.Payload.Length >= 40 => (byte)(frame.Payload[0] << 4 | frame.Payload[1] >> 4),
            _ => 0,
        };
    }

    /// <summary>
    /// Tells the ends of a flow that they send too much: marks the frame if they understand marks. False when the
    /// frame has to be lost instead, because that is all they understand.
    /// </summary>
    /// <param name="superFrame">Virtio header and frame; changed in place.</param>
    /// <param name="taken">Whether this frame carries the message at all; a small one does not.</param>
    public static bool Signal(Span<byte> superFrame, out bool taken)
    {
        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        taken = superFrame.Length >= SmallestLoss && !frame.IsRunt && !frame.IsMalformed
            && frame.EtherType is FrameView.TypeIpv4 or FrameView.TypeIpv6;
        return !taken || Mark(superFrame, frame);
    }

    /// <summary>Marks a frame whose datagram was marked on its way; what cannot be marked stays as it is.</summary>
    public static void Mark(Span<byte> superFrame) =>
        Mark(superFrame, FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]));

    private static bool Mark(Span<byte> superFrame, in FrameView frame)
    {
        byte old = ClassOf(frame);
        if ((old & Mask) == 0)
            return false;
        Span<byte> ip = superFrame[(superFrame.Length - frame.Payload.Length)..];
        if (frame.EtherType == FrameView.TypeIpv6)
        {
            ip[1] |= Experienced << 4;
            return true;
        }

        // RFC 1624, equation 3, for the one word that changes.
        uint word = BinaryPrimitives.ReadUInt16BigEndian(ip);
        uint sum = (ushort)~BinaryPrimitives.ReadUInt16BigEndian(ip[10..]) + (uint)(ushort)~word + (word | Experienced);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        ip[1] |= Experienced;
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~sum);
        return true;
    }
}
