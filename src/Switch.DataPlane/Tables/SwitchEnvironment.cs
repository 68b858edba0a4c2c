namespace VioActors.Switch.DataPlane;

/// <summary>The part of one environment's switch on this host: its ports, its table, its tunnels. One lane's.</summary>
internal sealed class SwitchEnvironment(string id, bool isolated)
{
    private readonly Dictionary<ulong, MacEntry> _byMac = [];
    private readonly Dictionary<uint, MacEntry> _byIp = [];
    private readonly Dictionary<Ipv6, MacEntry> _byIp6 = [];
    private readonly Dictionary<ulong, PeerTunnel> _byTag = [];

    public string Id { get; } = id;

    /// <summary>Names the environment in handshakes.</summary>
    public byte[] Tag { get; } = EnvironmentTag.Of(id);

    /// <summary>Goes into keys and associated data; the same for all environments in a control run.</summary>
    public byte[] Binding { get; } = isolated ? EnvironmentTag.Of(id) : EnvironmentTag.Unbound;

    public ulong Origin { get; } = EnvironmentTag.Origin(id);

    public List<SwitchPort> Ports { get; } = [];

    /// <summary>One per other host that has ports of this environment, and one per further lane of it.</summary>
    public List<PeerTunnel> Peers { get; } = [];

    /// <summary>Claims of this host that are still being repeated.</summary>
    public List<PendingClaim> Claims { get; } = [];

    /// <summary>What the controller said last; null before it did.</summary>
    public EnvironmentPlan? Wanted { get; set; }

    /// <summary>How many lanes a host has, where it said so itself.</summary>
    public Dictionary<string, int> LanesOf { get; } = [];

    public ProberAddress? Prober { get; set; }

    /// <summary>What the nodes of this host sent to each other node.</summary>
    public PairTable Pairs { get; } = new();

    /// <summary>What nodes are told by the switch itself; null when nothing.</summary>
    public EnvironmentServices? Services { get; set; }

    /// <summary>Nodes whose finding is not over.</summary>
    public List<MacEntry> Duplicates { get; } = [];

    /// <summary>Whether nothing passes from and to a duplicate; else it is only reported.</summary>
    public bool QuarantinesDuplicates { get; set; }

    /// <summary>Limits by sender and receiver; most environments have none.</summary>
    public Dictionary<(ulong From, ulong To), PairLimit> PairLimits { get; } = [];

    public PairLimit? LimitOf(MacAddress from, MacAddress to) =>
        PairLimits.Count == 0 ? null : PairLimits.GetValueOrDefault((from.Value, to.Value));

    public IReadOnlyCollection<MacEntry> Entries => _byMac.Values;

    public MacEntry? Find(MacAddress mac) => _byMac.GetValueOrDefault(mac.Value);

    public MacEntry? Find(Ipv4 ip) => _byIp.GetValueOrDefault(ip.Value);

    /// <summary>By the address that it was given or the link-local one that its MAC makes.</summary>
    public MacEntry? Find(Ipv6 ip) => _byIp6.GetValueOrDefault(ip);

    /// <summary>The link-local addresses that nodes chose themselves; the same on all lanes.</summary>
    public LinkLocalTable LinkLocals { get; init; } = new();

    /// <summary>Those of nodes of this host about which this lane still asks the others.</summary>
    public List<LinkLocalClaim> Asking { get; } = [];

    /// <summary>By any address: also one that a node chose, unless another row has it now.</summary>
    /// <param name="ip">The address.</param>
    /// <param name="nowMs">The lane's clock.</param>
    /// <param name="isSettled">False when the node has only just begun to use it.</param>
    public MacEntry? FindNeighbor(Ipv6 ip, long nowMs, out bool isSettled)
    {
        isSettled = true;
        if (Find(ip) is { } entry)
            return entry;
        if (!ip.IsChoosable || LinkLocals.Find(ip) is not { } claim)
            return null;
        isSettled = claim.IsSettled(nowMs);
        return Find(claim.Mac);
    }

