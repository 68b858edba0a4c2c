using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.HttpResults;
using VioActors.Actors.Site;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>What agents call, by mutual TLS: their connection, image files, a new certificate.</summary>
internal static class FabricRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        var fabric = app.MapGroup("/fabric").ExcludeFromDescription();
        fabric.MapGet("/agent", (HttpContext context, AgentEndpoint agent) => agent.ServeAsync(context))
            .WithMetadata(Access.Agents).DisableRequestTimeout();
        fabric.MapGet("/blobs/{sha256}", GetBlob).WithMetadata(Access.Agents).DisableRequestTimeout();
        fabric.MapPost("/renew", RenewAsync).WithMetadata(Access.RenewingAgents);
    }

    /// <summary>The host that a certificate was issued for, when it still is a member with this very key.</summary>
    /// <exception cref="ProblemException">It joined again with another key, or never.</exception>
    public static async Task<SiteMember> MemberAsync(HttpContext context, SiteActors actors)
    {
        var host = HostId.From(context.Caller().Name);
        var key = SiteTrust.KeySha256Of(Certificate(context));
        var members = (await actors.SiteAsync(context.RequestAborted)).Members;
        return members.TryGetValue(host, out var member) && ApiToken.Equal(member.KeySha256, key)
            ? member
            : throw new ProblemException(StatusCodes.Status403Forbidden, new Problem(
                "unknown-key", $"Host {host} is not a member with this key: it joined again, or never.",
                "Join it with a new token: 'vio agent join --token-file FILE'."));
    }

    private static Results<PhysicalFileHttpResult, NotFound> GetBlob(string sha256, BlobStore blobs) =>
        BlobStore.IsHash(sha256) && blobs.Find(sha256) is { } path
            ? TypedResults.PhysicalFile(path, "application/octet-stream", enableRangeProcessing: true)
            : TypedResults.NotFound();

    private static async Task<IResult> RenewAsync(
        RenewBody body, HttpContext context, SiteActors actors, SiteAuthority authority, ILogger<SiteAuthority> log)
    {
        var member = await MemberAsync(context, actors);
        try
        {
            if (!ApiToken.Equal(member.KeySha256, SiteAuthority.KeySha256OfRequest(body.Csr)))
                throw ProblemException.BadInput(
                    "The request is for another key than the certificate that was shown.",
                    "Renew with the same key, or join again.");
            using var leaf = authority.IssueAgent(body.Csr, member.Host);
            log.LeafRenewed(member.Name, new DateTimeOffset(leaf.NotAfter));
            return TypedResults.Ok(new RenewView(leaf.ExportCertificatePem()));
        }
        catch (FormatException bad)
        {
            throw ProblemException.BadInput(bad.Message, "Make the request with 'vio agent'.");
        }
    }

    private static X509Certificate2 Certificate(HttpContext context) => context.Connection.ClientCertificate
        ?? throw new InvalidOperationException("The guard let a connection without a certificate through.");
}
