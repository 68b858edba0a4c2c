namespace VioActors.Bench.Vhost;

/// <summary>Two nodes of one switch, driven by the caller's thread: the first sends, the second receives.</summary>
internal interface INodePair : IDisposable
{
    /// <summary>Says what will be sent, while nothing is on the way.</summary>
    void Prepare(ReadOnlySpan<byte> superFrame);

    /// <summary>Sends that super-frame; false when there is no room now.</summary>
    bool TrySend(ReadOnlySpan<byte> superFrame);

    /// <summary>After some were sent.</summary>
    void Kick();

    /// <summary>Takes one super-frame; 0 when none is there.</summary>
    /// <param name="room">For a pair that copies.</param>
    int TryReceive(Span<byte> room);
}

/// <summary>What one measurement saw.</summary>
/// <param name="PerSecond">Frames that arrived per second.</param>
/// <param name="Lost">Frames that did not.</param>
internal readonly record struct PairRate(double PerSecond, long Lost);

/// <summary>Keeps some frames on the way and counts those that arrive.</summary>
internal sealed class PairMeter(TimeProvider time)
{
    private const int PatienceMs = 20;
    private const int QuietMs = 300;
    private readonly byte[] _received = new byte[70_000];

    /// <summary>Measures one pair.</summary>
    /// <param name="pair">Idle.</param>
    /// <param name="superFrame">What is sent.</param>
    /// <param name="window">Frames on the way.</param>
    /// <param name="length">How long.</param>
    public PairRate Measure(INodePair pair, byte[] superFrame, int window, TimeSpan length)
    {
        pair.Prepare(superFrame);
        long sent = 0, received = 0, lost = 0;
        var started = time.GetTimestamp();
        var heard = started;
        while (time.GetElapsedTime(started) < length)
        {
            var before = sent;
            while (sent - received - lost < window && pair.TrySend(superFrame)) sent++;
            if (sent > before) pair.Kick();
            var got = Drain(pair, superFrame.Length);
            received += got;
            if (got > 0)
            {
                heard = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(heard).TotalMilliseconds > PatienceMs)
            {
                lost = sent - received;
                heard = time.GetTimestamp();
            }
        }

        var took = time.GetElapsedTime(started).TotalSeconds;
        var inTime = received;
        for (var quiet = time.GetTimestamp(); time.GetElapsedTime(quiet).TotalMilliseconds < QuietMs;)
        {
            var late = Drain(pair, superFrame.Length);
            received += late;
            if (late > 0) quiet = time.GetTimestamp();
        }

        return new PairRate(inTime / took, sent - received);
    }

    private int Drain(INodePair pair, int length)
    {
        var count = 0;
        for (int got; (got = pair.TryReceive(_received)) > 0;)
        {
            if (got != length) throw new BenchException($"A frame of {length} bytes arrived with {got}.");
            count++;
        }

        return count;
    }
}
