using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// A port in user space with its own MAC and IP per environment. It asks nodes by ARP and ICMP echo, through the switch
/// like any port, and answers nothing. Owned by the lane thread; results are handed out by tasks.
/// </summary>
internal sealed class Prober(SwitchCore core)
{
    private readonly List<ProbeRun> _runs = [];
    private readonly byte[] _frame = new byte[Limits.VnetHeaderBytes + 64];
    private ushort _lastId;

    /// <summary>Runs that are not finished.</summary>
    public int Active => _runs.Count;

    /// <summary>Starts a run; null or the reason why it cannot start.</summary>
    public string? Start(ProbeRun run)
    {
        bool isPing = run is PingRun;
        int limit = isPing ? Limits.MaxPings : Limits.MaxProbes;
        if (_runs.Count(one => one is PingRun == isPing) >= limit)
            return $"{limit} {(isPing ? "pings" : "probes")} are already running on this host; wait for one to end";
        if (run.Environment.Prober is null)
            return $"environment {run.Environment.Id} has no prober address on this host; apply one first";
        run.Id = ++_lastId;
        run.Cookie = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        run.Begin(core.Time.GetTimestamp());
        _runs.Add(run);
        return null;
    }

    /// <summary>
    /// Sends what is due. Returns the milliseconds until the next send, at most <paramref name="atMostMs"/>.
    /// </summary>
    public int Tick(int atMostMs)
    {
        long now = core.Time.GetTimestamp();
        int wait = atMostMs;
        for (int i = _runs.Count - 1; i >= 0; i--)
        {
            ProbeRun run = _runs[i];
            long nextAt = run.Tick(now, this);
            if (run.IsDone)
            {
                _runs.RemoveAt(i);
                continue;
            }

            double ms = (nextAt - now) * 1000.0 / core.Time.TimestampFrequency;
            wait = Math.Clamp((int)Math.Ceiling(ms), 0, wait);
        }

        return wait;
    }

    /// <summary>A frame for the prober's MAC.</summary>
    public void Receive(SwitchEnvironment environment, ReadOnlySpan<byte> superFrame)
    {
        FrameView frame = FrameView.Parse(superFrame[Limits.VnetHeaderBytes..]);
        if (frame.IsRunt || frame.IsMalformed)
            return;
        long now = core.Time.GetTimestamp();
        bool isEcho = FrameWriter.TryReadEchoReply(
            frame, out Ipv4 from, out ushort id, out ushort sequence, out ulong cookie);
        foreach (ProbeRun run in _runs)
        {
            if (!ReferenceEquals(run.Environment, environment))
                continue;
            if (isEcho && id == run.Id && cookie == run.Cookie && from == run.Target)
                run.OnEcho(sequence, now);
            else if (frame.IsArpReply && frame.ArpSenderIp == run.Target)
                run.OnArp();
        }
    }

    /// <summary>Asks the node itself, so that the table does not answer for it.</summary>
    public void SendArp(ProbeRun run)
    {
        if (run.Environment.Prober is not { } self || run.Environment.Find(run.Target) is not { } entry)
            return;
        int length = FrameWriter.Arp(Body, 1, entry.Mac, self.Mac, self.Ip, default, run.Target);
        core.FromSwitch(run.Environment, entry, _frame.AsSpan(0, Limits.VnetHeaderBytes + length));
    }

    public void SendEcho(ProbeRun run, ushort sequence)
    {
        if (run.Environment.Prober is not { } self || run.Environment.Find(run.Target) is not { } entry)
            return;
        int length = FrameWriter.Echo(Body, entry.Mac, self.Mac, run.Target, self.Ip, run.Id, sequence, run.Cookie);
        core.FromSwitch(run.Environment, entry, _frame.AsSpan(0, Limits.VnetHeaderBytes + length));
    }

    private Span<byte> Body => _frame.AsSpan(Limits.VnetHeaderBytes);
}

/// <summary>
/// One probe or ping. All members are called by the lane thread; times are timestamps of the TimeProvider.
/// </summary>
internal abstract class ProbeRun(SwitchEnvironment environment, Ipv4 target)
{
    public SwitchEnvironment Environment { get; } = environment;
    public Ipv4 Target { get; } = target;
    public ushort Id { get; set; }
    public ulong Cookie { get; set; }
    public bool IsDone { get; protected set; }

    public abstract void Begin(long now);

    /// <summary>Ends it before its time, with what it has. Any thread.</summary>
    public abstract void Stop();

    /// <summary>Sends what is due and returns when it must be called again.</summary>
    public abstract long Tick(long now, Prober prober);

    public abstract void OnArp();

    public abstract void OnEcho(ushort sequence, long now);
}
