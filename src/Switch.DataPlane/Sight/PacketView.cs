using System.Buffers.Binary;
using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Addresses and ports of a frame, as far as its bytes go: empty or -1 for what is not there. For people who look, not
/// for decisions: those are made of <see cref="FrameView"/>.
/// </summary>
internal readonly ref struct PacketView
{
    public const int Icmp = 1;
    public const int Tcp = 6;
    public const int Udp = 17;
    public const int Icmp6 = 58;

    public PacketView(ReadOnlySpan<byte> frame)
    {
        Frame = FrameView.Parse(frame);
        Protocol = SourcePort = DestinationPort = -1;
        if (Frame.IsRunt || Frame.IsMalformed)
            return;
        ReadOnlySpan<byte> packet = Frame.Payload;
        switch (Frame.EtherType)
        {
            case FrameView.TypeIpv4:
                Source = packet.Slice(12, 4);
                Destination = packet.Slice(16, 4);
                Protocol = packet[9];
                bool isFirst = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF) == 0;
                if (isFirst)
                    (SourcePort, DestinationPort) = Ports(packet, (packet[0] & 15) * 4, Protocol);
                break;
            case FrameView.TypeIpv6 when packet.Length >= 40:
                Source = packet.Slice(8, 16);
                Destination = packet.Slice(24, 16);
                Protocol = packet[6];
                (SourcePort, DestinationPort) = Ports(packet, 40, Protocol);
                break;
            case FrameView.TypeArp:
                Source = packet.Slice(14, 4);
                Destination = packet.Slice(24, 4);
                break;
            default:
                break;
        }
    }

    public FrameView Frame { get; }
    public ReadOnlySpan<byte> Source { get; }
    public ReadOnlySpan<byte> Destination { get; }

    /// <summary>Of IP; -1 for other frames.</summary>
    public int Protocol { get; }

    public int SourcePort { get; }
    public int DestinationPort { get; }

    /// <summary>An address of this frame in words; null when it has none.</summary>
    public static string? Text(ReadOnlySpan<byte> address) =>
        address.IsEmpty ? null : new IPAddress(address).ToString();

    private static (int, int) Ports(ReadOnlySpan<byte> packet, int at, int protocol) =>
        protocol is Tcp or Udp && packet.Length >= at + 4
            ? (BinaryPrimitives.ReadUInt16BigEndian(packet[at..]),
                BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]))
            : (-1, -1);
}

/// <summary>What a frame is, in words.</summary>
/// <param name="Source">Its sender's MAC; null for a runt.</param>
/// <param name="Destination">Its destination's MAC; null for a runt.</param>
/// <param name="EtherType">Behind VLAN tags; 0 for a runt.</param>
/// <param name="SourceIp">Of IPv4, IPv6 or ARP; else null.</param>
/// <param name="DestinationIp">The same.</param>
/// <param name="Protocol">E.g. <c>arp</c>, <c>tcp</c>, <c>icmp</c>, <c>0x88cc</c>.</param>
/// <param name="SourcePort">Of TCP and UDP; else null.</param>
/// <param name="DestinationPort">The same.</param>
public sealed record FrameFacts(
    string? Source, string? Destination, int EtherType, string? SourceIp, string? DestinationIp, string Protocol,
    int? SourcePort, int? DestinationPort)
{
    /// <summary>Reads them from the first bytes of a frame; 64 are enough.</summary>
    public static FrameFacts Of(ReadOnlySpan<byte> frame)
    {
        var view = new PacketView(frame);
        if (view.Frame.IsRunt)
            return new FrameFacts(null, null, 0, null, null, "runt", null, null);
        return new FrameFacts(
            view.Frame.Source.ToString(), view.Frame.Destination.ToString(), view.Frame.EtherType,
            PacketView.Text(view.Source), PacketView.Text(view.Destination), NameOf(view),
            view.SourcePort < 0 ? null : view.SourcePort, view.DestinationPort < 0 ? null : view.DestinationPort);
    }

    /// <summary>One line: who to whom, what.</summary>
    public override string ToString()
    {
        string from = SourceIp is null ? Source ?? "?" : At(SourceIp, SourcePort);
        string to = DestinationIp is null ? Destination ?? "?" : At(DestinationIp, DestinationPort);
        return $"{from} > {to} {Protocol}";
    }

    private static string At(string ip, int? port) =>
        port is null ? ip : ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]:{port}" : $"{ip}:{port}";

    private static string NameOf(in PacketView view) => (view.Frame.EtherType, view.Protocol) switch
    {
        (FrameView.TypeArp, _) => view.Frame.IsMalformed ? "arp?" : view.Frame.IsArpRequest ? "arp request" : "arp",
        (FrameView.TypeRarp, _) => "rarp",
        (_, PacketView.Tcp) => "tcp",
        (_, PacketView.Udp) => "udp",
        (_, PacketView.Icmp) => "icmp",
        (_, PacketView.Icmp6) => "icmp6",
        (FrameView.TypeIpv4 or FrameView.TypeIpv6, >= 0) => $"ip protocol {view.Protocol}",
        _ => $"0x{view.Frame.EtherType:x4}",
    };
}
