namespace VioActors.Switch.DataPlane;

/// <summary>Which way a datagram came.</summary>
/// <param name="address">The sender's address as the kernel says it: of the relay, when there is one.</param>
/// <param name="via">The host that passed it on; null when it came directly.</param>
internal readonly ref struct Arrival(ReadOnlySpan<byte> address, PeerTunnel? via = null)
{
    public ReadOnlySpan<byte> Address { get; } = address;

    public PeerTunnel? Via { get; } = via;

    /// <summary>Whether a path leads there.</summary>
    public bool Is(PathState path) =>
        ReferenceEquals(Via, path.Via) && (Via is not null || path.Direct.Matches(Address));
}
