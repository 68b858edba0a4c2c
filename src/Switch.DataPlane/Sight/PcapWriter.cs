using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Writes captured frames as a pcap file with nanoseconds, link type Ethernet, little-endian: tcpdump and Wireshark
/// read it. The stream stays with the caller.
/// </summary>
public sealed class PcapWriter(Stream stream)
{
    private const uint NanosecondMagic = 0xA1B23C4D;
    private const int LinkTypeEthernet = 1;

    /// <summary>Writes the file's header. Once, before the first frame.</summary>
    /// <param name="snapLength">Most bytes of a frame.</param>
    public void WriteHeader(int snapLength)
    {
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], snapLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], LinkTypeEthernet);
        stream.Write(header);
    }

    /// <summary>Writes one frame.</summary>
    /// <exception cref="IOException">The stream does not take it.</exception>
    public void Write(TracedFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        const long second = 1_000_000_000;
        Span<byte> record = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(frame.UnixNs / second));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(frame.UnixNs % second));
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], frame.Bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], frame.Length);
        stream.Write(record);
        stream.Write(frame.Bytes);
    }
}
