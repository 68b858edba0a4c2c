using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// What an IPv6 packet carries after its extension headers. At most <see cref="MaxHeaders"/> of them are walked, and a
/// first fragment has to hold them all (RFC 7112), so that none can hide a router advertisement from the checks
/// (RFC 7113).
/// </summary>
internal readonly ref struct Ipv6Upper
{
    public const byte HopByHop = 0;
    public const byte Udp = 17;
    public const byte Routing = 43;
    public const byte Fragment = 44;
    public const byte Authentication = 51;
    public const byte Icmp = 58;
    public const byte Destination = 60;
    private const int MaxHeaders = 8;
    private const int FixedHeader = 40;

    private Ipv6Upper(byte protocol, ReadOnlySpan<byte> body, bool isFragment, bool isLater)
    {
        Protocol = protocol;
        Body = body;
        IsFragment = isFragment;
        IsLaterFragment = isLater;
    }

    /// <summary>The first header that is no extension.</summary>
    public byte Protocol { get; }

    /// <summary>From that header on, as far as the packet says it goes.</summary>
    public ReadOnlySpan<byte> Body { get; }

    public bool IsFragment { get; }

    /// <summary>A fragment that does not hold the start of <see cref="Body"/>.</summary>
    public bool IsLaterFragment { get; }

    /// <summary>Headers without end, cut off, or too many.</summary>
    public bool IsBroken { get; private init; }

    /// <summary>Walks the headers of a packet of at least 40 bytes.</summary>
    public static Ipv6Upper Of(ReadOnlySpan<byte> packet)
    {
        byte next = packet[6];
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        ReadOnlySpan<byte> rest = packet[FixedHeader..];
        if (length > 0 && length < rest.Length)
            rest = rest[..length];
        bool isFragment = false;
        for (int headers = 0; headers <= MaxHeaders; headers++)
        {
            if (next is not (HopByHop or Routing or Fragment or Authentication or Destination))
                return new Ipv6Upper(next, rest, isFragment, isLater: false);
            if (rest.Length < 8)
                break;
            byte type = next;
            next = rest[0];
            if (type == Fragment)
            {
                isFragment = true;
                if (BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) >> 3 != 0)
                    return new Ipv6Upper(next, rest[8..], isFragment, isLater: true);
            }

            int bytes = type switch
            {
                Fragment => 8,
                Authentication => (rest[1] + 2) * 4,
                _ => (rest[1] + 1) * 8,
            };
            if (bytes > rest.Length)
                break;
            rest = rest[bytes..];
        }

        return new Ipv6Upper(next, [], isFragment, isLater: false) { IsBroken = true };
    }
}
