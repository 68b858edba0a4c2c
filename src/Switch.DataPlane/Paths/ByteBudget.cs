namespace VioActors.Switch.DataPlane;

/// <summary>
/// Lets through so many bytes per second over all lanes, with a burst of a twentieth of a second. Thread safe.
/// </summary>
internal sealed class ByteBudget
{
    private const int BurstPerSecond = 20;
    private const long LeastBurst = 256 * 1024;
    private readonly Lock _taking = new();
    private double _bytes;
    private long _lastUs;
    private bool _any;

    /// <param name="bytes">Of one datagram.</param>
    /// <param name="perSecond">The limit; 0 lets nothing through.</param>
    /// <param name="nowUs">Monotonic microseconds.</param>
    public bool TryTake(int bytes, long perSecond, long nowUs)
    {
        using Lock.Scope one = _taking.EnterScope();
        double burst = perSecond == 0 ? 0 : Math.Max(LeastBurst, perSecond / BurstPerSecond);
        _bytes = _any ? Math.Min(burst, _bytes + (nowUs - _lastUs) * (double)perSecond / 1e6) : burst;
        (_any, _lastUs) = (true, nowUs);
        if (_bytes < bytes)
            return false;
        _bytes -= bytes;
        return true;
    }
}
