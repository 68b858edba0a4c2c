namespace VioActors.Switch.DataPlane;

/// <summary>What is known of one path to one peer; a peer that changes its path gets a new one.</summary>
internal sealed class PathState(PathSizes sizes)
{
    public MtuSearch Mtu { get; } = new(sizes);

    public PathHealth Health { get; } = new();
}

/// <summary>Bounds of a path's size.</summary>
/// <param name="Least">Bytes of a datagram that every path is taken to carry.</param>
/// <param name="Most">Bytes of the largest one, from the underlay's MTU.</param>
internal readonly record struct PathSizes(int Least, int Most)
{
    /// <summary>IPv4, Ethernet.</summary>
    public static PathSizes Common { get; } = new(Limits.MinUnderlayMtu - 28, 1500 - 28);

    /// <summary>Bytes of a slice's payload in the largest datagram.</summary>
    public int MaxSlicePayload => Most - SliceHeader.Bytes - TunnelSession.Overhead;
}
