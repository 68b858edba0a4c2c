using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>The kinds of DHCPv6 messages that matter here (RFC 8415, 7.3).</summary>
internal enum Dhcp6Type : byte
{
    None = 0,
    Solicit = 1,
    Advertise = 2,
    Request = 3,
    Confirm = 4,
    Renew = 5,
    Rebind = 6,
    Reply = 7,
    Release = 8,
    Decline = 9,
    InformationRequest = 11,
}

/// <summary>Codes of options (RFC 8415, 21; RFC 3646; RFC 5970).</summary>
internal static class Dhcp6Option
{
    public const int ClientId = 1;
    public const int ServerId = 2;
    public const int Addresses = 3;
    public const int Address = 5;
    public const int Preference = 7;
    public const int Status = 13;
    public const int RapidCommit = 14;
    public const int DnsServers = 23;
    public const int DomainList = 24;
    public const int Prefixes = 25;
    public const int BootUrl = 59;
}

/// <summary>A DHCPv6 message of a client. Its options were all walked, so walking them again cannot fail.</summary>
internal readonly ref struct Dhcp6Request
{
    public const int HeaderBytes = 4;
    public const int MaxDuidBytes = 130;
    private const int MaxOptions = 64;

    public Dhcp6Type Type { get; private init; }

    /// <summary>Kind and transaction id: the first four bytes.</summary>
    public ReadOnlySpan<byte> Head { get; private init; }

    public ReadOnlySpan<byte> Options { get; private init; }
    public ReadOnlySpan<byte> ClientId { get; private init; }
    public ReadOnlySpan<byte> ServerId { get; private init; }
    public bool HasRapidCommit { get; private init; }

    /// <summary>Reads a message; false for what no client sends.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out Dhcp6Request request)
    {
        request = default;
        if (message.Length < HeaderBytes || message[0] is not ((>= 1 and <= 11) and not (2 or 7 or 10)))
            return false;
        ReadOnlySpan<byte> options = message[HeaderBytes..], rest = options, clientId = default, serverId = default;
        bool rapid = false;
        for (int count = 0; rest.Length > 0; count++)
        {
            if (count == MaxOptions || !TryTake(ref rest, out int code, out ReadOnlySpan<byte> value))
                return false;
            switch (code)
            {
                case Dhcp6Option.ClientId:
                    clientId = value;
                    break;
                case Dhcp6Option.ServerId:
                    serverId = value;
                    break;
                case Dhcp6Option.RapidCommit:
                    rapid = true;
                    break;
                case Dhcp6Option.Addresses when value.Length < 12 || !IsWhole(value[12..]):
                case Dhcp6Option.Prefixes when value.Length < 12:
                    return false;
                default:
                    break;
            }
        }

        request = new Dhcp6Request
        {
            Type = (Dhcp6Type)message[0],
            Head = message[..HeaderBytes],
            Options = options,
            ClientId = clientId,
            ServerId = serverId,
            HasRapidCommit = rapid,
        };
        return clientId.Length <= MaxDuidBytes;
    }

    /// <summary>Takes the first option off a list; false at its end and when it is cut off.</summary>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> options, out int code, out ReadOnlySpan<byte> value)
    {
        code = 0;
        value = default;
        if (options.Length < 4)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
        if (length > options.Length - 4)
            return false;
        code = BinaryPrimitives.ReadUInt16BigEndian(options);
        value = options.Slice(4, length);
        options = options[(4 + length)..];
        return true;
    }

    private static bool IsWhole(ReadOnlySpan<byte> options)
    {
        for (int count = 0; options.Length > 0; count++)
        {
            if (count == MaxOptions || !TryTake(ref options, out int code, out ReadOnlySpan<byte> value)
                || code == Dhcp6Option.Address && value.Length < 24)
            {
                return false;
            }
        }

        return true;
    }
}
