using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Api;

/// <summary>
/// Stands between routing and every endpoint: the right listener, a known caller, a role that may. What is not allowed
/// is denied, and the server's log says why.
/// </summary>
internal sealed class EdgeGuard(
    RequestDelegate next, Callers callers, SiteTrust trust, TimeProvider clock, ILogger<EdgeGuard> log)
{
    /// <summary>Checks one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var door = context.Door();
        if (endpoint is null || (endpoint.Metadata.GetMetadata<Access>() is { } found && found.Door != door))
            throw ProblemException.NotFound(
                $"There is no {context.Request.Method} {context.Request.Path} here.", "See /api/v1/openapi/v1.json.");
        var access = endpoint.Metadata.GetMetadata<Access>()
            ?? throw Forbid(door, $"{endpoint.DisplayName} has no access rule");
        if (!access.Anyone)
            context.SetCaller(door == Door.Fabric ? Member(context, access) : await UserAsync(context, access));
        await next(context);
    }

    private async Task<Principal> UserAsync(HttpContext context, Access access)
    {
        var caller = await callers.IdentifyAsync(context) ?? throw new ProblemException(
            StatusCodes.Status401Unauthorized, new Problem(
                "unauthenticated", "No valid token came with the request.",
                "Set VIO_TOKEN, or use the unix socket as root; an administrator makes tokens for users."));
        return access.Roles.Contains(caller.Role) ? caller : throw Forbid(
            Door.Api, $"'{caller.Name}' ({caller.Role.ToString().ToLowerInvariant()}) may not {What(context)}");
    }

    private Principal Member(HttpContext context, Access access)
    {
        var leaf = context.Connection.ClientCertificate ?? throw Forbid(Door.Fabric, "no certificate was shown");
        var grace = access.ExpiredLeaf ? SiteTrust.RenewalGrace : TimeSpan.Zero;
        var (identity, denied) = trust.Check(leaf, clock.GetUtcNow(), grace);
        if (identity is null)
            throw Forbid(Door.Fabric, denied!);
        if (identity.Role != access.Leaf)
            throw Forbid(Door.Fabric, $"{identity} may not {What(context)}");
        return identity.Role == LeafRole.Agent ? new Principal(identity.Id, Role.Agent) : Principal.System;
    }

    private static string What(HttpContext context) => $"{context.Request.Method} {context.Request.Path}";

    private ProblemException Forbid(Door door, string why)
    {
        log.Denied(door, why);
        return new ProblemException(StatusCodes.Status403Forbidden, new Problem(
            FailureCode.Forbidden, $"Denied: {why}.", "Ask an administrator of the site for a role that may."));
    }
}
