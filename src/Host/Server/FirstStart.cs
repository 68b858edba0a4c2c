using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Server;

/// <summary>What a site needs before anybody can use it: its existence, and an administrator with a token.</summary>
internal static class FirstStart
{
    private const string Administrator = "admin";

    /// <summary>Does what is missing; a crash in between is mended by the next start.</summary>
    public static async Task EnsureAsync(SiteActors actors, ServerOptions options, CancellationToken cancel)
    {
        var site = await actors.SiteAsync(cancel);
        if (site.Site is null)
            await actors.TellAsync(actors.SiteKey, new InitialiseSite(actors.Site, options.Name), Principal.System, cancel: cancel);
        if (site.Users.Values.Any(user => user.Role == Role.Admin))
            return;
        // The file first: a token that nobody can read would lock everybody out.
        if (!File.Exists(options.AdminTokenPath))
            PrivateFile.Write(options.AdminTokenPath, ApiToken.Print(RandomNumberGenerator.GetBytes(ApiToken.Bytes)) + "\n");
        var token = (await File.ReadAllTextAsync(options.AdminTokenPath, cancel)).Trim();
        await actors.TellAsync(
            actors.SiteKey, new PutUser(Administrator, Role.Admin, ApiToken.Sha256(token)), Principal.System, cancel: cancel);
    }
}
