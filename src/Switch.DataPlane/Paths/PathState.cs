namespace VioActors.Switch.DataPlane;

/// <summary>
/// One path to one peer and what is known of it; a peer that changes its path gets a new one, so that nothing learned
/// on the old is believed of the new.
/// </summary>
/// <param name="sizes">Bounds of its datagrams.</param>
/// <param name="direct">Where a direct path leads.</param>
/// <param name="via">The host that passes everything on; null for a direct path.</param>
internal sealed class PathState(PathSizes sizes, SocketAddress direct, PeerTunnel? via = null)
{
    public SocketAddress Direct { get; } = direct;

    public PeerTunnel? Via { get; } = via;

    public MtuSearch Mtu { get; private set; } = new(via is null ? sizes : sizes.BehindHeader());

    public PathHealth Health { get; } = new();

    /// <summary>Whether a plain UDP path would be better.</summary>
    public bool IsDetour => Via is not null || Direct.Stream is not null;

    /// <summary>The address that its datagrams are sent to.</summary>
    public SocketAddress FirstHop => Via?.Path.Direct ?? Direct;

    /// <summary>Begins to look for the size again.</summary>
    public void ForgetSize() => Mtu = new MtuSearch(Via is null ? sizes : sizes.BehindHeader());
}

/// <summary>Bounds of a path's size.</summary>
/// <param name="Least">Bytes of a datagram that every path is taken to carry.</param>
/// <param name="Most">Bytes of the largest one, from the underlay's MTU.</param>
internal readonly record struct PathSizes(int Least, int Most)
{
    /// <summary>IPv4, Ethernet.</summary>
    public static PathSizes Common { get; } = new(Limits.MinUnderlayMtu - 28, 1500 - 28);

    /// <summary>What is left of them behind a routing header.</summary>
    public PathSizes BehindHeader() => new(Least - RelayHeader.Bytes, Most - RelayHeader.Bytes);

    /// <summary>Bytes of a slice's payload in the largest datagram.</summary>
    public int MaxSlicePayload => Most - SliceHeader.Bytes - TunnelSession.Overhead;
}
