namespace VioActors.Switch.DataPlane;

/// <summary>
/// Finds the largest datagram that crosses a path whole, by probes of that size (RFC 8899, DPLPMTUD): only what was
/// acknowledged is used, and messages of routers are not believed. Pure: it says which size to send when.
/// </summary>
/// <param name="sizes">Where to begin, and what is never exceeded.</param>
internal sealed class MtuSearch(PathSizes sizes)
{
    /// <summary>Probes of one size that must stay unanswered before the size counts as too large.</summary>
    public const int Tries = 3;

    /// <summary>The same for the size in use: losing it costs a search.</summary>
    public const int TriesInUse = 4;

    /// <summary>The search ends when the answer is known this exactly, bytes.</summary>
    public const int Step = 8;

    /// <summary>How often the size in use is tried, milliseconds: a route may have got smaller.</summary>
    public const int VerifyMs = 5000;

    /// <summary>How often a larger one is looked for, milliseconds.</summary>
    public const int RaiseMs = 60_000;

    private int _tooLarge = sizes.Most + 1;
    private int _asked;
    private int _tries;
    private long _askedMs;
    private long _verifyMs;
    private long _raiseMs;
    private bool _searching = true;
    private bool _wantsMost = true;

    /// <summary>Bytes of the largest datagram that may be sent.</summary>
    public int Usable { get; private set; } = sizes.Least;

    /// <summary>Whether it may still grow soon.</summary>
    public bool IsSearching => _searching;

    /// <summary>Size of the probe to send now; 0 for none.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="patienceMs">How long an answer may take.</param>
    public int Next(long nowMs, int patienceMs)
    {
        if (_asked != 0)
        {
            if (nowMs - _askedMs < patienceMs)
                return 0;
            if (_tries >= (_asked == Usable ? TriesInUse : Tries))
                Failed(_asked, nowMs);
        }

        if (_asked == 0)
            _asked = Choose(nowMs);
        if (_asked == 0)
            return 0;
        _tries++;
        _askedMs = nowMs;
        return _asked;
    }

    /// <summary>A probe of this size was answered.</summary>
    /// <param name="size">Bytes of its datagram.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    public void Crossed(int size, long nowMs)
    {
        if (size > sizes.Most || size < sizes.Least)
            return;
        if (size > Usable)
        {
            Usable = size;
            _tooLarge = Math.Max(_tooLarge, size + 1);
        }

        if (_asked == 0 || size < _asked)
            return;
        (_asked, _tries) = (0, 0);
        _verifyMs = nowMs + VerifyMs;
        if (_searching && _tooLarge - Usable <= Step)
            Settle(nowMs);
    }

    private void Failed(int size, long nowMs)
    {
        (_asked, _tries) = (0, 0);
        if (size == Usable)
        {
            // Small datagrams may still pass: a black hole. Begin again from what always works.
            Usable = sizes.Least;
            (_tooLarge, _searching, _wantsMost) = (sizes.Most + 1, true, true);
            return;
        }

        _tooLarge = size;
        _wantsMost = false;
        if (_tooLarge - Usable <= Step)
            Settle(nowMs);
    }

    private void Settle(long nowMs)
    {
        _searching = false;
        _verifyMs = nowMs + VerifyMs;
        _raiseMs = nowMs + RaiseMs;
    }

    private int Choose(long nowMs)
    {
        if (!_searching && Usable < sizes.Most && nowMs >= _raiseMs)
            (_searching, _wantsMost, _tooLarge) = (true, true, sizes.Most + 1);
        if (_searching && Usable == sizes.Most)
            Settle(nowMs);
        if (_searching)
            return _wantsMost ? sizes.Most : Usable + (_tooLarge - Usable) / 2;
        if (nowMs < _verifyMs || Usable == sizes.Least)
            return 0;
        return Usable;
    }
}
