using VioActors.Contracts;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>Finds out who calls the API: by bearer token, else by the uid at the other end of the unix socket.</summary>
internal sealed class Callers(SiteActors actors)
{
    /// <summary>Who has the same uid as the server, or is root, on the unix socket.</summary>
    public static readonly Principal LocalAdministrator = new("root", Role.Admin);

    private const string Bearer = "Bearer ";
    private static readonly uint OwnUserId = ReadOwnUserId();

    /// <summary>The caller, or null when nobody vouches for it. A wrong token is not saved by the right uid.</summary>
    public async Task<Principal?> IdentifyAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count > 0)
            return header is [{ } only] && only.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? await FindAsync(only[Bearer.Length..].Trim())
                : null;
        return context.PeerCredentials() is { } peer && IsAdministrator(peer.UserId) ? LocalAdministrator : null;
    }

    /// <summary>Whether this uid administers the site without a token.</summary>
    internal static bool IsAdministrator(uint userId) => userId == 0 || userId == OwnUserId;

    private async Task<Principal?> FindAsync(string token)
    {
        if (token.Length is 0 or > ApiToken.MaxLength)
            return null;
        var shown = ApiToken.Sha256(token);
        Principal? found = null;
        // Every user is compared, so that the time tells nothing about whose token it is.
        foreach (var (name, user) in (await actors.SiteAsync()).Users)
        {
            if (ApiToken.Equal(user.TokenSha256, shown))
                found = new Principal(name, user.Role);
        }
        return found;
    }

    private static uint ReadOwnUserId()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal));
        return uint.Parse(line.Split('\t', StringSplitOptions.RemoveEmptyEntries)[2]);
    }
}
