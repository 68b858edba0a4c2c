namespace VioActors.Switch.DataPlane;

/// <summary>
/// Lets through at most so many per second over all lanes, with a burst of the same number: the virtual scheduling of
/// the generic cell rate algorithm (ITU-T I.371), whose whole state is one number. Thread safe, without a lock.
/// </summary>
internal sealed class StormClock(int perSecond)
{
    private const long BurstNs = 1_000_000_000;
    private readonly long _eachNs = BurstNs / perSecond;
    private long _nextNs = long.MinValue / 2;

    public bool TryTake(long nowMs)
    {
        long nowNs = nowMs * 1_000_000;
        for (long seen = Volatile.Read(ref _nextNs); ;)
        {
            long next = Math.Max(seen, nowNs) + _eachNs;
            if (next - nowNs > BurstNs)
                return false;
            long found = Interlocked.CompareExchange(ref _nextNs, next, seen);
            if (found == seen)
                return true;
            seen = found;
        }
    }
}
