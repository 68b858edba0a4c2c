using System.Collections.Immutable;
using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>
/// Users and join tokens. Secrets are shown once, in the answer that makes them, and only their hashes are stored.
/// </summary>
internal static class UserRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/users", ListAsync).WithMetadata(Access.Administrators).WithSummary("Users of the site")
            .Produces<ImmutableArray<UserView>>();
        api.MapPut("/users/{name}", PutAsync).WithMetadata(Access.Administrators, ForgetsAnswers.Mark)
            .WithSummary("Add a user, or give it a new role and token").Produces<UserView>();
        api.MapDelete("/users/{name}", RemoveAsync).WithMetadata(Access.Administrators).WithSummary("Remove a user");
        api.MapPost("/join-tokens", TokenAsync).WithMetadata(Access.Administrators, ForgetsAnswers.Mark)
            .WithSummary("Make a token that lets one host join once").Produces<TokenView>();
    }

    private static async Task<IResult> ListAsync(HttpContext context, SiteActors actors) =>
        TypedResults.Ok((await actors.SiteAsync(context.RequestAborted))
            .Users.Select(u => new UserView(u.Key, u.Value.Role)));

    private static async Task<IResult> PutAsync(
        string name, UserBody body, HttpContext context, SiteActors actors, SiteAuthority authority)
    {
        if (name == Callers.LocalAdministrator.Name)
            throw ProblemException.BadInput(
                $"'{name}' is the administrator on the server's own machine and cannot be a user.",
                "Choose another name.");
        var token = ApiToken.Print(Secret(context, authority, $"user {name} {body.Role}", ApiToken.Bytes));
        await actors.TellAsync(
            actors.SiteKey, new PutUser(name, body.Role, ApiToken.Sha256(token)), context.Caller(),
            context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Ok(new UserView(name, body.Role, token));
    }

    private static async Task<IResult> RemoveAsync(string name, HttpContext context, SiteActors actors)
    {
        await actors.TellAsync(
            actors.SiteKey, new RemoveUser(name), context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Ok(new { });
    }

    private static async Task<IResult> TokenAsync(
        JoinTokenBody body, HttpContext context, SiteActors actors, SiteAuthority authority, Listeners listeners,
        TimeProvider clock)
    {
        if (body.Minutes < 1 || body.Minutes > JoinToken.MaxLife.TotalMinutes)
            throw ProblemException.BadInput(
                $"minutes {body.Minutes} must be 1 to {JoinToken.MaxLife.TotalMinutes}.", "Choose a number in range.");
        var secret = Secret(context, authority, $"join {body.HostName} {body.Minutes}", JoinToken.SecretBytes);
        var expires = DateTimeOffset.FromUnixTimeSeconds((clock.GetUtcNow() + TimeSpan.FromMinutes(body.Minutes))
            .ToUnixTimeSeconds());
        var token = new JoinToken(
            Convert.FromHexString(authority.Trust.RootKeySha256), secret, Role.Agent, body.HostName, expires,
            listeners.ApiAddress ?? "");
        // Asked again under the same key: the same token, with the end it was made with.
        if ((await actors.SiteAsync(context.RequestAborted)).Tokens.TryGetValue(token.Id, out var made))
            token = token with { ExpiresAt = made.ExpiresAt };
        await actors.TellAsync(
            actors.SiteKey,
            new IssueJoinToken(token.Id, token.SecretSha256, token.Role, token.HostName, token.ExpiresAt),
            context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Ok(new TokenView(token.Print()));
    }

    /// <summary>Random; under an idempotency key derived from it, so that a repetition shows the same secret.</summary>
    private static byte[] Secret(HttpContext context, SiteAuthority authority, string purpose, int bytes) =>
        context.IdempotencyKey() is { } key
            ? authority.DeriveSecret($"{purpose}\n{context.Caller()}\n{key}", bytes)
            : RandomNumberGenerator.GetBytes(bytes);
}
