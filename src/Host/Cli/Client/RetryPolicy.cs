namespace VioActors.Daemon.Cli;

/// <summary>How long a client goes on when connections fail or the server is busy.</summary>
/// <param name="Attempts">Most requests sent for one call, the first included.</param>
/// <param name="FirstDelay">Wait before the second; each later wait is twice as long, up to <paramref
/// name="LongestDelay"/>.</param>
/// <param name="LongestDelay">Longest wait between two requests, also when the server asks for more.</param>
internal sealed record RetryPolicy(int Attempts, TimeSpan FirstDelay, TimeSpan LongestDelay)
{
    /// <summary>For a person at a terminal: about one second.</summary>
    public static readonly RetryPolicy Terminal = new(4, TimeSpan.FromMilliseconds(150), TimeSpan.FromSeconds(2));

    /// <summary>For work that outlives a restart of the server: about 30 seconds.</summary>
    public static readonly RetryPolicy Patient = new(34, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    /// <summary>The wait after that many requests failed.</summary>
    public TimeSpan DelayAfter(int failed, TimeSpan? asked = null)
    {
        var own = FirstDelay * Math.Pow(2, Math.Min(failed - 1, 16));
        var wanted = asked > own ? asked.Value : own;
        return wanted < LongestDelay ? wanted : LongestDelay;
    }
}
