using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VioActors.Switch.DataPlane;

/// <summary>An IPv6 address; all zero means none, which on the wire is the unspecified address.</summary>
/// <param name="High">The first eight bytes, big-endian.</param>
/// <param name="Low">The last eight bytes.</param>
internal readonly record struct Ipv6(ulong High, ulong Low)
{
    public const int Bytes = 16;

    /// <summary>ff02::1.</summary>
    public static Ipv6 AllNodes { get; } = new(0xFF02UL << 48, 1);

    public bool IsSet => (High | Low) != 0;
    public bool IsMulticast => High >> 56 == 0xFF;
    public bool IsLinkLocal => High >> 54 == 0xFE80 >> 6;

    /// <summary>Whether a node may be given this address.</summary>
    public bool IsForNodes => IsSet && !IsMulticast && !IsLinkLocal && this != new Ipv6(0, 1);

    /// <summary>
    /// Whether it is a link-local address that a node may have chosen itself (RFC 7217): of fe80::/64, and none of the
    /// anycast addresses there (RFC 4291, 2.6.1; RFC 2526).
    /// </summary>
    public bool IsChoosable => High == 0xFE80UL << 48 && Low != 0 && Low >> 7 != 0xFDFF_FFFF_FFFF_FF80 >> 7;

    /// <summary>The group of those who might have this address (RFC 4291, 2.7.1).</summary>
    public Ipv6 SolicitedGroup => new(0xFF02UL << 48, 0x1_FF00_0000 | Low & 0xFF_FFFF);

    /// <summary>Where Ethernet takes frames for a multicast address (RFC 2464, 7).</summary>
    public MacAddress GroupMac => new(0x3333UL << 32 | Low & 0xFFFF_FFFF);

    /// <summary>The link-local address that a node makes of its MAC (RFC 4291, appendix A).</summary>
    public static Ipv6 LinkLocalOf(MacAddress mac) =>
        new(0xFE80UL << 48, (mac.Value >> 24 ^ 0x02_0000) << 40 | 0xFFFEUL << 24 | mac.Value & 0xFF_FFFF);

    public static Ipv6 Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>Whether the first 64 bits are the same.</summary>
    public bool HasPrefixOf(Ipv6 other) => High == other.High;

    /// <summary>Parses the usual text forms; false for anything else, also for IPv4 and for zones.</summary>
    public static bool TryParse(string? text, out Ipv6 address)
    {
        address = default;
        if (text is not { Length: >= 2 and <= 45 } || text.Contains('%')
            || !IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Bytes];
        parsed.TryWriteBytes(bytes, out _);
        address = Read(bytes);
        return true;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Write(bytes);
        return new IPAddress(bytes).ToString();
    }
}
