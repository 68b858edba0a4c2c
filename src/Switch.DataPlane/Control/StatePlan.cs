using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// A wanted state after every item was checked and parsed; what is wrong with an item is an error, not its end.
/// </summary>
internal sealed record StatePlan(
    long Version, IReadOnlyList<EnvironmentPlan> Environments, IReadOnlyList<ApplyError> Errors);

internal sealed record EnvironmentPlan(
    string Id, IReadOnlyList<PeerPlan> Peers, ProberAddress? Prober, IReadOnlyList<PortPlan> Ports,
        IReadOnlyList<NodePlan> Nodes)
{
    /// <summary>Most bytes per second from one MAC to another.</summary>
    public IReadOnlyDictionary<(ulong From, ulong To), long> Limits { get; init; } =
        new Dictionary<(ulong, ulong), long>();

    /// <summary>Whether nothing passes from and to a duplicate.</summary>
    public bool QuarantinesDuplicates { get; init; }

    /// <summary>What nodes are told by the switch itself; null when nothing.</summary>
    public ServicePlan? Services { get; init; }
}

/// <param name="Host">The peer.</param>
/// <param name="EndPoint">Its address; of port 0 when it is not known.</param>
internal sealed record PeerPlan(string Host, IPEndPoint EndPoint)
{
    /// <summary>Further addresses.</summary>
    public IReadOnlyList<IPEndPoint> Candidates { get; init; } = [];

    /// <summary>How many lanes it has; the ports of all but the first follow the given ones.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>The host that everything for it goes to; null when it is reached as it can be.</summary>
    public string? NextHop { get; init; }

    /// <summary>Where it takes TLS connections; null where it does not.</summary>
    public IPEndPoint? StreamEndPoint { get; init; }

    /// <summary>All addresses.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Candidates.Prepend(EndPoint).Where(e => e.Port != 0).Distinct()];

    /// <summary>Where a lane is, given where the first one is; of port 0 when there is no such port.</summary>
    public static IPEndPoint OfLane(IPEndPoint first, int lane) => first.Port == 0 || lane == 0
        ? first
        : new IPEndPoint(first.Address, first.Port + lane <= IPEndPoint.MaxPort ? first.Port + lane : 0);

    /// <summary>Stands for an address that is not known.</summary>
    public static IPEndPoint Nowhere(System.Net.Sockets.AddressFamily family) => new(
        family == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
}

internal sealed record PortPlan(
    string Tap, string Bridge, string Node, MacAddress Mac, Ipv4 Ip, bool Open, int Mtu, string? NodeTap = null,
    Ipv6 Ip6 = default)
{
    /// <summary>Most bytes per second that the node sends; null without a limit.</summary>
    public long? FromNode { get; init; }

    /// <summary>Most bytes per second that the node gets; null without a limit.</summary>
    public long? ToNode { get; init; }

    public PortKind Kind { get; init; }

    /// <summary>The machine's socket, for kinds that have one.</summary>
    public string Socket { get; init; } = "";

    /// <summary>Of the node's network, for a TAP that has its address.</summary>
    public int NetworkBits { get; init; }
}

internal sealed record NodePlan(
    string Node, MacAddress Mac, Ipv4 Ip, string Host, string? PreBound, ulong Sequence, bool IsLocalProber)
{
    /// <summary>None when the node has only its link-local address.</summary>
    public Ipv6 Ip6 { get; init; }

    /// <summary>For DNS and DHCP; null when it has none.</summary>
    public string? Name { get; init; }
}

/// <summary>Checks a wanted state. Pure.</summary>
/// <param name="hostId">This host.</param>
/// <param name="family">What it listens on.</param>
/// <param name="sockets">Where the sockets of machines are; null when this host has none.</param>
internal sealed class StatePlanner(string hostId, System.Net.Sockets.AddressFamily family, string? sockets = null)
{
    private readonly List<ApplyError> _errors = [];
    private readonly HashSet<string> _names = [];
    private int _ports;

    public StatePlan Plan(SwitchWantedState state)
    {
        var environments = new List<EnvironmentPlan>();
        var ids = new HashSet<string>();
        foreach (WantedEnvironment wanted in state.Environments)
        {
            if (!IsId(wanted.Id) || !ids.Add(wanted.Id) || environments.Count >= Limits.MaxEnvironments)
            {
                Error(wanted.Id, "environment",
                    $"its id must be unique and have 1 to {Limits.MaxIdChars} printable characters, "
                    + $"and at most {Limits.MaxEnvironments} fit one host");
                continue;
            }

            environments.Add(Environment(wanted, state.Routes));
        }

        // First, because routes of the others may lead over them.
        if (Relays(state) is { Count: > 0 } relays)
            environments.Insert(0, new EnvironmentPlan(SwitchEnvironment.Relays, relays, null, [], []));
        return new StatePlan(state.Version, environments, _errors);
    }

