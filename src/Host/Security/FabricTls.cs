using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using VioActors.Daemon.Api;

namespace VioActors.Daemon.Security;

/// <summary>
/// TLS of the fabric: 1.3, and a certificate of our own CA from every client. One that ended lately passes here, because
/// it may still renew; the guard checks time and role again for each endpoint.
/// </summary>
internal sealed class FabricTls(SiteTrust trust, TimeProvider clock, ILogger<FabricTls> log)
{
    /// <summary>For one handshake.</summary>
    public SslServerAuthenticationOptions Options(SslStreamCertificateContext server) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = server,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        // A resumed session would skip the check of the certificate.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsWelcome(certificate as X509Certificate2),
    };

    private bool IsWelcome(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            log.Denied(Door.Fabric, "no certificate was shown");
            return false;
        }
        var (identity, denied) = trust.Check(certificate, clock.GetUtcNow(), SiteTrust.RenewalGrace);
        if (identity is null)
            log.Denied(Door.Fabric, denied!);
        return identity is not null;
    }
}
