namespace VioActors.Contracts.Sites;

/// <summary>The site exists.</summary>
[Wire("site.initialised")]
public sealed record SiteInitialised(SiteId Site, string Name);

/// <summary>A join token was made.</summary>
[Wire("site.join-token-issued")]
public sealed record JoinTokenIssued(
    string TokenId, string SecretSha256, Role Role, string HostName, DateTimeOffset ExpiresAt);

/// <summary>A join token was used up; the host is a member.</summary>
[Wire("site.host-joined")]
public sealed record HostJoined(string TokenId, HostId Host, string Name, string KeySha256);

/// <summary>A join token that nobody used is forgotten.</summary>
[Wire("site.join-token-expired")]
public sealed record JoinTokenExpired(string TokenId);

/// <summary>What a host has and how much of it is free.</summary>
[Wire("site.host-capacity-changed")]
public sealed record HostCapacityChanged(HostCapacity Capacity);

/// <summary>A host is being emptied, so that placement leaves it out, or takes nodes again.</summary>
[Wire("site.host-drain-set")]
public sealed record HostDrainSet(HostId Host, bool Drains);

/// <summary>Hosts were proposed to an environment, which is about to book this room on them.</summary>
/// <param name="Environment">To whom.</param>
/// <param name="Rooms">One entry per host.</param>
/// <param name="At">When; see <see cref="ProposedRoom"/>.</param>
[Wire("site.placement-proposed")]
public sealed record PlacementProposed(
    EnvironmentId Environment, IReadOnlyList<ProposedRoom> Rooms, DateTimeOffset At);

/// <summary>
/// Room that a proposal takes of a host. It is nobody's promise: it keeps other proposals away until the host tells
/// that it has become less by as much, or for a minute.
/// </summary>
/// <param name="Host">The host.</param>
/// <param name="MemoryMiB">Memory, overhead included.</param>
/// <param name="DiskMiB">Disk.</param>
[Wire("site.proposed-room")]
public sealed record ProposedRoom(HostId Host, int MemoryMiB, long DiskMiB);

/// <summary>A user was added or changed.</summary>
[Wire("site.user-put")]
public sealed record UserPut(string Name, Role Role, string TokenSha256);

/// <summary>A user was removed.</summary>
[Wire("site.user-removed")]
public sealed record UserRemoved(string Name);

/// <summary>An image was made known.</summary>
[Wire("site.image-put")]
public sealed record ImagePut(ImageDefinition Image);

/// <summary>An image was forgotten.</summary>
[Wire("site.image-removed")]
public sealed record ImageRemoved(string Name);

/// <summary>An environment has a name in the directory.</summary>
[Wire("site.environment-named")]
public sealed record EnvironmentNamed(EnvironmentId Environment, string Owner, string Name);

/// <summary>The name of a deleted environment is free.</summary>
[Wire("site.name-released")]
public sealed record NameReleased(EnvironmentId Environment);

/// <summary>An administrator let the store count from here on; what came after this copy is lost.</summary>
[Wire("site.store-adopted")]
public sealed record StoreAdopted(long Generation, long Position);

/// <summary>The site's reach was set.</summary>
[Wire("site.reach-set")]
public sealed record ReachSet(SiteReach Reach);
