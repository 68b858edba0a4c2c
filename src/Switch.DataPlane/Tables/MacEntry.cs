namespace VioActors.Switch.DataPlane;

/// <summary>
/// What one host knows about one MAC of one environment. The controller's row says which hosts may have it; a claim of
/// one of these with a higher sequence number says which one has it now.
/// </summary>
internal sealed class MacEntry(MacAddress mac, Ipv4 ip, string node)
{
    private DuplicateTrail? _trail;
    private DuplicateTrail? _forgeries;
    private ulong _rowSequence;

    public MacAddress Mac { get; } = mac;
    public Ipv4 Ip { get; } = ip;
    public string Node { get; } = node;

    /// <summary>Its IPv6 address beside the link-local one; none when it has no other.</summary>
    public Ipv6 Ip6 { get; set; }

    /// <summary>Where the controller says it is.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Where the controller says it may appear next; null when no move is on.</summary>
    public string? PreBound { get; private set; }

    /// <summary>Where frames for it go now.</summary>
    public string Location { get; private set; } = "";

    /// <summary>Highest sequence number accepted, from the controller or a claim.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Until then this host passes on frames that still come here; 0 when it never had the node.</summary>
    public long StragglersUntilMs { get; private set; }

    /// <summary>Where frames for it went before; null when it never moved.</summary>
    public string? Left { get; private set; }

    /// <summary>Until then <see cref="Left"/> may pass on what still comes there.</summary>
    public long LeftUntilMs { get; private set; }

    /// <summary>The tunnel to <see cref="Location"/>; null when it is this host or no member.</summary>
    public PeerTunnel? Peer { get; set; }

    /// <summary>This host's port of the node, open or not.</summary>
    public SwitchPort? Port { get; set; }

    /// <summary>Whether this is the address of this host's own prober.</summary>
    public bool IsLocalProber { get; init; }

    /// <summary>Whether frames for it can go anywhere from here.</summary>
    public bool IsReachable => Peer is not null || Port is not null || IsLocalProber;

    /// <summary>Moves that the controller's row does not explain, and frames from a host that the node left.</summary>
    public DuplicateTrail Trail => _trail ??= new DuplicateTrail();

    /// <summary>Frames of this node with addresses of others.</summary>
    public DuplicateTrail Forgeries => _forgeries ??= new DuplicateTrail();

    /// <summary>The node is a duplicate, or uses the address of another one; null when nothing is known.</summary>
    public DuplicateFinding? Finding { get; set; }

    /// <summary>Whether nothing may pass from or to the node.</summary>
    public bool IsQuarantined => Finding is { Quarantined: true };

    public bool Lists(string host) => host == Host || host == PreBound;

    /// <summary>
    /// Whether a move explains that the host passes on frames for this node: the table lists it for the node, or the
    /// node was there a moment ago.
    /// </summary>
    public bool MayBePassedOnBy(string host, long nowMs) => Lists(host) || host == Left && nowMs < LeftUntilMs;

    /// <summary>
    /// Takes the controller's row. A claim that is newer than the row and that the row still allows is kept, because
    /// the
    /// data plane may know of a move before the controller does.
    /// </summary>
    public void Update(string host, string? preBound, ulong sequence, string self, long nowMs)
    {
        if (host != Host || preBound != PreBound || sequence != _rowSequence)
        {
            _trail?.Clear();
            _forgeries?.Clear();
            Finding = null;
        }

        _rowSequence = sequence;
        bool keepsClaim = Sequence > sequence && (Location == host || Location == preBound);
        Host = host;
        PreBound = preBound;
        if (keepsClaim)
            return;
        Sequence = sequence;
        MoveTo(host, self, nowMs);
    }

    /// <summary>Takes a claim; false when it is not newer. The caller has checked <see cref="Lists"/>.</summary>
    public bool Claim(string host, ulong sequence, string self, long nowMs)
    {
        if (sequence <= Sequence)
            return false;
        Sequence = sequence;
        MoveTo(host, self, nowMs);
        return true;
    }

    private void MoveTo(string host, string self, long nowMs)
    {
        if (Location == self && host != self)
            StragglersUntilMs = nowMs + Limits.StragglerGraceMs;
        if (Location.Length > 0 && Location != host)
            (Left, LeftUntilMs) = (Location, nowMs + Limits.StragglerGraceMs);
        Location = host;
    }
}
