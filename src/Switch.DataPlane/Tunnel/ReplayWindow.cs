namespace VioActors.Switch.DataPlane;

/// <summary>
/// Which counters of one key were seen: a ring of 64-bit words as in RFC 6479, so that moving forward clears words
/// instead of shifting bits. Ask with <see cref="IsFresh"/> before, and <see cref="Accept"/> only after authentication.
/// </summary>
internal sealed class ReplayWindow
{
    private const int Words = (Limits.ReplayWindow + 64) / 64;
    private readonly ulong[] _ring = new ulong[Words];
    private ulong _highest;
    private bool _any;

    /// <summary>How far the counters have come: one more than the highest; 0 before the first.</summary>
    public ulong Reached => _any ? _highest + 1 : 0;

    /// <summary>Whether a counter was not seen and is not too old.</summary>
    public bool IsFresh(ulong counter)
    {
        if (!_any || counter > _highest)
            return true;
        if (_highest - counter >= Limits.ReplayWindow)
            return false;
        return (_ring[Word(counter)] & Bit(counter)) == 0;
    }

    /// <summary>Marks a counter as seen; false when it was not fresh.</summary>
    public bool Accept(ulong counter)
    {
        if (!IsFresh(counter))
            return false;
        if (!_any || counter > _highest)
        {
            ulong from = _any ? _highest / 64 : 0;
            ulong steps = Math.Min(counter / 64 - from, (ulong)Words);
            for (ulong i = 1; i <= steps; i++)
                _ring[(int)((from + i) % (ulong)Words)] = 0;
            _highest = counter;
            _any = true;
        }

        _ring[Word(counter)] |= Bit(counter);
        return true;
    }

    private static int Word(ulong counter) => (int)(counter / 64 % Words);

    private static ulong Bit(ulong counter) => 1UL << (int)(counter % 64);
}
