namespace VioActors.Switch.DataPlane;

/// <summary>
/// Most that one node may send to one other, or that passes a port in one direction. Frames beyond it wait, in a
/// bounded queue, until their time has come: a guest's TCP then settles at the limit, which it would not if they were
/// dropped. Charged before encryption, so that a guest cannot evade it; on one host as between two. Owned by one lane.
/// </summary>
/// <param name="bytesPerSecond">Of Ethernet frames.</param>
internal sealed class PairLimit(long bytesPerSecond)
{
    /// <summary>How far ahead of its time a frame may go: the lane's clock ticks in milliseconds.</summary>
    private const long AheadUs = 2000;

    /// <summary>
    /// Time that is made up for when a frame goes late, because the lane had other work or the machine had; more is
    /// lost. It is also the burst after a silence.
    /// </summary>
    private const long BehindUs = 10_000;

    /// <summary>How much may wait: so long as the limit needs for it, within these bounds.</summary>
    private const double MostSeconds = 0.05;

    private const int LeastBytes = 4 * Limits.MaxSuperFrameBytes;
    private const int MostBytes = 16 * Limits.MaxSuperFrameBytes;
    private FrameRing? _waiting;
    private long _freeAtNs;

    public long BytesPerSecond => bytesPerSecond;

    /// <summary>Frames that wait.</summary>
    public int Waiting => _waiting?.Count ?? 0;

    /// <summary>When the next one may go, in microseconds of the lane's clock.</summary>
    public long DueUs => _freeAtNs / 1000 - AheadUs;

    /// <summary>Whether a frame may go at once; then it is charged.</summary>
    public bool TryPass(int frameBytes, long nowUs)
    {
        if (Waiting > 0 || nowUs < DueUs)
            return false;
        Charge(frameBytes, nowUs);
        return true;
    }

    /// <summary>Lets a frame wait; false when too much waits already.</summary>
    public bool TryWait(ReadOnlySpan<byte> superFrame)
    {
        _waiting ??= new FrameRing((int)Math.Clamp(bytesPerSecond * MostSeconds, LeastBytes, MostBytes));
        return _waiting.TryAdd(superFrame);
    }

    /// <summary>The oldest waiting frame whose time has come, now charged; false when there is none.</summary>
    public bool TryTake(long nowUs, out ReadOnlySpan<byte> superFrame)
    {
        superFrame = default;
        if (Waiting == 0 || nowUs < DueUs)
            return false;
        superFrame = _waiting!.Peek();
        _waiting.Remove();
        Charge(superFrame.Length - Limits.VnetHeaderBytes, nowUs);
        return true;
    }

    private void Charge(int frameBytes, long nowUs) =>
        _freeAtNs = Math.Max(_freeAtNs, (nowUs - BehindUs) * 1000) + frameBytes * 1_000_000_000L / bytesPerSecond;
}
