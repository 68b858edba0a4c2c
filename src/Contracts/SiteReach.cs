using System.Collections.Immutable;

namespace VioActors.Contracts;

/// <summary>
/// What an operator knows of the networks between a site's hosts and they cannot find out: who passes on for all, and
/// which ways lead through other hosts. Hosts that reach each other directly, or through a host of the same
/// environment, need nothing of it.
/// </summary>
public sealed record SiteReach
{
    /// <summary>Most relays.</summary>
    public const int MostRelays = 16;

    /// <summary>Most routes.</summary>
    public const int MostRoutes = 256;

    /// <summary>Hosts of a route, both ends included: at least and at most.</summary>
    public static readonly (int Least, int Most) RouteHosts = (3, 6);

    /// <summary>Nothing.</summary>
    public static readonly SiteReach None = new();

    /// <summary>Hosts that pass on, ciphertext only, for hosts with which they share no environment.</summary>
    public ImmutableArray<HostId> Relays { get; init; } = [];

    /// <summary>Chains of hosts whose neighbours reach each other while the others may not.</summary>
    public ImmutableArray<ReachRoute> Routes { get; init; } = [];

    /// <summary>Whether it says nothing.</summary>
    public bool IsNone => Relays.IsEmpty && Routes.IsEmpty;
}

/// <summary>A chain of hosts; everything between two of them passes those between them, in both directions.</summary>
/// <param name="Hosts">In the order of the way, all different; see <see cref="SiteReach.RouteHosts"/>.</param>
public sealed record ReachRoute(ImmutableArray<HostId> Hosts);
