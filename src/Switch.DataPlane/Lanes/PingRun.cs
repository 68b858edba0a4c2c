namespace VioActors.Switch.DataPlane;

/// <summary>What a ping counted. Times in milliseconds.</summary>
/// <param name="Sent">Echo requests.</param>
/// <param name="Received">Requests that were answered in time.</param>
/// <param name="Lost">Requests whose time is over without an answer.</param>
/// <param name="Duplicates">Answers beyond the first.</param>
/// <param name="LongestGapMs">Longest time without an answer: between two answers, before the first or after the
/// last.</param>
/// <param name="RttP50Ms">Median round trip; 0 without answers.</param>
/// <param name="RttP99Ms">99th percentile of the round trips; 0 without answers.</param>
public sealed record PingReport(
    int Sent, int Received, int Lost, int Duplicates, double LongestGapMs, double RttP50Ms, double RttP99Ms);

/// <summary>
/// Sends echo requests at a fixed interval and watches for answers. A late tick sends the requests it missed one by
/// one,
/// not in a burst: the schedule moves on from the present.
/// </summary>
internal sealed class PingRun : ProbeRun
{
    private readonly TaskCompletionSource<PingReport> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly long _interval;
    private readonly long _timeout;
    private readonly int _count;
    private readonly long[] _sentAt;
    private readonly bool[] _answered;
    private readonly List<double> _rtts = [];
    private int _sent;
    private int _settled;
    private int _received;
    private int _duplicates;
    private long _startedAt;
    private long _nextSend;
    private long _lastSent;
    private long _lastAnswer;
    private long _longestGap;
    private volatile bool _stopping;

    /// <param name="environment">Where the node is.</param>
    /// <param name="target">Its address.</param>
    /// <param name="interval">At least <see cref="Limits.MinPingIntervalMs"/>.</param>
    /// <param name="count">At most <see cref="Limits.MaxPingCount"/>.</param>
    /// <param name="timeout">Of each request.</param>
    /// <param name="time">Clock.</param>
    public PingRun(SwitchEnvironment environment, Ipv4 target, TimeSpan interval, int count, TimeSpan timeout,
        TimeProvider time)
        : base(environment, target)
    {
        _time = time;
        _interval = Ticks(interval);
        _timeout = Ticks(timeout);
        _count = count;

        // Enough for every request that can be open at once: older ones are settled before their place is used again.
        int open = (int)Math.Min(count, timeout / interval + 2);
        _sentAt = new long[open];
        _answered = new bool[open];
    }

    public Task<PingReport> Result => _result.Task;

    /// <summary>Ends sending; requests on the way are still waited for. Any thread.</summary>
    public override void Stop() => _stopping = true;

    public override void Begin(long now) => _startedAt = _nextSend = now;

    public override long Tick(long now, Prober prober)
    {
        Settle(now);
        bool sending = !_stopping && _sent < _count;
        if (sending && now >= _nextSend)
        {
            int place = _sent % _sentAt.Length;
            if (_sent - _settled < _sentAt.Length)
            {
                _sentAt[place] = _lastSent = _time.GetTimestamp();
                _answered[place] = false;
                _nextSend = Math.Max(_nextSend + _interval, now - _interval);
                prober.SendEcho(this, (ushort)_sent++);
            }
        }

        if ((_stopping || _sent == _count) && _settled == _sent)
            Finish();
        return sending ? _nextSend : now + _time.TimestampFrequency / 100;
    }

    public override void OnArp()
    {
    }

    public override void OnEcho(ushort sequence, long now)
    {
        // The full number of the request: the newest one that ends in these 16 bits.
        int number = (_sent - 1 & ~0xFFFF) | sequence;
        if (number >= _sent)
            number -= 0x10000;
        if (number < _settled || number < 0)
        {
            _duplicates++;
            return;
        }

        int place = number % _sentAt.Length;
        if (_answered[place])
        {
            _duplicates++;
            return;
        }

        _answered[place] = true;
        _received++;
        _rtts.Add(_time.GetElapsedTime(_sentAt[place], now).TotalMilliseconds);
        _longestGap = Math.Max(_longestGap, now - (_lastAnswer == 0 ? _startedAt : _lastAnswer));
        _lastAnswer = now;
        while (_settled < _sent && _answered[_settled % _sentAt.Length])
            _settled++;
    }

    private void Settle(long now)
    {
        while (_settled < _sent)
        {
            int place = _settled % _sentAt.Length;
            if (!_answered[place] && now - _sentAt[place] < _timeout)
                return;
            _settled++;
        }
    }

    private void Finish()
    {
        if (IsDone)
            return;
        IsDone = true;
        _longestGap = Math.Max(_longestGap, _lastSent - (_lastAnswer == 0 ? _startedAt : _lastAnswer));
        _rtts.Sort();
        _result.TrySetResult(new PingReport(_sent, _received, _sent - _received, _duplicates,
            _time.GetElapsedTime(0, _longestGap).TotalMilliseconds, Percentile(0.50), Percentile(0.99)));
    }

    private double Percentile(double share) =>
        _rtts.Count == 0 ? 0 : Math.Round(_rtts[Math.Min(_rtts.Count - 1, (int)(share * _rtts.Count))], 3);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
