using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Which frames a trace takes: terms joined by <c>and</c>, each perhaps after <c>not</c>. Terms: <c>arp ip ip6 tcp udp
/// icmp icmp6 broadcast multicast in out</c>, <c>host ADDRESS</c>, <c>port NUMBER</c>, <c>ether MAC</c>. <c>in</c> is
/// what comes from the node.
/// </summary>
internal sealed class TraceFilter
{
    private const int MaxTerms = 16;
    private readonly List<(bool Not, Term Term)> _terms = [];

    private TraceFilter()
    {
    }

    private abstract record Term
    {
        public abstract bool Matches(in PacketView packet, bool fromNode);
    }

    /// <summary>Reads a filter; null with the reason when it is none.</summary>
    public static TraceFilter? Parse(string? text, out string error)
    {
        var filter = new TraceFilter();
        var words = new Queue<string>((text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        error = "";
        while (words.TryDequeue(out string? word))
        {
            bool not = word == "not";
            if (not && !words.TryDequeue(out word))
                word = "";
            if (filter._terms.Count == MaxTerms || TermOf(word!, words) is not { } term)
            {
                error = filter._terms.Count == MaxTerms
                    ? $"a filter has at most {MaxTerms} terms"
                    : $"'{word}' is no term of a filter, or lacks its value; see 'vio switch trace --help'";
                return null;
            }

            filter._terms.Add((not, term));
            if (words.TryDequeue(out string? joint) && (joint != "and" || words.Count == 0))
            {
                error = $"terms are joined by 'and', not by '{joint}'";
                return null;
            }
        }

        return filter;
    }

    /// <summary>Whether a frame is wanted.</summary>
    public bool Matches(ReadOnlySpan<byte> frame, bool fromNode)
    {
        if (_terms.Count == 0)
            return true;
        var packet = new PacketView(frame);
        foreach ((bool not, Term term) in _terms)
        {
            if (term.Matches(packet, fromNode) == not)
                return false;
        }

        return true;
    }

    private static Term? TermOf(string word, Queue<string> words) => word switch
    {
        "arp" => new TypeTerm(FrameView.TypeArp),
        "ip" => new TypeTerm(FrameView.TypeIpv4),
        "ip6" => new TypeTerm(FrameView.TypeIpv6),
        "tcp" => new ProtocolTerm(PacketView.Tcp),
        "udp" => new ProtocolTerm(PacketView.Udp),
        "icmp" => new ProtocolTerm(PacketView.Icmp),
        "icmp6" => new ProtocolTerm(PacketView.Icmp6),
        "broadcast" => new GroupTerm(OnlyBroadcast: true),
        "multicast" => new GroupTerm(OnlyBroadcast: false),
        "in" => new WayTerm(FromNode: true),
        "out" => new WayTerm(FromNode: false),
        "host" when words.TryDequeue(out string? value) && IPAddress.TryParse(value, out IPAddress? address) =>
            new HostTerm(address.GetAddressBytes()),
        "port" when words.TryDequeue(out string? value) && ushort.TryParse(value, out ushort port) =>
            new PortTerm(port),
        "ether" when words.TryDequeue(out string? value) && MacAddress.TryParse(value, out MacAddress mac) =>
            new EtherTerm(mac),
        _ => null,
    };

    private sealed record TypeTerm(ushort Type) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) => packet.Frame.EtherType == Type;
    }

    private sealed record ProtocolTerm(int Protocol) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) => packet.Protocol == Protocol;
    }

    private sealed record GroupTerm(bool OnlyBroadcast) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) => OnlyBroadcast
            ? packet.Frame.Destination == MacAddress.Broadcast
            : packet.Frame.Destination.IsGroup;
    }

    private sealed record WayTerm(bool FromNode) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) => fromNode == FromNode;
    }

    private sealed record HostTerm(byte[] Address) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) =>
            packet.Source.SequenceEqual(Address) || packet.Destination.SequenceEqual(Address);
    }

    private sealed record PortTerm(int Port) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) =>
            packet.SourcePort == Port || packet.DestinationPort == Port;
    }

    private sealed record EtherTerm(MacAddress Mac) : Term
    {
        public override bool Matches(in PacketView packet, bool fromNode) =>
            packet.Frame.Source == Mac || packet.Frame.Destination == Mac;
    }
}
