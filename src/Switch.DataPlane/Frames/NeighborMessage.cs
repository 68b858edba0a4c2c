namespace VioActors.Switch.DataPlane;

/// <summary>
/// An ICMPv6 message of router or neighbour discovery that its receiver would look at (RFC 4861, sections 6.1 and 7.1).
/// </summary>
internal readonly ref struct NeighborMessage
{
    public const byte RouterSolicitation = 133;
    public const byte RouterAdvertisement = 134;
    public const byte Solicitation = 135;
    public const byte Advertisement = 136;
    public const byte Redirect = 137;
    private const byte SourceLinkLayer = 1;
    private const byte TargetLinkLayer = 2;
    private const byte SolicitedFlag = 0x40;
    private const int MaxOptions = 16;

    private NeighborMessage(byte type, Ipv6 target, bool isSolicited)
    {
        Type = type;
        Target = target;
        IsSolicited = isSolicited;
    }

    public byte Type { get; }

    /// <summary>Whose link-layer address is asked for or told; none in a router solicitation.</summary>
    public Ipv6 Target { get; }

    /// <summary>Whether an advertisement says that it answers somebody.</summary>
    public bool IsSolicited { get; }

    /// <summary>Whether some option tells a link-layer address at all.</summary>
    public bool TellsLinkLayer { get; private init; }

    /// <summary>Whether some option tells another one than the frame's sender.</summary>
    public bool TellsOther { get; private init; }

    /// <summary>Whether a type belongs to router or neighbour discovery.</summary>
    public static bool IsType(byte icmpType) => icmpType is >= RouterSolicitation and <= Redirect;

    /// <summary>
    /// Reads a solicitation or a neighbour advertisement; false for all else and for what a receiver ignores.
    /// </summary>
    /// <param name="frame">A frame that is not malformed.</param>
    /// <param name="message">What it says.</param>
    public static bool TryParse(in FrameView frame, out NeighborMessage message)
    {
        message = default;
        if (frame.EtherType != FrameView.TypeIpv6)
            return false;
        Ipv6Upper upper = Ipv6Upper.Of(frame.Payload);
        ReadOnlySpan<byte> icmp = upper.Body;
        if (upper.IsBroken || upper.IsFragment || upper.Protocol != Ipv6Upper.Icmp || icmp.Length < 8
            || frame.Payload[7] != 255 || icmp[1] != 0)
        {
            return false;
        }

        byte type = icmp[0];
        bool hasTarget = type is Solicitation or Advertisement;
        if (!hasTarget && type != RouterSolicitation || hasTarget && icmp.Length < 24)
            return false;
        Ipv6 target = hasTarget ? Ipv6.Read(icmp[8..]) : default;
        if (target.IsMulticast || hasTarget && !target.IsSet
            || !TryReadOptions(icmp[(hasTarget ? 24 : 8)..], frame.Source, out bool tells, out bool tellsOther))
        {
            return false;
        }

        message = new NeighborMessage(type, target, type == Advertisement && (icmp[4] & SolicitedFlag) != 0)
        {
            TellsLinkLayer = tells,
            TellsOther = tellsOther,
        };
        return true;
    }

    /// <summary>Whom a solicitation asks for.</summary>
    public static Ipv6 TargetOf(in FrameView solicitation) =>
        TryParse(solicitation, out NeighborMessage message) ? message.Target : default;

    private static bool TryReadOptions(
        ReadOnlySpan<byte> options, MacAddress sender, out bool tells, out bool tellsOther)
    {
        tells = tellsOther = false;
        for (int count = 0; options.Length > 0; count++)
        {
            int bytes = options.Length < 8 ? 0 : options[1] * 8;
            if (bytes == 0 || bytes > options.Length || count == MaxOptions)
                return false;
            if (options[0] is SourceLinkLayer or TargetLinkLayer)
            {
                tells = true;
                tellsOther |= bytes != 8 || MacAddress.Read(options[2..]) != sender;
            }

            options = options[bytes..];
        }

        return true;
    }
}
