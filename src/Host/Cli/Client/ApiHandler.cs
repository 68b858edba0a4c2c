using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Opens connections to a server: its unix socket, or TLS with the site's CA pinned by its public key.
/// </summary>
internal static class ApiHandler
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A handler for this address; the caller disposes it.</summary>
    public static SocketsHttpHandler Create(ServerAddress address, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
        };
        if (address.SocketPath is { } path)
            handler.ConnectCallback = async (_, cancel) => await ConnectAsync(path, cancel);
        else
            handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (address.CaSha256 is { } pin)
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, leaf, chain, errors) => IsPinned(leaf, chain, errors, pin, time.GetUtcNow());
        return handler;
    }

    /// <summary>The address requests go to; over a unix socket the name is a placeholder.</summary>
    public static Uri BaseAddress(ServerAddress address) =>
        address.SocketPath is null ? new Uri(address.Uri, "/api/v1/") : new Uri("http://vio/api/v1/");

    private static async Task<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The root counts when its public key has the pinned hash; the leaf must be a server's of that site, for the name
    /// we dialled.
    /// </summary>
    private static bool IsPinned(
        X509Certificate? leaf, X509Chain? sent, SslPolicyErrors errors, string pin, DateTimeOffset now)
    {
        if (leaf is null || sent is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        using var copy = X509CertificateLoader.LoadCertificate(leaf.GetRawCertData());
        var offered = sent.ChainPolicy.ExtraStore.Concat(sent.ChainElements.Select(element => element.Certificate));
        return SiteTrust.Pinned(pin, offered.Append(copy))?.Check(copy, now).Identity?.Role == LeafRole.Server;
    }
}
