using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>The kinds of DHCP messages (RFC 2132, 9.6).</summary>
internal enum DhcpType : byte
{
    None,
    Discover,
    Offer,
    Request,
    Decline,
    Ack,
    Nak,
    Release,
    Inform,
}

/// <summary>A DHCP message of a client (RFC 2131).</summary>
internal readonly ref struct DhcpRequest
{
    public const int FixedBytes = 240;
    public const uint Cookie = 0x63825363;
    private const int MaxOptions = 128;

    /// <summary>The whole message; at least <see cref="FixedBytes"/>.</summary>
    public ReadOnlySpan<byte> Message { get; private init; }

    public DhcpType Type { get; private init; }

    /// <summary>Option 50; none when it is not there.</summary>
    public Ipv4 Requested { get; private init; }

    /// <summary>Option 54; none when it is not there.</summary>
    public Ipv4 Server { get; private init; }

    /// <summary>Option 61, to be repeated (RFC 6842).</summary>
    public ReadOnlySpan<byte> ClientId { get; private init; }

    public Ipv4 ClientIp => Ipv4.Read(Message[12..]);
    public MacAddress ClientMac => MacAddress.Read(Message[28..]);
    public bool WantsBroadcast => (Message[10] & 0x80) != 0;

    /// <summary>Reads a message; false for what no client of Ethernet sends, or what a relay passed on.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out DhcpRequest request)
    {
        request = default;
        if (message.Length < FixedBytes || message[0] != 1 || message[1] != 1 || message[2] != 6
            || Ipv4.Read(message[24..]).Value != 0 || BinaryPrimitives.ReadUInt32BigEndian(message[236..]) != Cookie)
        {
            return false;
        }

        DhcpType type = DhcpType.None;
        Ipv4 requested = default, server = default;
        ReadOnlySpan<byte> clientId = default, rest = message[FixedBytes..];
        for (int count = 0; rest.Length > 0 && rest[0] != 255; count++)
        {
            if (rest[0] == 0)
            {
                rest = rest.TrimStart((byte)0);
                continue;
            }

            if (count == MaxOptions || rest.Length < 2 || rest.Length < 2 + rest[1])
                return false;
            ReadOnlySpan<byte> value = rest.Slice(2, rest[1]);
            switch (rest[0])
            {
                case 50 when value.Length == 4:
                    requested = Ipv4.Read(value);
                    break;
                case 53 when value.Length == 1 && value[0] <= (byte)DhcpType.Inform:
                    type = (DhcpType)value[0];
                    break;
                case 54 when value.Length == 4:
                    server = Ipv4.Read(value);
                    break;
                case 61:
                    clientId = value;
                    break;
                default:
                    break;
            }

            rest = rest[(2 + value.Length)..];
        }

        request = new DhcpRequest
        {
            Message = message,
            Type = type,
            Requested = requested,
            Server = server,
            ClientId = clientId,
        };
        return type != DhcpType.None;
    }
}
