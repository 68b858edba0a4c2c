using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>
/// How a host becomes a member: a join token and a key, for a certificate. The token is its only credential.
/// </summary>
internal static class JoinRoutes
{
    /// <summary>Adds the route.</summary>
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/join", JoinAsync).WithMetadata(Access.Public, ForgetsAnswers.Mark)
            .WithSummary("Join a host with a token").Produces<JoinView>();

    private static async Task<IResult> JoinAsync(
        JoinBody body, HttpContext context, SiteActors actors, SiteAuthority authority, Listeners listeners,
        TimeProvider clock, ILogger<SiteAuthority> log)
    {
        Clocks.Require(body.Now, clock.GetUtcNow());
        var (token, key) = Read(body);
        if (Convert.ToHexStringLower(token.CaSha256) != authority.Trust.RootKeySha256)
            throw Denied(log, $"{token} is of another site");
        if (body.HostName is { } name && name != token.HostName)
            throw Denied(log, $"{token} was used by a host that calls itself '{name}'");
        var result = await actors.TryAskAsync(
            actors.SiteKey, new RedeemJoinToken(token.Id, token.SecretSha256, key), Principal.System,
            context.IdempotencyKey(), context.RequestAborted);
        if (result.Refusal is { } refusal)
        {
            log.JoinDenied($"{token}: {refusal.Reason}");
            throw ProblemException.Of(refusal);
        }
        if (result.Busy is { } busy)
            throw actors.NotTaken(busy);
        var accepted = (JoinAccepted)result.Reply!;
        using var leaf = authority.IssueAgent(body.Csr, accepted.Host);
        log.HostJoined(accepted.HostName, accepted.Host.Value);
        return TypedResults.Ok(new JoinView(
            leaf.ExportCertificatePem(), authority.Trust.Root.ExportCertificatePem(), accepted.Host,
            [listeners.FabricAddress], actors.Site));
    }

    private static (JoinToken Token, string KeySha256) Read(JoinBody body)
    {
        try
        {
            return (JoinToken.Parse(body.Token), SiteAuthority.KeySha256OfRequest(body.Csr));
        }
        catch (FormatException bad)
        {
            throw ProblemException.BadInput(bad.Message,
                "Copy the whole token, and use 'vio agent join' to make the request.");
        }
    }

    private static ProblemException Denied(ILogger log, string why)
    {
        log.JoinDenied(why);
        return new ProblemException(StatusCodes.Status403Forbidden, new Problem(
            FailureCode.Forbidden, $"The join is denied: {why}.",
            "Ask an administrator of this site for a new token."));
    }
}
