namespace VioActors.Daemon.Server.Adaptation;

/// <summary>Bounds of looking at a site and of carrying plans out.</summary>
internal static class AdaptLimits
{
    /// <summary>Snapshots that are kept; the oldest go first.</summary>
    public const int SnapshotFiles = 256;

    /// <summary>Bytes that all snapshots may take together.</summary>
    public const long SnapshotBytes = 64L << 20;

    /// <summary>Longest snapshot that is read back, bytes as JSON: more than any site makes.</summary>
    public const long SnapshotJsonBytes = 1L << 30;

    /// <summary>Agents that are asked at the same time.</summary>
    public const int AgentsAtOnce = 64;

    /// <summary>How often a command is sent again to an environment that is too busy to take it.</summary>
    public const int BusyTries = 10;

    /// <summary>An agent that has not answered after this is silent; its nodes keep their older samples.</summary>
    public static readonly TimeSpan AgentAnswer = TimeSpan.FromSeconds(2);

    /// <summary>A round that takes longer is broken off.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(50);

    /// <summary>How much later than the newest sample a host's silence is worth a note.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromSeconds(30);

    /// <summary>A clock that differs by more is worth a note; its samples are corrected by any difference.</summary>
    public static readonly TimeSpan ClockNote = TimeSpan.FromSeconds(2);

    /// <summary>Change of amounts: a guest that gives its memory back slowly is asked for some minutes.</summary>
    public static readonly TimeSpan ResizeEnds = TimeSpan.FromMinutes(5);

    /// <summary>Move: large nodes over slow links take long; what is observed decides, not this.</summary>
    public static readonly TimeSpan MoveEnds = TimeSpan.FromHours(1);

    /// <summary>Time between looks at an operation.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
}
