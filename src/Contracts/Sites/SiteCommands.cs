namespace VioActors.Contracts.Sites;

/// <summary>First start of a site; ignored later.</summary>
[Wire("site.initialise")]
public sealed record InitialiseSite(SiteId Site, string Name);

/// <summary>Lets somebody join once. Only the hash of the secret is known here.</summary>
/// <param name="TokenId">Public part of the token.</param>
/// <param name="SecretSha256">Lower-case hex SHA-256 of its secret part.</param>
/// <param name="Role">What joins; today always <see cref="Role.Agent"/>.</param>
/// <param name="HostName">Name that the joining host will have.</param>
/// <param name="ExpiresAt">At most 15 minutes ahead.</param>
[Wire("site.issue-join-token")]
public sealed record IssueJoinToken(
    string TokenId, string SecretSha256, Role Role, string HostName, DateTimeOffset ExpiresAt);

/// <summary>Uses a token up. The reply is <see cref="JoinAccepted"/>.</summary>
/// <param name="TokenId">Public part.</param>
/// <param name="SecretSha256">Hash of the secret that was shown.</param>
/// <param name="KeySha256">Hash of the joining host's public key, which its certificate will hold.</param>
[Wire("site.redeem-join-token")]
public sealed record RedeemJoinToken(string TokenId, string SecretSha256, string KeySha256);

/// <summary>The host may have a certificate. A host that rejoins under its name keeps its id.</summary>
[Wire("site.join-accepted")]
public sealed record JoinAccepted(HostId Host, string HostName);

/// <summary>Adds a user or replaces its token and role.</summary>
[Wire("site.put-user")]
public sealed record PutUser(string Name, Role Role, string TokenSha256);

/// <summary>Removes a user; what it owns stays.</summary>
[Wire("site.remove-user")]
public sealed record RemoveUser(string Name);

/// <summary>Writes down that an administrator let the store count, although somebody had seen more.</summary>
/// <param name="Generation">The generation that began.</param>
/// <param name="Position">Where it begins in the journal.</param>
[Wire("site.record-adoption")]
public sealed record RecordAdoption(long Generation, long Position);

/// <summary>Makes an image known; its files are in the site's image store already.</summary>
[Wire("site.put-image")]
public sealed record PutImage(ImageDefinition Image);

/// <summary>Forgets an image; running nodes keep theirs.</summary>
[Wire("site.remove-image")]
public sealed record RemoveImage(string Name);

/// <summary>Makes the site's reach equal to this.</summary>
[Wire("site.set-reach")]
public sealed record SetReach(SiteReach Reach);

/// <summary>
/// Makes the owner's environment of this name equal to the spec: creates it, or grows, shrinks and resizes it.
/// The reply is <see cref="ApplyAccepted"/>, at once; the work is an operation.
/// </summary>
/// <param name="Spec">What is wanted.</param>
/// <param name="Owner">Whose it is; only an administrator may name somebody else.</param>
/// <param name="DryRun">Only check and say what would change.</param>
[Wire("site.apply")]
public sealed record ApplySpec(EnvironmentSpec Spec, string Owner, bool DryRun);

/// <summary>The spec was accepted by the site and handed to the environment.</summary>
/// <param name="Environment">The environment; for a dry run of a new one, an id that will not be used.</param>
/// <param name="Created">Whether it is new.</param>
/// <param name="Operation">The operation to watch, and where to ask for its changes; null on a dry run.</param>
[Wire("site.apply-accepted")]
public sealed record ApplyAccepted(EnvironmentId Environment, bool Created, OperationId? Operation);

