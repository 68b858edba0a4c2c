namespace VioActors.Switch.DataPlane;

/// <summary>Asks a node by ARP and then by ICMP echo, each repeated until it answers or the time is over.</summary>
internal sealed class ReadyProbe(SwitchEnvironment environment, Ipv4 target, TimeSpan timeout, TimeProvider time)
    : ProbeRun(environment, target)
{
    private const int RepeatMs = 200;
    private readonly TaskCompletionSource<TimeSpan?> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, long> _sent = [];
    private long _deadline;
    private long _nextSend;
    private ushort _sequence;
    private bool _arpAnswered;
    private volatile bool _stopping;

    /// <summary>The round trip of the echo; null when the time was over or it was stopped.</summary>
    public Task<TimeSpan?> Result => _result.Task;

    public override void Stop() => _stopping = true;

    public override void Begin(long now)
    {
        _nextSend = now;
        _deadline = now + (long)(timeout.TotalSeconds * time.TimestampFrequency);
    }

    public override long Tick(long now, Prober prober)
    {
        if (IsDone)
            return now;
        if (now >= _deadline || _stopping)
        {
            IsDone = true;
            _result.TrySetResult(null);
            return now;
        }

        if (now >= _nextSend)
        {
            _nextSend = now + RepeatMs * time.TimestampFrequency / 1000;
            if (_arpAnswered)
            {
                _sent[++_sequence] = time.GetTimestamp();
                prober.SendEcho(this, _sequence);
            }
            else
            {
                prober.SendArp(this);
            }
        }

        return Math.Min(_nextSend, _deadline);
    }

    public override void OnArp()
    {
        if (!_arpAnswered)
            _nextSend = 0;
        _arpAnswered = true;
    }

    public override void OnEcho(ushort sequence, long now)
    {
        if (IsDone || !_sent.TryGetValue(sequence, out long sent))
            return;
        IsDone = true;
        _result.TrySetResult(time.GetElapsedTime(sent, now));
    }
}
