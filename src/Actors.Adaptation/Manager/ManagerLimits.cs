namespace VioActors.Actors.Adaptation.Manager;

/// <summary>Every bound of a site's manager.</summary>
public static class ManagerLimits
{
    /// <summary>Plans whose summaries are kept; the journal keeps all.</summary>
    public const int History = 256;

    /// <summary>Changes that one plan carries out; what is left the next round sees again.</summary>
    public const int ChangesPerPlan = 256;

    /// <summary>Changes that wait or run at once.</summary>
    public const int Work = 512;

    /// <summary>Changes that run at once.</summary>
    public const int Running = 32;

    /// <summary>Moves from or to one host at once: two share its links and make both longer.</summary>
    public const int MovesPerHost = 1;

    /// <summary>Other changes on one host at once.</summary>
    public const int ResizesPerHost = 8;

    /// <summary>Rejected options kept per change.</summary>
    public const int Rejected = 8;

    /// <summary>Notes of one round.</summary>
    public const int Notes = 32;

    /// <summary>Nodes that are remembered; over it the longest untouched are forgotten.</summary>
    public const int Nodes = 16_384;

    /// <summary>Hosts that can be closed at once: all that a site can have.</summary>
    public const int Closed = 512;

    /// <summary>Shortest and longest time between two rounds, in seconds.</summary>
    public const int LeastPeriod = 1;

    /// <summary>Longest time between two rounds, in seconds.</summary>
    public const int MostPeriod = 3600;

    /// <summary>Time between two rounds where nobody set another, in seconds.</summary>
    public const int UsualPeriod = 2;

    /// <summary>A plan that is older is not begun: the loads it was made for are gone.</summary>
    public static readonly TimeSpan PlanAge = TimeSpan.FromMinutes(10);

    /// <summary>How long a node is left alone whose change was refused or failed.</summary>
    public static readonly TimeSpan HoldAfterFailure = TimeSpan.FromMinutes(5);
}
