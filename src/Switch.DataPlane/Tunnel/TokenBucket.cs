namespace VioActors.Switch.DataPlane;

/// <summary>
/// Lets through at most so many per second, with a burst of the same number. A mutable struct: keep it in a field.
/// </summary>
internal struct TokenBucket(int perSecond)
{
    private double _tokens = perSecond;
    private long _lastMs;

    public bool TryTake(long nowMs)
    {
        _tokens = Math.Min(perSecond, _tokens + (nowMs - _lastMs) * perSecond / 1000.0);
        _lastMs = nowMs;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
