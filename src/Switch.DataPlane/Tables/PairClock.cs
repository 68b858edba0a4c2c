namespace VioActors.Switch.DataPlane;

/// <summary>
/// When the next frame of one limit may go, over all lanes: the virtual scheduling of the generic cell rate algorithm
/// (ITU-T I.371), whose whole state is one number. Thread safe, without a lock.
/// </summary>
/// <param name="bytesPerSecond">Of Ethernet frames.</param>
internal sealed class PairClock(long bytesPerSecond)
{
    /// <summary>How far ahead of its time a frame may go: a lane's clock ticks in milliseconds.</summary>
    private const long AheadUs = 2000;

    /// <summary>
    /// Time that is made up for when a frame goes late, because the lane had other work or the machine had; more is
    /// lost. It is also the burst after a silence.
    /// </summary>
    private const long BehindUs = 10_000;

    private long _freeAtNs;

    public long BytesPerSecond => bytesPerSecond;

    /// <summary>When the next one may go, in microseconds of the lanes' clock.</summary>
    public long DueUs => DueAt(Volatile.Read(ref _freeAtNs));

    /// <summary>Whether a frame may go at once; then it is charged.</summary>
    public bool TryCharge(int frameBytes, long nowUs)
    {
        for (long seen = Volatile.Read(ref _freeAtNs); ;)
        {
            if (nowUs < DueAt(seen))
                return false;
            long next = Math.Max(seen, (nowUs - BehindUs) * 1000) + frameBytes * 1_000_000_000L / bytesPerSecond;
            long found = Interlocked.CompareExchange(ref _freeAtNs, next, seen);
            if (found == seen)
                return true;
            seen = found;
        }
    }

    private static long DueAt(long freeAtNs) => freeAtNs / 1000 - AheadUs;
}

/// <summary>The clocks of all limits of pairs; lanes that are told of the same limit get the same one. Thread safe.
/// </summary>
internal sealed class PairClocks
{
    private readonly Dictionary<(string Environment, ulong From, ulong To), PairClock> _clocks = [];
    private readonly Lock _changing = new();

    /// <summary>The same one as long as the limit is the same.</summary>
    public PairClock Of(string environment, (ulong From, ulong To) pair, long bytesPerSecond)
    {
        lock (_changing)
        {
            (string, ulong, ulong) key = (environment, pair.From, pair.To);
            if (_clocks.GetValueOrDefault(key) is not { } clock || clock.BytesPerSecond != bytesPerSecond)
                _clocks[key] = clock = new PairClock(bytesPerSecond);
            return clock;
        }
    }

    /// <summary>The pair has no limit any more.</summary>
    public void Forget(string environment, (ulong From, ulong To) pair)
    {
        lock (_changing)
            _clocks.Remove((environment, pair.From, pair.To));
    }
}