    private EnvironmentPlan Environment(WantedEnvironment wanted, IReadOnlyList<WantedRoute> common)
    {
        var nodes = new List<NodePlan>();
        var macs = new HashSet<MacAddress>();
        var ips = new HashSet<Ipv4>();
        var ip6s = new HashSet<Ipv6>();
        var peers = new List<PeerPlan>();
        ProberAddress? prober = null;
        foreach (WantedMember member in wanted.Members)
        {
            string item = $"member {member.Host}";
            if (!IsId(member.Host) || peers.Count >= Limits.MaxMembers || peers.Exists(p => p.Host == member.Host))
            {
                Error(wanted.Id, item, $"host ids must be unique; at most {Limits.MaxMembers} members");
                continue;
            }

            if (member.Host != hostId && Peer(wanted.Id, item, member) is { } peer)
                peers.Add(peer);
            if (member.ProberMac is null && member.ProberIp is null)
                continue;
            if (!TryAddresses(member.ProberMac, member.ProberIp, out MacAddress mac, out Ipv4 ip) || !macs.Add(mac)
                || !ips.Add(ip))
            {
                Error(wanted.Id, item, "its prober needs a unicast MAC and an IPv4 address that no other node has");
                continue;
            }

            if (member.Host == hostId)
                prober = new ProberAddress(mac, ip);
            nodes.Add(new NodePlan("prober:" + member.Host, mac, ip, member.Host, null, 0, member.Host == hostId));
        }

        var taken = new Taken(macs, ips, ip6s, []);
        ServicePlan? services = Services(wanted, taken);
        if (services is not null)
            nodes.Add(ServiceNode(services));
        foreach (WantedNode node in wanted.Table)
        {
            if (Node(wanted.Id, node, taken, nodes.Count) is { } plan)
                nodes.Add(plan);
        }

        var ports = new List<PortPlan>();
        foreach (WantedPort port in wanted.Ports)
        {
            if (Port(wanted, port, ports) is { } plan)
                ports.Add(plan);
        }

        if (wanted.Duplicates is not (null or "report" or "quarantine"))
            Error(wanted.Id, "duplicates", $"'{wanted.Duplicates}' must be report or quarantine; report is in force");
        return new EnvironmentPlan(wanted.Id, Routed(wanted.Id, wanted.Routes, common, peers), prober, ports, nodes)
        {
            Limits = PairLimits(wanted, nodes),
            QuarantinesDuplicates = wanted.Duplicates == "quarantine",
            Services = services,
        };
    }

    private ServicePlan? Services(WantedEnvironment wanted, Taken taken)
    {
        if (wanted.Services is null)
            return null;
        ServicePlan? plan = ServicePlan.Of(wanted.Services, out string problem);
        if (plan is not null && (!taken.Macs.Add(plan.Mac) | !taken.Ips.Add(plan.Ip)
            | (plan.Ip6.IsSet && !taken.Ip6s.Add(plan.Ip6))))
        {
            problem = "its addresses must be no prober's";
        }

        if (problem.Length == 0)
            return plan;
        Error(wanted.Id, "services", problem);
        return null;
    }

    // In the table of every host as its own, so that the table answers for it and no other host can be it.
    private NodePlan ServiceNode(ServicePlan plan) =>
        new("service:switch", plan.Mac, plan.Ip, hostId, null, 0, IsLocalProber: false) { Ip6 = plan.Ip6 };

    private Dictionary<(ulong From, ulong To), long> PairLimits(WantedEnvironment wanted, List<NodePlan> nodes)
    {
        var limits = new Dictionary<(ulong, ulong), long>();
        foreach (WantedLimit limit in wanted.Limits)
        {
            ulong? first = nodes.Find(node => node.Node == limit.First)?.Mac.Value;
            ulong? second = nodes.Find(node => node.Node == limit.Second)?.Mac.Value;
            string item = $"limit between {limit.First} and {limit.Second}";
            if (first is not { } a || second is not { } b || a == b)
                Error(wanted.Id, item, "both must be nodes of this environment, and not the same");
            else if (limit.KilobitsPerSecond is < Limits.MinLimitKbps or > Limits.MaxLimitKbps)
                Error(wanted.Id, item, $"it must be {Limits.MinLimitKbps} to {Limits.MaxLimitKbps} kbit/s");
            else if (limits.Count >= 2 * Limits.MaxPairLimits || !limits.TryAdd((a, b), limit.KilobitsPerSecond * 125L))
                Error(wanted.Id, item, $"a pair has one limit, and an environment at most {Limits.MaxPairLimits}");
            else
                limits[(b, a)] = limit.KilobitsPerSecond * 125L;
        }

        return limits;
    }

