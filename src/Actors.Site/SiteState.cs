using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>All that a site decides from. Changed only by <see cref="SiteEvolve"/>.</summary>
public sealed record SiteState
{
    /// <summary>Its id; null before its first start.</summary>
    public SiteId? Site { get; init; }

    /// <summary>Its name, for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>Join tokens by their public part, used ones included until they expire.</summary>
    public ImmutableSortedDictionary<string, JoinToken> Tokens { get; init; } =
        ImmutableSortedDictionary<string, JoinToken>.Empty;

    /// <summary>Hosts that joined.</summary>
    public ImmutableSortedDictionary<HostId, SiteMember> Members { get; init; } =
        ImmutableSortedDictionary<HostId, SiteMember>.Empty;

    /// <summary>Room that was proposed and is not known to be booked, by host.</summary>
    public ImmutableSortedDictionary<HostId, Proposed> Proposed { get; init; } =
        ImmutableSortedDictionary<HostId, Proposed>.Empty;

    /// <summary>Users by name.</summary>
    public ImmutableSortedDictionary<string, SiteUser> Users { get; init; } =
        ImmutableSortedDictionary<string, SiteUser>.Empty;

    /// <summary>Images by name.</summary>
    public ImmutableSortedDictionary<string, ImageDefinition> Images { get; init; } =
        ImmutableSortedDictionary<string, ImageDefinition>.Empty;

    /// <summary>Owner and name of every environment that is not deleted.</summary>
    public ImmutableSortedDictionary<EnvironmentId, DirectoryEntry> Directory { get; init; } =
        ImmutableSortedDictionary<EnvironmentId, DirectoryEntry>.Empty;

    /// <summary>What an operator said of the networks between the hosts.</summary>
    public SiteReach Reach { get; init; } = SiteReach.None;

    /// <summary>Rises whenever switches must be told of the reach anew.</summary>
    public long ReachVersion { get; init; }

    /// <summary>The host of this name, or null.</summary>
    public SiteMember? Member(string name) => Members.Values.FirstOrDefault(member => member.Name == name);

    /// <summary>What was proposed of a host and still counts; null for nothing.</summary>
    internal Proposed? ProposedOn(HostId host, DateTimeOffset now) =>
        Proposed.GetValueOrDefault(host) is { } proposed && proposed.Counts(now) ? proposed : null;

    /// <summary>The environment of this owner and name, or null.</summary>
    public EnvironmentId? Find(string owner, string name)
    {
        foreach (var (id, entry) in Directory)
            if (entry.Owner == owner && entry.Name == name)
                return id;
        return null;
    }
}

/// <summary>A permission to join once.</summary>
/// <param name="SecretSha256">Hash of its secret.</param>
/// <param name="Role">What may join with it.</param>
/// <param name="HostName">Name the host will have.</param>
/// <param name="ExpiresAt">From here on it is refused.</param>
/// <param name="UsedBy">The host that used it; null while it is fresh.</param>
public sealed record JoinToken(
    string SecretSha256, Role Role, string HostName, DateTimeOffset ExpiresAt, HostId? UsedBy);

/// <summary>A host of the site.</summary>
/// <param name="Host">Its id.</param>
/// <param name="Name">Its name in the site.</param>
/// <param name="KeySha256">Hash of the public key in its certificates.</param>
/// <param name="Capacity">What it last told; null before its first connection.</param>
public sealed record SiteMember(HostId Host, string Name, string KeySha256, HostCapacity? Capacity)
{
    /// <summary>Whether it is being emptied: nothing new is placed on it.</summary>
    public bool Drains { get; init; }
}

/// <summary>Somebody who may call the API.</summary>
/// <param name="Role">What they may do.</param>
/// <param name="TokenSha256">Hash of their bearer token.</param>
public sealed record SiteUser(Role Role, string TokenSha256);

/// <summary>One line of the directory.</summary>
/// <param name="Owner">Whose environment.</param>
/// <param name="Name">Unique per owner.</param>
public sealed record DirectoryEntry(string Owner, string Name);
