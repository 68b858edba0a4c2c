namespace VioActors.Simulation.World;

/// <summary>How nodes are copied while they run.</summary>
public sealed record CopySetup
{
    /// <summary>Rounds before the guest is stopped; Xen has 29.</summary>
    public int MostRounds { get; init; } = 29;

    /// <summary>The guest is stopped when so little is left, in MiB; Xen's 50 pages are 0.2.</summary>
    public double StopMiB { get; init; } = 0.2;

    /// <summary>The guest is stopped when more than so many times its memory was sent; Xen has 3.</summary>
    public double MostSent { get; init; } = 3;

    /// <summary>Copies that a host, or the link of a site, carries at once; the others wait for them.</summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>From the last byte until the guest runs on.</summary>
    public TimeSpan Resume { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Part of its speed that a guest keeps while it is copied; Beloglazov and Buyya (2012): 0.9.</summary>
    public double SpeedWhileCopied { get; init; } = 0.9;

    /// <summary>
    /// An environment gets nothing done so long when nodes of it arrive, however many, while its nodes go on spinning;
    /// Ruth (2007) measured 17 to 25 s for a whole one. Zero: only each node's own downtime counts.
    /// </summary>
    public TimeSpan EnvironmentStall { get; init; }

    /// <summary>
    /// Whether nodes are where they go at once, without copies: then <see cref="EnvironmentStall"/> is all that a move
    /// costs, the accounting of Ruth (2007).
    /// </summary>
    public bool Instant { get; init; }
}

/// <summary>
/// A node on its way, as Clark et al. (Live Migration of Virtual Machines, NSDI 2005) copy it: first all its memory,
/// then in rounds what was written meanwhile, at most its writable working set; then it is stopped and the rest sent.
/// </summary>
/// <remarks>The ends of the rounds are Xen's, as in Akoush et al. (MASCOTS 2010).</remarks>
/// <param name="memoryMiB">All its memory.</param>
/// <param name="workingSetMiB">What it writes again and again.</param>
/// <param name="setup">When it is stopped.</param>
public sealed class PreCopy(double memoryMiB, double workingSetMiB, CopySetup setup)
{
    private readonly double _mostSentMiB = setup.MostSent * memoryMiB;
    private double _left = memoryMiB;
    private double _dirtied;

    /// <summary>The round that is sent, from 1.</summary>
    public int Round { get; private set; } = 1;

    /// <summary>All that was sent so far, in MiB.</summary>
    public double SentMiB { get; private set; }

    /// <summary>How long it has been copied, in seconds.</summary>
    public double Seconds { get; private set; }

    /// <summary>How long the guest was stopped, in seconds; null while it is copied.</summary>
    public double? DowntimeSeconds { get; private set; }

    /// <summary>Copies for so many seconds. When it comes to its end, the downtime lies behind that.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="mibPerSecond">What the links carry now; more than 0.</param>
    /// <param name="dirtyMiBPerSecond">What the guest writes anew now.</param>
    public void Advance(double seconds, double mibPerSecond, double dirtyMiBPerSecond)
    {
        while (seconds > 0 && DowntimeSeconds is null)
        {
            var part = Math.Min(seconds, _left / mibPerSecond);
            seconds -= part;
            Seconds += part;
            SentMiB += part * mibPerSecond;
            _left -= part * mibPerSecond;
            _dirtied = Math.Min(workingSetMiB, _dirtied + part * dirtyMiBPerSecond);
            if (_left > 1e-9) continue;
            if (_dirtied <= setup.StopMiB || Round >= setup.MostRounds
                || SentMiB + _dirtied > _mostSentMiB)
                DowntimeSeconds = _dirtied / mibPerSecond + setup.Resume.TotalSeconds;
            else
                Round++;
            SentMiB += DowntimeSeconds is null ? 0 : _dirtied;
            (_left, _dirtied) = (_dirtied, 0);
        }
    }

    /// <summary>What a whole copy would cost at these rates.</summary>
    /// <returns>Seconds of copying and of standing still.</returns>
    public static (double Seconds, double DowntimeSeconds) Expect(
        double memoryMiB, double workingSetMiB, double mibPerSecond, double dirtyMiBPerSecond, CopySetup setup)
    {
        var copy = new PreCopy(memoryMiB, workingSetMiB, setup);
        copy.Advance(double.MaxValue, mibPerSecond, dirtyMiBPerSecond);
        return (copy.Seconds, copy.DowntimeSeconds!.Value);
    }
}
