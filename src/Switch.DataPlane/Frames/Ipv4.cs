using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VioActors.Switch.DataPlane;

/// <summary>An IPv4 address in host order; 0 means none.</summary>
/// <param name="Value">10.0.0.1 is 0x0A000001.</param>
internal readonly record struct Ipv4(uint Value)
{
    public static Ipv4 Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt32BigEndian(bytes, Value);

    /// <summary>Parses four decimal parts; false for anything else, also for IPv6.</summary>
    public static bool TryParse(string? text, out Ipv4 address)
    {
        address = default;
        if (text is not { Length: >= 7 and <= 15 } || text.Count(c => c == '.') != 3
            || !IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        parsed.TryWriteBytes(bytes, out _);
        address = Read(bytes);
        return true;
    }

    public override string ToString() => $"{Value >> 24}.{Value >> 16 & 255}.{Value >> 8 & 255}.{Value & 255}";
}
