namespace VioActors.Switch.DataPlane;

/// <summary>
/// Whether several datagrams may go to a host in one call (UDP GSO), by what the host says arrived of test runs. Some
/// kernels and drivers mangle runs, some only short ones: then single datagrams arrive and runs do not. Pure.
/// </summary>
internal sealed class RunPolicy
{
    /// <summary>Single datagrams of one test; they show whether the path loses anyway.</summary>
    public const int Singles = 12;

    /// <summary>Datagrams of the short run of one test.</summary>
    public const int Short = 4;

    /// <summary>Datagrams of the long run of one test.</summary>
    public const int Long = 12;

    /// <summary>Runs that are shorter go one by one where short ones are lost.</summary>
    public const int LeastLongRun = 8;

    private const int AgainMs = 1000;
    private const int GoodMs = 5 * 60_000;
    private const int FirstRetryMs = 60_000;
    private const int LastRetryMs = 10 * 60_000;
    private const int BadInARow = 2;
    private const int UnansweredInARow = 3;
    private int _badLong;
    private int _badShort;
    private int _unanswered;
    private int _retryMs = FirstRetryMs;

    /// <summary>Whether runs arrive, as far as is known.</summary>
    public bool TakesRuns { get; private set; } = true;

    /// <summary>Datagrams that a run must have at least.</summary>
    public int LeastRun { get; private set; } = SocketAddress.ShortestRun;

    /// <summary>Milliseconds until the next test.</summary>
    public int NextMs { get; private set; } = AgainMs / 2;

    /// <summary>What arrived of one test. One bad test may be chance: it is repeated at once.</summary>
    public void Arrived(int singles, int shortRun, int longRun)
    {
        _unanswered = 0;
        if (singles < Singles / 2)
        {
            // The path is jammed: nothing is learned.
            NextMs = Wait();
            return;
        }

        double passed = Math.Min(1, (double)singles / Singles);
        _badLong = longRun < Long * passed / 2 ? _badLong + 1 : 0;
        _badShort = shortRun < Short * passed / 2 ? _badShort + 1 : 0;
        if (_badLong == 0)
            TakesRuns = true;
        else if (_badLong >= BadInARow)
            TakesRuns = false;
        if (_badShort == 0)
            LeastRun = SocketAddress.ShortestRun;
        else if (_badShort >= BadInARow)
            LeastRun = LeastLongRun;
        bool sure = _badLong is 0 or >= BadInARow && _badShort is 0 or >= BadInARow;
        NextMs = sure ? Wait() : AgainMs;
    }

    /// <summary>No word came about a test.</summary>
    public void Unanswered()
    {
        _unanswered++;
        NextMs = _unanswered < UnansweredInARow ? AgainMs : Wait();
    }

    /// <summary>The kernel refused a run.</summary>
    public void Refused()
    {
        TakesRuns = false;
        NextMs = Wait();
    }

    private int Wait()
    {
        if (TakesRuns && LeastRun == SocketAddress.ShortestRun)
        {
            _retryMs = FirstRetryMs;
            return GoodMs;
        }

        int wait = _retryMs;
        _retryMs = Math.Min(LastRetryMs, _retryMs * 2);
        return wait;
    }
}
