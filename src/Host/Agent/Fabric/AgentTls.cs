using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using VioActors.Contracts;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// TLS 1.3 with certificates of the site on both sides; the role in the peer's certificate is checked per use.
/// </summary>
internal sealed class AgentTls(AgentIdentity identity, TimeProvider clock)
{
    /// <summary>For a connection to a server of the site.</summary>
    public SslClientAuthenticationOptions ToServer() => Client(peer => peer.Role == LeafRole.Server);

    /// <summary>For a connection to the agent of that host, and of no other.</summary>
    public SslClientAuthenticationOptions ToAgent(HostId host) =>
        Client(peer => peer.Role == LeafRole.Agent && peer.Id == host.Value);

    /// <summary>For connections that agents make to this host; ask <see cref="PeerOf"/> which it is.</summary>
    public SslServerAuthenticationOptions FromAgents() => new()
    {
        ServerCertificate = identity.Leaf,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        // A resumed session would skip the check of the certificate.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            Check(certificate, peer => peer.Role == LeafRole.Agent),
    };

    /// <summary>The host whose agent proved itself on this connection.</summary>
    public static HostId PeerOf(SslStream stream) =>
        stream.RemoteCertificate is X509Certificate2 leaf && LeafIdentity.Of(leaf) is { Role: LeafRole.Agent } peer
            ? HostId.From(peer.Id)
            : throw new AuthenticationException("The peer showed no agent's certificate.");

    private SslClientAuthenticationOptions Client(Func<LeafIdentity, bool> allows) => new()
    {
        // Names in DNS say nothing here: the URI name in the certificate does.
        TargetHost = "vio",
        ClientCertificates = [identity.Leaf],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => identity.Leaf,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        // A resumed session would skip the check of the certificate.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => Check(certificate, allows),
    };

    private bool Check(X509Certificate? certificate, Func<LeafIdentity, bool> allows) =>
        certificate is X509Certificate2 leaf
        && identity.Trust.Check(leaf, clock.GetUtcNow()).Identity is { } peer && allows(peer);
}