/// <summary>A host tells what it has and what is booked on it.</summary>
/// <param name="Host">The host.</param>
/// <param name="Name">Its name as its agent states it; the site uses the one of the join token.</param>
/// <param name="Available">Whether it takes bookings now.</param>
/// <param name="MemoryMiB">Memory that nodes may use.</param>
/// <param name="FreeMemoryMiB">What of it is not booked; never negative.</param>
/// <param name="Cores">Cores that nodes may use.</param>
/// <param name="BookedVcpus">Virtual CPUs booked; may exceed the cores.</param>
/// <param name="FreeDiskMiB">Disk that is not booked; never negative.</param>
/// <param name="Fenced">Not available because an operator declared it off.</param>
/// <param name="SwitchEndpoint">Address of its switch for tunnels; null from older builds.</param>
[Wire("site.host-capacity")]
public sealed record HostCapacity(
    HostId Host, string Name, bool Available, int MemoryMiB, int FreeMemoryMiB, int Cores, int BookedVcpus,
    long FreeDiskMiB, bool Fenced = false, string? SwitchEndpoint = null);

/// <summary>The site's manager tells that a host is being emptied, or takes nodes again.</summary>
/// <param name="Host">The host.</param>
/// <param name="Drains">Whether placement shall leave it out.</param>
[Wire("site.host-drains")]
public sealed record HostDrains(HostId Host, bool Drains);

/// <summary>An environment asks where nodes could run. Answered by <see cref="PlacementAnswer"/>.</summary>
/// <param name="RequestId">Comes back in the answer.</param>
/// <param name="Environment">Who asks.</param>
/// <param name="Needs">One entry per node.</param>
/// <param name="Avoid">Hosts that just refused a booking.</param>
/// <param name="Present">How many nodes of the environment each host has already; placement spreads.</param>
/// <param name="HostLimit">
/// Most hosts the environment may span, those in <paramref name="Present"/> included; null is no limit.
/// See <see cref="Networks.SubnetPlan.HostCount"/>.
/// </param>
/// <param name="Marks">Where nodes with marks are, or are about to be; null is nowhere.</param>
[Wire("site.place")]
public sealed record ProposePlacement(
    string RequestId, EnvironmentId Environment, IReadOnlyList<PlacementNeed> Needs, IReadOnlyList<HostId> Avoid,
    IReadOnlyDictionary<HostId, int> Present, int? HostLimit = null, IReadOnlyList<PlacedMark>? Marks = null);

/// <summary>A node with marks, where it is.</summary>
/// <param name="Host">The host.</param>
/// <param name="Apart">See <see cref="NodeSpec.Apart"/>.</param>
/// <param name="Together">See <see cref="NodeSpec.Together"/>.</param>
[Wire("site.placed-mark")]
public sealed record PlacedMark(HostId Host, string? Apart, string? Together);

/// <summary>What one node needs of a host.</summary>
/// <param name="Node">The node.</param>
/// <param name="NodeName">For messages.</param>
/// <param name="MemoryMiB">
/// Guest memory; the host's ledger adds the emulator's overhead (<see cref="Overhead"/>).
/// </param>
/// <param name="Vcpus">Virtual CPUs.</param>
/// <param name="DiskMiB">Most its disk can take.</param>
/// <param name="HostName">The only host allowed, by name; null for any.</param>
/// <param name="Apart">See <see cref="NodeSpec.Apart"/>.</param>
/// <param name="Together">See <see cref="NodeSpec.Together"/>.</param>
[Wire("site.placement-need")]
public sealed record PlacementNeed(
    NodeId Node, string NodeName, int MemoryMiB, int Vcpus, long DiskMiB, string? HostName,
    string? Apart = null, string? Together = null);

/// <summary>Where nodes should run, or exactly what is missing. A booking on the host decides.</summary>
[Wire("site.placement")]
public sealed record PlacementAnswer(string RequestId, IReadOnlyDictionary<NodeId, HostId> Hosts, Failure? Failure);

/// <summary>The environment is gone; its name is free again.</summary>
[Wire("site.release-name")]
public sealed record ReleaseName(EnvironmentId Environment);

/// <summary>Memory that running a node takes beside the guest's own.</summary>
public static class Overhead
{
    /// <summary>The emulator's own memory beside its guest, MiB: a fixed part and 1/64 for tables.</summary>
    public static int MemoryMiB(int guestMiB) => 64 + (guestMiB / 64);
}
