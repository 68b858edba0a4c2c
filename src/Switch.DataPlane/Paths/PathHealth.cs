namespace VioActors.Switch.DataPlane;

/// <summary>Whether a path answers, and how fast: from small probes on it, not from what happens to come in. Pure.
/// </summary>
internal sealed class PathHealth
{
    /// <summary>Time between two probes of a path that answers, milliseconds; they also hold NAT mappings.</summary>
    public const int EveryMs = 2000;

    /// <summary>The same while an answer is missing.</summary>
    public const int HurryMs = 500;

    /// <summary>Probes in a row without an answer that make a path dead.</summary>
    public const int DeadAfter = 3;

    private const int LeastPatienceMs = 250;
    private const int MostPatienceMs = 2000;
    private bool _waiting;
    private long _nextMs;

    /// <summary>Smoothed round trip, microseconds (RFC 6298's weights); null before the first answer.</summary>
    public long? RttUs { get; private set; }

    /// <summary>Probes in a row that were not answered.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Whether it answered on this path, and lately.</summary>
    public bool IsProven => RttUs is not null && !IsDead;

    /// <summary>Whether so many probes are unanswered that the path is to be given up.</summary>
    public bool IsDead => Unanswered >= DeadAfter;

    /// <summary>How long an answer may take, milliseconds.</summary>
    public int PatienceMs =>
        (int)Math.Clamp((RttUs ?? 0) * 4 / 1000, LeastPatienceMs, MostPatienceMs);

    /// <summary>Whether a probe is to be sent now; the caller sends it.</summary>
    public bool Due(long nowMs)
    {
        if (nowMs < _nextMs)
            return false;
        if (_waiting && Unanswered < DeadAfter)
            Unanswered++;
        _waiting = true;
        _nextMs = nowMs + Math.Max(HurryMs, PatienceMs);
        return true;
    }

    /// <summary>An answer came on this path.</summary>
    public void Answered(long roundTripUs, long nowMs)
    {
        RttUs = RttUs is { } smooth ? smooth + (roundTripUs - smooth) / 8 : roundTripUs;
        Unanswered = 0;
        if (_waiting)
            _nextMs = nowMs + EveryMs;
        _waiting = false;
    }
}
