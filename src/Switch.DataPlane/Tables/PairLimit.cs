namespace VioActors.Switch.DataPlane;

/// <summary>
/// Most that one node may send to one other, or that passes a port in one direction. Frames beyond it wait, in a
/// bounded queue, until their time has come: a guest's TCP then settles at the limit, which it would not if they were
/// dropped. Charged before encryption, so that a guest cannot evade it; on one host as between two.
/// What waits is of one lane; the clock may be shared by all.
/// </summary>
/// <param name="clock">The limit; lanes may share it.</param>
internal sealed class PairLimit(PairClock clock)
{
    /// <summary>How much may wait: so long as the limit needs for it, within these bounds.</summary>
    private const double MostSeconds = 0.05;

    private const int LeastBytes = 4 * Limits.MaxSuperFrameBytes;
    private const int MostBytes = 16 * Limits.MaxSuperFrameBytes;
    private FrameRing? _waiting;

    public PairLimit(long bytesPerSecond)
        : this(new PairClock(bytesPerSecond))
    {
    }

    public PairClock Clock => clock;

    public long BytesPerSecond => clock.BytesPerSecond;

    /// <summary>Frames that wait.</summary>
    public int Waiting => _waiting?.Count ?? 0;

    /// <summary>When the next one may go, in microseconds of the lane's clock.</summary>
    public long DueUs => clock.DueUs;

    /// <summary>Whether a frame may go at once; then it is charged.</summary>
    public bool TryPass(int frameBytes, long nowUs) => Waiting == 0 && clock.TryCharge(frameBytes, nowUs);

    /// <summary>Lets a frame wait; false when too much waits already.</summary>
    public bool TryWait(ReadOnlySpan<byte> superFrame)
    {
        _waiting ??= new FrameRing((int)Math.Clamp(BytesPerSecond * MostSeconds, LeastBytes, MostBytes));
        return _waiting.TryAdd(superFrame);
    }

    /// <summary>The oldest waiting frame whose time has come, now charged; false when there is none.</summary>
    public bool TryTake(long nowUs, out ReadOnlySpan<byte> superFrame)
    {
        superFrame = default;
        if (Waiting == 0 || nowUs < DueUs)
            return false;
        ReadOnlySpan<byte> oldest = _waiting!.Peek();
        if (!clock.TryCharge(oldest.Length - Limits.VnetHeaderBytes, nowUs))
            return false;
        _waiting.Remove();
        superFrame = oldest;
        return true;
    }
}
