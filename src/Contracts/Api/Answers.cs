using System.Collections.Immutable;
using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Api;

/// <summary>Who answers, and what it speaks.</summary>
/// <param name="Site">The site.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Build">Build of the server.</param>
/// <param name="Versions">Versions of the protocols.</param>
/// <param name="Capabilities">
/// What other builds may lack, see <see cref="Capability"/>; unknown words are ignored.
/// </param>
public sealed record HelloView(
    SiteId Site, string Name, string Build, VersionRange Versions, ImmutableArray<string> Capabilities);

/// <summary>Whether requests are taken.</summary>
/// <param name="Serving">Whether they are.</param>
/// <param name="Reason">Why not.</param>
public sealed record HealthView(bool Serving, string? Reason);

/// <summary>Long work has begun.</summary>
/// <param name="Operation">What to watch.</param>
public sealed record Accepted(OperationId Operation);

/// <summary>The last lines of a node's serial console.</summary>
/// <param name="Lines">Oldest first.</param>
public sealed record LogAnswer(ImmutableArray<string> Lines);

/// <summary>A host was declared off.</summary>
/// <param name="Nodes">How many nodes were on it.</param>
public sealed record FencedView(int Nodes);

/// <summary>A join token.</summary>
/// <param name="Token">Its text, shown once.</param>
public sealed record TokenView(string Token);

/// <summary>A user.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Token">Its token, shown once, when it is made.</param>
public sealed record UserView(string Name, Role Role, string? Token = null);

/// <summary>A host is a member.</summary>
/// <param name="Certificate">Its certificate, PEM.</param>
/// <param name="Ca">The site's root certificate, PEM.</param>
/// <param name="Host">Its id.</param>
/// <param name="Fabric">Where agents connect, <c>ip:port</c>.</param>
/// <param name="Site">The site.</param>
public sealed record JoinView(string Certificate, string Ca, HostId Host, ImmutableArray<string> Fabric, SiteId Site);

/// <summary>A new certificate.</summary>
/// <param name="Certificate">PEM.</param>
public sealed record RenewView(string Certificate);

/// <summary>A stored image file.</summary>
/// <param name="Sha256">Lower-case hex hash of its content.</param>
/// <param name="Bytes">Its length.</param>
public sealed record BlobView(string Sha256, long Bytes);
