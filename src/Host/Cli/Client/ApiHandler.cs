using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Opens connections to a server: its unix socket, or TLS with the site's CA pinned by its public key.
/// </summary>
internal static class ApiHandler
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A handler for this address; the caller disposes it.</summary>
    public static SocketsHttpHandler Create(ServerAddress address)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout,
        };
        if (address.SocketPath is { } path)
            handler.ConnectCallback = async (_, cancel) => await ConnectAsync(path, cancel);
        else
            handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (address.CaSha256 is { } pin)
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, leaf, chain, errors) => IsPinned(leaf, chain, errors, pin);
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
    /// The server sends its chain with the CA. The CA counts when its public key has the pinned hash; the leaf must be
    /// for the
    /// name we dialled and chain to exactly that CA.
    /// </summary>
    private static bool IsPinned(X509Certificate? leaf, X509Chain? sent, SslPolicyErrors errors, string pin)
    {
        if (leaf is null || sent is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        var offered = sent.ChainPolicy.ExtraStore.Concat(sent.ChainElements.Select(element => element.Certificate));
        var ca = offered.FirstOrDefault(candidate => HashOf(candidate) == pin.ToLowerInvariant());
        if (ca is null) return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.Add(ca);
        own.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.DisableCertificateDownloads = true;
        using var copy = X509CertificateLoader.LoadCertificate(leaf.GetRawCertData());
        return own.Build(copy);
    }

    private static string HashOf(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
}
