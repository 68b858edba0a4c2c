using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Switch;

/// <summary>The table of one environment's Ethernet. Changed only by <see cref="NetworkEvolve"/>.</summary>
public sealed record NetworkState
{
    /// <summary>The environment, known from the key.</summary>
    public required EnvironmentId Environment { get; init; }

    /// <summary>Its subnet, CIDR; null before it is created.</summary>
    public string? Subnet { get; init; }

    /// <summary>The environment's name; null when an older build created it.</summary>
    public string? Name { get; init; }

    /// <summary>What it does beside carrying frames; null is all defaults.</summary>
    public NetworkOptions? Options { get; init; }

    /// <summary>Rises with every change of the table; also the source of the entries' sequence numbers.</summary>
    public long Version { get; init; }

    /// <summary>Every node and where it is.</summary>
    public ImmutableSortedDictionary<NodeId, SwitchEntry> Entries { get; init; } =
        ImmutableSortedDictionary<NodeId, SwitchEntry>.Empty;

    /// <summary>Every host that has, or will have, a port.</summary>
    public ImmutableSortedDictionary<HostId, SwitchMember> Members { get; init; } =
        ImmutableSortedDictionary<HostId, SwitchMember>.Empty;

    /// <summary>Limits of nodes and between pairs of them, also of such that are not plugged in.</summary>
    public ImmutableArray<SwitchLimit> Limits { get; init; } = [];

    /// <summary>Requests that are not answered yet, by request id.</summary>
    public ImmutableSortedDictionary<string, NetworkWait> Waits { get; init; } =
        ImmutableSortedDictionary<string, NetworkWait>.Empty;

    /// <summary>The hosts on which the table wants a port.</summary>
    public ImmutableSortedSet<HostId> HostsOfEntries() =>
        [.. Entries.Values.SelectMany(entry => PlacesOf(entry))];

    /// <summary>The hosts on which one node has a port.</summary>
    internal static IEnumerable<HostId> PlacesOf(SwitchEntry entry) =>
        entry.PreboundHost is { } second ? [entry.Host, second] : [entry.Host];
}

/// <summary>A request that waits for switches.</summary>
/// <param name="Version">They must have applied this version of the table or a later one.</param>
/// <param name="Hosts">Those that have not yet.</param>
/// <param name="AwayIsFine">Whether a host that cannot be reached counts as done; else it fails the request.</param>
public sealed record NetworkWait(long Version, ImmutableSortedSet<HostId> Hosts, bool AwayIsFine);
