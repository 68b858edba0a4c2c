namespace VioActors.Switch.DataPlane;

/// <summary>
/// Signs that something is in two places, and whether they are enough to say so: the rule of EVPN (RFC 7432, 15.1) of
/// <see cref="Limits.DuplicateSigns"/> moves within <see cref="Limits.DuplicateWindowMs"/>. Pure: time comes in by the
/// calls.
/// </summary>
internal sealed class DuplicateTrail
{
    private readonly long[] _signs = new long[Limits.DuplicateSigns];
    private int _count;

    /// <summary>
    /// Takes a sign; true when it is the one that makes the case. The signs then count no more: what is found again
    /// needs as many new ones.
    /// </summary>
    /// <param name="nowMs">Never lower than in an earlier call.</param>
    /// <param name="spacingMs">A sign that comes sooner after the last one says nothing new; 0 takes all.</param>
    public bool Add(long nowMs, int spacingMs)
    {
        if (_count > 0 && nowMs - _signs[(_count - 1) % _signs.Length] < spacingMs)
            return false;
        _signs[_count++ % _signs.Length] = nowMs;
        if (_count < _signs.Length || nowMs - _signs[_count % _signs.Length] > Limits.DuplicateWindowMs)
            return false;
        _count = 0;
        return true;
    }

    /// <summary>Forgets all signs: the controller explained them.</summary>
    public void Clear() => _count = 0;
}

/// <summary>How a duplicate showed.</summary>
internal enum DuplicateKind
{
    /// <summary>A node's place changed again and again, and the controller moved it at most once.</summary>
    Moves,

    /// <summary>A node still speaks on a host that it left.</summary>
    TwoPlaces,

    /// <summary>A node uses an address of another one.</summary>
    OthersAddress,
}

/// <summary>A duplicate that was found.</summary>
/// <param name="Kind">How it showed.</param>
/// <param name="Address">The MAC or IP address that is in two places.</param>
/// <param name="OtherNode">Whose the address is, when it is another's; else null.</param>
/// <param name="FirstHost">One of the two places.</param>
/// <param name="SecondHost">The other one; the same when both nodes are on one host.</param>
/// <param name="Quarantined">Whether nothing passes from or to the node meanwhile.</param>
/// <param name="EndsMs">When it is forgotten.</param>
internal sealed record DuplicateFinding(
    DuplicateKind Kind, string Address, string? OtherNode, string FirstHost, string SecondHost, bool Quarantined,
    long EndsMs);
