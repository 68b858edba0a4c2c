namespace VioActors.Actors.Switch;

/// <summary>Every limit of networks and switches.</summary>
public static class NetworkLimits
{
    /// <summary>Requests of one environment that wait for switches; it has at most two per node.</summary>
    public const int Waits = 512;

    /// <summary>Pairs of nodes of one environment whose traffic is limited; no switch takes more.</summary>
    public const int PairLimits = 256;

    /// <summary>Time before a switch that refused its wanted state gets it again; doubles with every failure.</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    /// <summary>Longest time between two tries.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);
}