    /// <summary>What a link-local address that no row has by itself is to a node.</summary>
    public Standing StandingOf(MacAddress mac, Ipv6 chosen, long nowMs) =>
        _byIp6.ContainsKey(chosen) ? Standing.Others : LinkLocals.Of(mac, chosen, nowMs);

    public SwitchPort? PortOf(MacAddress mac)
    {
        foreach (SwitchPort port in Ports)
        {
            if (port.Mac == mac)
                return port;
        }

        return null;
    }

    /// <summary>
    /// Id of the environment of hosts that relay for each other and share no other; no controller's id has a space.
    /// </summary>
    public const string Relays = "vio relays";

    /// <summary>The lane of a host that a routing header means, or another lane of it that this one talks to.</summary>
    public PeerTunnel? PeerOf(ulong tag) => _byTag.GetValueOrDefault(tag);

    /// <summary>Call it after <see cref="Peers"/> was changed.</summary>
    public void IndexPeers()
    {
        _byTag.Clear();
        foreach (PeerTunnel peer in Peers)
        {
            for (uint lane = 0; peer.IsMain && lane < Limits.MaxLanes; lane++)
                _byTag.TryAdd(peer.Tag - peer.Lane + lane, peer);
        }

        foreach (PeerTunnel peer in Peers)
            _byTag[peer.Tag] = peer;
    }

    /// <summary>Where this lane sends what is for a host.</summary>
    public PeerTunnel? PeerOf(string host)
    {
        foreach (PeerTunnel peer in Peers)
        {
            if (peer.IsMain && peer.HostId == host)
                return peer;
        }

        return null;
    }

    public PeerTunnel? PeerOf(string host, int lane)
    {
        foreach (PeerTunnel peer in Peers)
        {
            if (peer.Lane == lane && peer.HostId == host)
                return peer;
        }

        return null;
    }

    public void Add(MacEntry entry)
    {
        _byMac[entry.Mac.Value] = entry;
        _byIp[entry.Ip.Value] = entry;
        _byIp6[Ipv6.LinkLocalOf(entry.Mac)] = entry;
        if (entry.Ip6.IsSet)
            _byIp6[entry.Ip6] = entry;
    }

    /// <summary>Gives an entry another IPv6 address; what is known about its place stays.</summary>
    public void Rename(MacEntry entry, Ipv6 ip6)
    {
        if (entry.Ip6 == ip6)
            return;
        Remove(entry);
        entry.Ip6 = ip6;
        Add(entry);
    }

    public void Remove(MacEntry entry)
    {
        _byMac.Remove(entry.Mac.Value);
        Pairs.Forget(entry.Mac);
        if (_byIp.TryGetValue(entry.Ip.Value, out MacEntry? other) && ReferenceEquals(other, entry))
            _byIp.Remove(entry.Ip.Value);
        foreach (Ipv6 ip6 in (ReadOnlySpan<Ipv6>)[Ipv6.LinkLocalOf(entry.Mac), entry.Ip6])
        {
            if (_byIp6.TryGetValue(ip6, out other) && ReferenceEquals(other, entry))
                _byIp6.Remove(ip6);
        }
    }

    /// <summary>Finds port and tunnel of an entry again, after its location, the ports or the peers changed.</summary>
    public void Bind(MacEntry entry)
    {
        entry.Port = PortOf(entry.Mac);
        entry.Peer = PeerOf(entry.Location);
    }

    public void BindAll()
    {
        foreach (MacEntry entry in _byMac.Values)
            Bind(entry);
    }
}

/// <summary>The reserved addresses of this host's prober in one environment.</summary>
internal sealed record ProberAddress(MacAddress Mac, Ipv4 Ip);

/// <summary>A claim of this host, repeated because datagrams may be lost.</summary>
internal sealed class PendingClaim(MacAddress mac, ulong sequence)
{
    public MacAddress Mac { get; } = mac;
    public ulong Sequence { get; } = sequence;
    public int Sent { get; set; }
    public long NextMs { get; set; }
}
