using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// What the switch looks at in one Ethernet frame. Parsing never fails with an exception: what a frame is too short for
/// is reported by <see cref="IsRunt"/> or <see cref="IsMalformed"/>, and the switch drops it.
/// </summary>
internal readonly ref struct FrameView
{
    public const ushort TypeIpv4 = 0x0800;
    public const ushort TypeIpv6 = 0x86DD;
    public const ushort TypeArp = 0x0806;
    public const ushort TypeRarp = 0x8035;
    private const ushort TypeVlan = 0x8100;
    private const ushort TypeServiceVlan = 0x88A8;
    private const ushort TypeOldServiceVlan = 0x9100;
    private const ushort FirstType = 0x0600;
    private const int MaxVlanTags = 2;

    private FrameView(ReadOnlySpan<byte> frame)
    {
        Bytes = frame;
        if (frame.Length < 14)
        {
            IsRunt = true;
            return;
        }

        Destination = MacAddress.Read(frame);
        Source = MacAddress.Read(frame[6..]);
        int at = 12;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);

        // Tags are looked through, so that a tag cannot hide a forged address from the checks.
        while (type is TypeVlan or TypeServiceVlan or TypeOldServiceVlan)
        {
            VlanTags++;
            at += 4;
            if (VlanTags > MaxVlanTags || frame.Length < at + 2)
            {
                IsMalformed = true;
                return;
            }

            type = BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
        }

        EtherType = type;
        Payload = frame[(at + 2)..];
        IsMalformed = type switch
        {
            TypeIpv4 => Payload.Length < 20 || Payload[0] >> 4 != 4 || (Payload[0] & 15) < 5,
            TypeIpv6 => Payload.Length < 40 || Payload[0] >> 4 != 6,
            TypeArp or TypeRarp => !IsEthernetArp(Payload),
            _ => type < FirstType && HidesType(Payload),
        };
    }

    public ReadOnlySpan<byte> Bytes { get; }
    public MacAddress Destination { get; }
    public MacAddress Source { get; }
    public ushort EtherType { get; }
    public ReadOnlySpan<byte> Payload { get; }
    public int VlanTags { get; }
    public bool IsRunt { get; }
    public bool IsMalformed { get; }

    public bool IsArpRequest => EtherType == TypeArp && Payload[7] == 1;
    public bool IsArpReply => EtherType == TypeArp && Payload[7] == 2;
    public MacAddress ArpSenderMac => MacAddress.Read(Payload[8..]);
    public Ipv4 ArpSenderIp => Ipv4.Read(Payload[14..]);
    public Ipv4 ArpTargetIp => Ipv4.Read(Payload[24..]);
    public Ipv4 Ipv4Source => Ipv4.Read(Payload[12..]);
    public Ipv6 Ipv6Source => Ipv6.Read(Payload[8..]);
    public Ipv6 Ipv6Destination => Ipv6.Read(Payload[24..]);

    /// <summary>A DHCP client's first message: the only IPv4 packet that may come without a source address.</summary>
    public bool IsDhcpClient
    {
        get
        {
            if (EtherType != TypeIpv4 || Payload[9] != 17)
                return false;
            int header = (Payload[0] & 15) * 4;
            return Payload.Length >= header + 8 && (BinaryPrimitives.ReadUInt16BigEndian(Payload[6..]) & 0x1FFF) == 0
                && BinaryPrimitives.ReadUInt16BigEndian(Payload[header..]) == 68
                && BinaryPrimitives.ReadUInt16BigEndian(Payload[(header + 2)..]) == 67;
        }
    }

    /// <summary>
    /// Whether a node announces itself: RARP (QEMU sends it where a machine resumes), gratuitous ARP (sender and target
    /// are the same address) or a neighbour advertisement that nobody asked for.
    /// </summary>
    public bool IsAnnouncement => EtherType switch
    {
        TypeRarp => true,
        TypeArp => ArpSenderIp.Value != 0 && ArpSenderIp == ArpTargetIp,
        TypeIpv6 => Destination.IsGroup && NeighborMessage.TryParse(this, out NeighborMessage message)
            && message.Type == NeighborMessage.Advertisement && !message.IsSolicited,
        _ => false,
    };

    public static FrameView Parse(ReadOnlySpan<byte> frame) => new(frame);

    // A length with an LLC/SNAP header behind it (RFC 1042) that brings a type which is checked when it comes openly:
    // some receivers take both forms, so it would pass the checks (CVE-2021-27861, CVE-2021-27862). Nobody needs it.
    private static bool HidesType(ReadOnlySpan<byte> p) =>
        p.Length >= 8 && p[0] == 0xAA && p[1] == 0xAA && p[3] == 0 && p[4] == 0 && (p[5] is 0 or 0xF8)
        && BinaryPrimitives.ReadUInt16BigEndian(p[6..]) is TypeIpv4 or TypeIpv6 or TypeArp or TypeRarp or TypeVlan
            or TypeServiceVlan or TypeOldServiceVlan;

    private static bool IsEthernetArp(ReadOnlySpan<byte> p) =>
        p.Length >= 28 && p[0] == 0 && p[1] == 1 && p[2] == 8 && p[3] == 0 && p[4] == 6 && p[5] == 4 && p[6] == 0;
}
