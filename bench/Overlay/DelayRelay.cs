namespace VioActors.Bench.Overlay;

/// <summary>
/// A slow wire between the hosts: a TAP on each, and a thread for each direction that reads frames from one, keeps them
/// for half of the round trip and writes them to the other.
/// </summary>
internal sealed class DelayRelay : IAsyncDisposable
{
    /// <summary>Name of the TAPs.</summary>
    public const string Link = "wan0";

    // Half a round trip of 100 ms at 650,000 frames per second, or at 10 Gbit/s.
    private const int Places = 1 << 15;
    private const int Room = 1 << 26;
    private const int Burst = 64;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly DelayTap _a;
    private readonly DelayTap _b;
    private readonly Task[] _directions;
    private long _oneWay;

    private DelayRelay(Underlay under, DelayTap a, DelayTap b)
    {
        (_time, _a, _b) = (under.Time, a, b);
        _directions = [Start(under.A, a, b), Start(under.B, b, a)];
    }

    /// <summary>Round trip that it adds.</summary>
    public TimeSpan RoundTrip
    {
        set => Interlocked.Exchange(ref _oneWay, (long)(value.TotalSeconds / 2 * _time.TimestampFrequency));
    }

    /// <summary>Whether super-frames pass whole, as over a veth; else frames pass as they would be on a wire.</summary>
    public bool Whole
    {
        set => _a.Whole = _b.Whole = value;
    }

    /// <summary>Makes the TAPs, down and without addresses, and begins to relay.</summary>
    public static async Task<DelayRelay> StartAsync(Underlay under)
    {
        var a = await NamespaceThread.RunAsync(under.A, () => DelayTap.Open(Link));
        try
        {
            return new DelayRelay(under, a, await NamespaceThread.RunAsync(under.B, () => DelayTap.Open(Link)));
        }
        catch
        {
            a.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_directions);
        _a.Dispose();
        _b.Dispose();
        _stop.Dispose();
    }

    private Task Start(string space, DelayTap from, DelayTap to) =>
        NamespaceThread.RunAsync(space, () =>
        {
            Relay(from, to);
            return true;
        });

    private void Relay(DelayTap from, DelayTap to)
    {
        var line = new DelayLine(Places, Room);
        while (!_stop.IsCancellationRequested)
        {
            var taken = 0;
            for (; taken < Burst; taken++)
            {
                var free = line.Free;
                var bytes = free.Length == 0 ? 0 : from.Read(free);
                if (bytes <= 0) break;
                line.Add(bytes, _time.GetTimestamp() + Interlocked.Read(ref _oneWay));
            }

            var now = _time.GetTimestamp();
            for (var sent = 0; sent < Burst && line.Count > 0 && line.FirstDue <= now; sent++)
            {
                to.Write(line.First);
                line.RemoveFirst();
            }

            if (taken == Burst) continue;
            var wait = line.Count == 0 ? LongestWait : _time.GetElapsedTime(now, line.FirstDue);
            if (wait > TimeSpan.Zero) from.Wait(wait < LongestWait ? wait : LongestWait);
        }
    }
}
