using System.Buffers.Binary;
using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The sealed messages about paths. Probe: kind 1, reserved 1, token 8, zeros up to the size that is tried. Reply: kind
/// 1, reserved 1, token 8, bytes of the probe's datagram 2, address that it came from 18 (IPv6 or mapped IPv4 16, port
/// 2; zeros through a relay).
/// </summary>
internal static class PathMessages
{
    public const int ProbeBytes = 10;
    public const int AddressBytes = 18;
    public const int ReplyBytes = ProbeBytes + 2 + AddressBytes;

    /// <param name="to">All of the message; what is behind the token is cleared.</param>
    /// <param name="token">Comes back in the reply.</param>
    public static void WriteProbe(Span<byte> to, ulong token)
    {
        to.Clear();
        to[0] = MessageKind.Probe;
        BinaryPrimitives.WriteUInt64BigEndian(to[2..], token);
    }

    /// <summary>The token of a probe; false for anything else.</summary>
    public static bool TryReadProbe(ReadOnlySpan<byte> text, out ulong token)
    {
        bool whole = text.Length >= ProbeBytes && text[0] == MessageKind.Probe && text[1] == 0;
        token = whole ? BinaryPrimitives.ReadUInt64BigEndian(text[2..]) : 0;
        return whole;
    }

    /// <param name="to">At least <see cref="ReplyBytes"/>.</param>
    /// <param name="token">Of the probe.</param>
    /// <param name="size">Bytes of the probe's datagram.</param>
    /// <param name="from">Where it came from, as the kernel says it; empty for a path that has no address.</param>
    public static void WriteReply(Span<byte> to, ulong token, int size, ReadOnlySpan<byte> from)
    {
        to[0] = MessageKind.ProbeReply;
        to[1] = 0;
        BinaryPrimitives.WriteUInt64BigEndian(to[2..], token);
        BinaryPrimitives.WriteUInt16BigEndian(to[ProbeBytes..], (ushort)Math.Min(size, ushort.MaxValue));
        WriteAddress(to[(ProbeBytes + 2)..], from);
    }

    /// <summary>Reads a reply; false for anything else.</summary>
    public static bool TryReadReply(ReadOnlySpan<byte> text, out ulong token, out int size, out IPEndPoint? seen)
    {
        (token, size, seen) = (0, 0, null);
        if (text.Length != ReplyBytes || text[0] != MessageKind.ProbeReply || text[1] != 0)
            return false;
        token = BinaryPrimitives.ReadUInt64BigEndian(text[2..]);
        size = BinaryPrimitives.ReadUInt16BigEndian(text[ProbeBytes..]);
        seen = ReadAddress(text[(ProbeBytes + 2)..]);
        return true;
    }

    /// <param name="to">18 bytes.</param>
    /// <param name="address">sockaddr_in or sockaddr_in6; empty for none.</param>
    public static void WriteAddress(Span<byte> to, ReadOnlySpan<byte> address)
    {
        to[..AddressBytes].Clear();
        if (address.Length < 16)
            return;
        address.Slice(2, 2).CopyTo(to[16..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(address) == LibC.AF_INET)
        {
            (to[10], to[11]) = (0xFF, 0xFF);
            address.Slice(4, 4).CopyTo(to[12..]);
        }
        else if (address.Length >= 24)
        {
            address.Slice(8, 16).CopyTo(to);
        }
    }

    /// <summary>Null when none was written, or when nobody can be at that address.</summary>
    public static IPEndPoint? ReadAddress(ReadOnlySpan<byte> from)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(from[16..]);
        var address = new IPAddress(from[..16]);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        bool usable = port != 0 && !address.IsIPv6Multicast && !address.Equals(IPAddress.Any)
            && !address.Equals(IPAddress.IPv6Any) && !IPAddress.IsLoopback(address)
            && !(address.GetAddressBytes() is { Length: 4 } v4 && v4[0] >= 224);
        return usable ? new IPEndPoint(address, port) : null;
    }
}
