namespace VioActors.Actors.Site;

/// <summary>Every limit of a site, with the reason for its size where it is not plain.</summary>
public static class SiteLimits
{
    /// <summary>
    /// Hosts of one site: a placement looks at all of them in one turn, which takes it milliseconds, and a change of
    /// reach tells each of them in one turn.
    /// </summary>
    public const int Members = 5000;

    /// <summary>Join tokens that were issued and have not expired.</summary>
    public const int Tokens = 256;

    /// <summary>Users.</summary>
    public const int Users = 1000;

    /// <summary>Images.</summary>
    public const int Images = 1000;

    /// <summary>Environments in the directory.</summary>
    public const int Environments = 20_000;

    /// <summary>Nodes of one environment.</summary>
    public const int Nodes = 256;

    /// <summary>Limits of one environment, of nodes and between pairs; no switch takes more.</summary>
    public const int PairLimits = 256;

    /// <summary>Smallest limit between two nodes, kbit/s.</summary>
    public const int LeastRateKbit = 64;

    /// <summary>Largest limit between two nodes, kbit/s.</summary>
    public const int MostRateKbit = 100_000_000;

    /// <summary>Errors of one spec that are spelled out; the rest is counted.</summary>
    public const int SpecErrors = 100;

    /// <summary>Partial placements that are tried before a request counts as not placeable; bounds one turn.</summary>
    public const int PlacementSteps = 20_000;

    /// <summary>Looks at single hosts in one placement; bounds a turn in which most hosts hold nothing.</summary>
    public const int PlacementLooks = 1_000_000;

    /// <summary>How long a join token may be valid.</summary>
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(15);
}