    private PeerPlan? Peer(string environment, string item, WantedMember member)
    {
        var endPoints = new List<IPEndPoint>();
        IPEndPoint? stream = null;
        if (member.Lanes is < 1 or > Limits.MaxLanes)
        {
            Error(environment, item, $"a host has 1 to {Limits.MaxLanes} lanes, not {member.Lanes}");
            return null;
        }

        if (member.TcpEndpoint is { } tcp && (!IPEndPoint.TryParse(tcp, out stream) || stream.Port == 0))
            Error(environment, item, $"TCP endpoint '{tcp}' must be an address and port");
        foreach (string text in member.Candidates.Prepend(member.Endpoint).Where(text => text.Length > 0))
        {
            if (!IPEndPoint.TryParse(text, out IPEndPoint? endPoint) || endPoint.Port == 0
                || endPoint.Port + member.Lanes - 1 > IPEndPoint.MaxPort
                || endPoint.AddressFamily != family || endPoints.Count >= Limits.MaxCandidates)
            {
                Error(environment, item,
                    $"endpoint '{text}' must be an address and port of the family that this host listens on, and at "
                    + $"most {Limits.MaxCandidates} can be given");
                return null;
            }

            endPoints.Add(endPoint);
        }

        return new PeerPlan(member.Host, endPoints.FirstOrDefault(PeerPlan.Nowhere(family)))
        {
            Lanes = member.Lanes,
            Candidates = endPoints,
            StreamEndPoint = stream is { Port: not 0 } ? stream : null,
        };
    }

    private List<PeerPlan> Relays(SwitchWantedState state)
    {
        var relays = new List<PeerPlan>();
        foreach (WantedMember member in state.Relays.Where(member => member.Host != hostId))
        {
            string item = $"relay {member.Host}";
            if (!IsId(member.Host) || relays.Count >= Limits.MaxMembers || relays.Exists(r => r.Host == member.Host))
                Error(SwitchEnvironment.Relays, item, $"host ids must be unique; at most {Limits.MaxMembers} relays");
            else if (Peer(SwitchEnvironment.Relays, item, member) is { } peer)
                relays.Add(peer);
        }

        return Routed(SwitchEnvironment.Relays, [], state.Routes, relays);
    }

    private List<PeerPlan> Routed(
        string environment, IReadOnlyList<WantedRoute> own, IReadOnlyList<WantedRoute> common, List<PeerPlan> peers) =>
        new RoutePlanner(hostId, (item, why) => Error(environment, item, why)).Apply(own, common, peers);

    private NodePlan? Node(string environment, WantedNode node, Taken taken, int count)
    {
        string item = $"node {node.Node}";
        if (!TryAddresses(node.Mac, node.Ip, out MacAddress mac, out Ipv4 ip))
            Error(environment, item, $"'{node.Mac}' must be a unicast MAC and '{node.Ip}' an IPv4 address");
        else if (!TryIp6(node.Ip6, out Ipv6 ip6))
            Error(environment, item, NotIp6(node.Ip6));
        else if (!IsId(node.Node) || !IsId(node.Host) || node.PreBound is not null && !IsId(node.PreBound))
            Error(environment, item, $"node and host ids must have 1 to {Limits.MaxIdChars} printable characters");
        else if (count >= Limits.MaxTableEntries)
            Error(environment, item, $"an environment has at most {Limits.MaxTableEntries} addresses");
        else if (!taken.Macs.Add(mac) | !taken.Ips.Add(ip) | (ip6.IsSet && !taken.Ip6s.Add(ip6)))
            Error(environment, item, $"{mac}, {ip} or {node.Ip6} belongs to another node of this environment");
        else
            return new NodePlan(node.Node, mac, ip, node.Host, node.PreBound, node.Sequence, IsLocalProber: false)
            {
                Ip6 = ip6,
                Name = Name(environment, item, node.Name, taken),
            };
        return null;
    }

    // A node without its name still is a node.
    private string? Name(string environment, string item, string? name, Taken taken)
    {
        if (name is null || ServicePlan.IsLabel(name) && taken.Names.Add(name))
            return name;
        Error(environment, item, $"'{name}' must be 1 to 63 of a-z, 0-9 and -, and no other node's name");
        return null;
    }

