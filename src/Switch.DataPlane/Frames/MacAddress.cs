using System.Globalization;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// An Ethernet address; the 48 bits are kept in the low part of <see cref="Value"/>, first byte highest.
/// </summary>
/// <param name="Value">0 to 2^48-1.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static MacAddress Broadcast { get; } = new(0xFFFF_FFFF_FFFF);

    /// <summary>Whether the group bit is set: broadcast or multicast.</summary>
    public bool IsGroup => (Value >> 40 & 1) != 0;

    /// <summary>01:80:c2:00:00:00 to 0f: frames that never leave a link (spanning tree, pause, LLDP).</summary>
    public bool IsLinkLocalGroup => (Value & ~0xFUL) == 0x0180_C200_0000;

    /// <summary>Reads the six bytes at the start of <paramref name="bytes"/>.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < 6; i++)
            value = value << 8 | bytes[i];
        return new MacAddress(value);
    }

    /// <summary>Writes six bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        for (int i = 0; i < 6; i++)
            bytes[i] = (byte)(Value >> (40 - 8 * i));
    }

    /// <summary>Parses <c>02:00:00:00:00:01</c> (either case); false for anything else.</summary>
    public static bool TryParse(string? text, out MacAddress mac)
    {
        mac = default;
        if (text is not { Length: 17 })
            return false;
        ulong value = 0;
        for (int i = 0; i < 6; i++)
        {
            if (i > 0 && text[i * 3 - 1] != ':'
                || !byte.TryParse(
                    text.AsSpan(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte part))
            {
                return false;
            }

            value = value << 8 | part;
        }

        mac = new MacAddress(value);
        return true;
    }

    /// <summary>Lower-case form with colons.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[6];
        Write(bytes);
        return $"{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}:{bytes[5]:x2}";
    }
}
