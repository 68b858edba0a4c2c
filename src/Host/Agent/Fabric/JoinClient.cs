using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// Joins this host to a site with a one-time token. The server is trusted because the token holds the hash of its
/// site's root key; the token goes out only after that check.
/// </summary>
internal sealed class JoinClient(AgentOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks for a certificate and stores it.</summary>
    /// <exception cref="StartupException">The token is unusable, the server is not the token's, or it
    /// refused.</exception>
    public async Task<SiteMembership> JoinAsync(string printed, CancellationToken cancel)
    {
        var token = Read(printed);
        using var key = AgentIdentity.LoadOrCreateKey(options.IdentityDirectory);
        var question = new JoinBody(printed.Trim(), AgentIdentity.RequestPem(key), clock.GetUtcNow(), options.Name);
        var answer = await AskAsync(token, question, cancel);
        using var root = X509Certificate2.CreateFromPem(answer.Ca);
        if (!string.Equals(SiteTrust.KeySha256Of(root), Convert.ToHexStringLower(token.CaSha256),
            StringComparison.Ordinal))
            throw new StartupException("The server answered with another site's root.", "Ask for a new token.");
        var membership = new SiteMembership(
            new SiteTrust(root).Site, HostId.From(answer.Host.Value), token.HostName, [.. answer.Fabric.Take(8)]);
        AgentIdentity.Save(options.IdentityDirectory, answer.Certificate, answer.Ca, membership);
        return membership;
    }

    private JoinToken Read(string printed)
    {
        try
        {
            var token = JoinToken.Parse(printed);
            if (token.HostName != options.Name)
                throw new FormatException(
                    $"it is for host '{token.HostName}', and this configuration's name is '{options.Name}'");
            if (token.ExpiresAt < clock.GetUtcNow())
                throw new FormatException($"it ended at {token.ExpiresAt:u}, and it is {clock.GetUtcNow():u}");
            if (token.Server.Length == 0)
                throw new FormatException("it names no server: the site's API has no TLS listener");
            return token;
        }
        catch (FormatException bad)
        {
            throw new StartupException(
                $"The join token cannot be used: {bad.Message.TrimEnd('.')}.", "Ask for a new token.", bad);
        }
    }

    private static async Task<JoinView> AskAsync(JoinToken token, JoinBody question, CancellationToken cancel)
    {
        var pin = Convert.ToHexStringLower(token.CaSha256);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, leaf, chain, _) => IsPinned(pin, leaf, chain, question.Now),
            },
        };
        using var http = new HttpClient(handler) { Timeout = Limit, MaxResponseContentBufferSize = 64 * 1024 };
        try
        {
            using var reply = await http.PostAsJsonAsync(
                new Uri($"https://{token.Server}/api/v1/join"), question, Wire.Json, cancel);
            if (reply.IsSuccessStatusCode)
                return await reply.Content.ReadFromJsonAsync<JoinView>(Wire.Json, cancel)
                    ?? throw new JsonException("null");
            var why = await reply.Content.ReadFromJsonAsync<Problem>(Wire.Json, cancel)
                ?? throw new JsonException("null");
            throw new StartupException(
                $"Server {token.Server} refused the join ({(int)reply.StatusCode}): {why.Reason}", why.Remedy);
        }
        catch (Exception broken) when (broken is HttpRequestException or JsonException
            || (broken is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            throw new StartupException(
                $"The join at server {token.Server} failed: {broken.InnerException?.Message ?? broken.Message}",
                "Check that the server answers there and that its site made the token.", broken);
        }
    }

    private static bool IsPinned(string pin, X509Certificate? leaf, X509Chain? chain, DateTimeOffset now)
    {
        if (leaf is not X509Certificate2 shown || chain is null) return false;
        var sent = chain.ChainPolicy.ExtraStore.Concat(chain.ChainElements.Select(element => element.Certificate));
        return SiteTrust.Pinned(pin, sent)?.Check(shown, now).Identity?.Role == LeafRole.Server;
    }
}
