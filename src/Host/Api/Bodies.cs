using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Daemon.Api;

/// <summary>Who answers, and which protocol versions it speaks.</summary>
internal sealed record HelloView(SiteId Site, string Name, string Build, Contracts.Agents.VersionRange Versions);

/// <summary>Whether requests are taken; else why not.</summary>
internal sealed record HealthView(bool Serving, string? Reason);

/// <summary>The operation to watch.</summary>
internal sealed record OperationBody(OperationId? Operation);

/// <summary>Asks for pings from a host's prober.</summary>
/// <param name="Node">Name or id of the node.</param>
/// <param name="From">Name or id of the host that pings; null for the node's own.</param>
/// <param name="Count">1 to 60,000.</param>
/// <param name="IntervalMs">10 to 10,000.</param>
internal sealed record PingBody(string Node, string? From = null, int Count = 3, int IntervalMs = 100);

/// <summary>Asks for a move.</summary>
/// <param name="To">Name or id of the host; null lets the site choose.</param>
/// <param name="BandwidthMiBps">Most memory copied per second, MiB; null is no limit.</param>
internal sealed record MoveBody(string? To = null, int? BandwidthMiBps = null);

/// <summary>Asks for other amounts; null leaves a value.</summary>
internal sealed record ResizeBody(int? MemoryMiB = null, int? CpuWeight = null, int? CpuQuotaPercent = null);

/// <summary>Asks for a stop.</summary>
/// <param name="GraceSeconds">0 to 3600; 0 cuts power.</param>
internal sealed record StopBody(int GraceSeconds = 30);

/// <summary>The last lines of a node's serial console, oldest first.</summary>
internal sealed record LogsView(ImmutableArray<string> Lines);

/// <summary>How many nodes were on a fenced host.</summary>
internal sealed record FencedView(int Nodes);

/// <summary>Asks for a join token.</summary>
/// <param name="HostName">Name that the host will have.</param>
/// <param name="Minutes">1 to 15.</param>
internal sealed record JoinTokenBody(string HostName, int Minutes = 15);

/// <summary>A token, shown once.</summary>
internal sealed record TokenView(string Token);

/// <summary>Asks for a user with this role.</summary>
internal sealed record UserBody(Role Role);

/// <summary>A user; the token is shown once, when it is made.</summary>
internal sealed record UserView(string Name, Role Role, string? Token = null);

/// <summary>A new host asks for its certificate.</summary>
/// <param name="Token">The join token.</param>
/// <param name="Csr">PKCS#10 request, PEM.</param>
/// <param name="Now">The host's clock.</param>
/// <param name="HostName">What the host calls itself; when given, must be the token's name.</param>
internal sealed record JoinBody(string Token, string Csr, DateTimeOffset Now, string? HostName = null);

/// <summary>A host is a member.</summary>
/// <param name="Certificate">Its certificate, PEM.</param>
/// <param name="Ca">The site's root certificate, PEM.</param>
/// <param name="Host">Its id.</param>
/// <param name="Fabric">Where agents connect, <c>ip:port</c>.</param>
/// <param name="Site">The site.</param>
internal sealed record JoinView(string Certificate, string Ca, HostId Host, ImmutableArray<string> Fabric, SiteId Site);

/// <summary>An agent asks for a new certificate for the same key.</summary>
internal sealed record RenewBody(string Csr);

/// <summary>The new certificate, PEM.</summary>
internal sealed record RenewView(string Certificate);

/// <summary>A stored image file.</summary>
internal sealed record BlobView(string Sha256, long Bytes);