    private PortPlan? Port(WantedEnvironment wanted, WantedPort port, List<PortPlan> ports)
    {
        string environment = wanted.Id;
        string item = $"port {port.Tap}";
        string[] links = port.NodeTap is { } nodeTap ? [port.Tap, port.Bridge, nodeTap]
            : port.Bridge.Length > 0 ? [port.Tap, port.Bridge] : [port.Tap];
        if (!PortKinds.TryParse(port.Kind, out PortKind kind))
            Error(environment, item, $"'{port.Kind}' is no kind of port; there are {PortKinds.All}");
        else if (!links.All(InterfaceName.IsValid))
            Error(environment, item,
                $"TAPs and bridge, '{string.Join("', '", links)}', must be 1 to 15 characters of a-z and 0-9");
        else if (WrongForKind(kind, port) is { } wrong)
            Error(environment, item, wrong);
        else if (!TryAddresses(port.Mac, port.Ip, out MacAddress mac, out Ipv4 ip))
            Error(environment, item, $"'{port.Mac}' must be a unicast MAC and '{port.Ip}' an IPv4 address");
        else if (!TryIp6(port.Ip6, out Ipv6 ip6))
            Error(environment, item, NotIp6(port.Ip6));
        else if (!IsId(port.Node) || port.Mtu is < 576 or > 65_535)
            Error(environment, item, "the node id must have 1 to 128 printable characters and the MTU be 576 to 65535");
        else if (!IsLimit(port.FromNodeKbps) || !IsLimit(port.ToNodeKbps))
            Error(environment, item, $"a limit must be {Limits.MinLimitKbps} to {Limits.MaxLimitKbps} kbit/s");
        else if (_ports >= Limits.MaxPorts || links.Count(_names.Add) < links.Length)
            Error(environment, item,
                $"interface names must be unique on a host, and at most {Limits.MaxPorts} ports fit");
        else if (port.Socket is { } socket && !_names.Add("/" + socket))
            Error(environment, item, $"the socket '{socket}' belongs to another port");
        else if (MacAddress.TryParse(wanted.Services?.Mac, out MacAddress service) && service == mac)
            Error(environment, item, $"{mac} is the MAC of the services");
        else if (ports.Exists(p => p.Mac == mac))
            Error(environment, item, $"{mac} has another port of this environment on this host");
        else
        {
            _ports++;
            return new PortPlan(port.Tap, port.Bridge, port.Node, mac, ip, port.Open, port.Mtu, port.NodeTap, ip6)
            {
                FromNode = port.FromNodeKbps * 125L,
                ToNode = port.ToNodeKbps * 125L,
                Kind = kind,
                Socket = port.Socket is null ? "" : Path.Combine(sockets!, port.Socket),
                NetworkBits = port.NetworkBits ?? 0,
            };
        }

        return null;
    }

    private string? WrongForKind(PortKind kind, WantedPort port)
    {
        string word = PortKinds.Word(kind);
        if (port.Bridge.Length > 0 != (kind == PortKind.Joint) || port.NodeTap is not null && kind != PortKind.Joint)
            return $"a joint has a bridge and may have a TAP for the node; a port of kind {word} is not that";
        if (port.Socket is not null != PortKinds.HasSocket(kind))
            return $"ports of kind stream and vhost-user have a socket, and others none; this one is {word}";
        if (port.NetworkBits is not null != (kind == PortKind.Tap) || port.NetworkBits is < 1 or > 32)
            return $"a port of kind tap has the bits of its network, 1 to 32, and others none; this one is {word}";
        if (port.Socket is not { } socket)
            return null;
        if (sockets is null)
            return $"this switchd has no directory for sockets, which a port of kind {word} needs; start it with one";
        return !SocketName.IsValid(socket)
            ? $"the socket '{socket}' must be 1 to 64 characters of a-z, 0-9, dot and dash, and not start with a dot"
            : Path.Combine(sockets, socket).Length >= UnixStream.MaxPathBytes
                ? $"the path of the socket '{socket}' has {UnixStream.MaxPathBytes} bytes or more; use a shorter name"
                : null;
    }

    private static bool TryAddresses(string? macText, string? ipText, out MacAddress mac, out Ipv4 ip)
    {
        ip = default;
        return MacAddress.TryParse(macText, out mac) && !mac.IsGroup && mac.Value != 0
            && Ipv4.TryParse(ipText, out ip) && ip.Value != 0;
    }

    private static bool IsLimit(int? kbps) => kbps is null or >= Limits.MinLimitKbps and <= Limits.MaxLimitKbps;

    private static bool TryIp6(string? text, out Ipv6 ip)
    {
        ip = default;
        return text is null || Ipv6.TryParse(text, out ip) && ip.IsForNodes;
    }

    private static string NotIp6(string? text) =>
        $"'{text}' must be an IPv6 unicast address that is not link-local, without a zone";

    private static bool IsId(string? id) =>
        id is { Length: >= 1 and <= Limits.MaxIdChars } && id.All(c => c is > ' ' and <= '~');

    private sealed record Taken(HashSet<MacAddress> Macs, HashSet<Ipv4> Ips, HashSet<Ipv6> Ip6s, HashSet<string> Names);

    private void Error(string environment, string item, string reason) =>
        _errors.Add(new ApplyError(environment, item, reason));
}
