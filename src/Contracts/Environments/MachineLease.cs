namespace VioActors.Contracts.Environments;

/// <summary>
/// How long a connected machine keeps its place in silence. Less frees the place of a killed command sooner, more
/// outlasts longer interruptions of the network.
/// </summary>
public static class MachineLease
{
    /// <summary>The shortest that can be asked for, seconds.</summary>
    public const int ShortestSeconds = 5;

    /// <summary>The longest that can be asked for, seconds.</summary>
    public const int LongestSeconds = 3600;

    /// <summary>What <c>vio connect</c> asks for, seconds.</summary>
    public const int UsualSeconds = 60;

    /// <summary>Renewals in the time of a lease: some may be lost.</summary>
    public const int Renewals = 6;
}
