using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Api;

/// <summary>The listener that a connection came in by.</summary>
internal enum Door
{
    /// <summary>People and their programs: unix socket or TLS with bearer tokens.</summary>
    Api,

    /// <summary>Agents: mutual TLS.</summary>
    Fabric,
}

/// <summary>
/// Who may use an endpoint, by which listener. An endpoint without this is closed: deny is the default. The actors
/// decide again, with the same principal, about the thing itself.
/// </summary>
/// <param name="Door">The only listener where the endpoint exists.</param>
/// <param name="Roles">Roles that may call it; empty with <paramref name="Anyone"/>.</param>
/// <param name="Anyone">No authentication at all.</param>
/// <param name="ExpiredLeaf">Whether a certificate that ended may still call it: only renewing.</param>
internal sealed record Access(Door Door, ImmutableArray<Role> Roles, bool Anyone = false, bool ExpiredLeaf = false)
{
    /// <summary>On the fabric: whose certificate opens it.</summary>
    public LeafRole Leaf { get; private init; } = LeafRole.Agent;

    /// <summary>No authentication: hello, health, join.</summary>
    public static readonly Access Public = new(Door.Api, [], Anyone: true);

    /// <summary>Every user; what they see is filtered by what they own.</summary>
    public static readonly Access Readers = new(Door.Api, [Role.Viewer, Role.Owner, Role.Operator, Role.Admin]);

    /// <summary>Who sees the whole site.</summary>
    public static readonly Access SiteReaders = new(Door.Api, [Role.Viewer, Role.Operator, Role.Admin]);

    /// <summary>Who makes, changes and deletes environments.</summary>
    public static readonly Access Changers = new(Door.Api, [Role.Owner, Role.Admin]);

    /// <summary>Who moves, resizes, starts and stops nodes.</summary>
    public static readonly Access Operating = new(Door.Api, [Role.Owner, Role.Operator, Role.Admin]);

    /// <summary>Who works on hosts.</summary>
    public static readonly Access HostOperators = new(Door.Api, [Role.Operator, Role.Admin]);

    /// <summary>Who manages users, tokens and images.</summary>
    public static readonly Access Administrators = new(Door.Api, [Role.Admin]);

    /// <summary>Agents with a valid certificate.</summary>
    public static readonly Access Agents = new(Door.Fabric, [Role.Agent]);

    /// <summary>The site's other servers.</summary>
    public static readonly Access Servers = new(Door.Fabric, [Role.Admin]) { Leaf = LeafRole.Server };

    /// <summary>Agents, also with a certificate that ended a while ago: to renew it and nothing else.</summary>
    public static readonly Access RenewingAgents = new(Door.Fabric, [Role.Agent], ExpiredLeaf: true);
}
