using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Who is at the ends of a TLS connection. The host certificate's key is the agent's and never here; so each side shows
/// a certificate that its switchd's own key signed, with the same proof in it that handshakes carry: the site's CA, the
/// host, and that this key speaks for it. Thread safe.
/// </summary>
internal sealed class StreamIdentity(SwitchIdentity identity, PeerVerifier verifier, TimeProvider time) : IDisposable
{
    // An arc that anybody may use: 2.25 and a random UUID.
    private const string ProofOid = "2.25.171530913207541638424109530843310948113";
    private const int MaxProofBytes = Limits.MaxChainBytes + 1024;
    private const SslProtocols Tls = SslProtocols.Tls13;
    private readonly Lock _verifying = new();

    /// <summary>For the side that called.</summary>
    /// <param name="host">Who must answer.</param>
    /// <param name="self">This host.</param>
    /// <returns>Null without an identity.</returns>
    public SslClientAuthenticationOptions? Client(string host, string self) => Certificate(self) is not { } own
        ? null
        : new SslClientAuthenticationOptions
        {
            TargetHost = "switchd",
            EnabledSslProtocols = Tls,
            ClientCertificates = [own],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, shown, _, _) => HostOf(shown) == host,
        };

    /// <summary>For the side that was called: any host of the site may call.</summary>
    public SslServerAuthenticationOptions? Server(string self) => Certificate(self) is not { } own
        ? null
        : new SslServerAuthenticationOptions
        {
            ServerCertificate = own,
            EnabledSslProtocols = Tls,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, shown, _, _) => HostOf(shown) is not null,
        };

    public void Dispose() => verifier.Dispose();

    /// <summary>A certificate that shows who this switchd is; null without an identity.</summary>
    internal X509Certificate2? Certificate(string self)
    {
        if (identity.Proof is not { } proof)
            return null;
        byte[] buffer = new byte[MaxProofBytes];
        var writer = new WireWriter(buffer);
        writer.Text(self);
        proof.Write(ref writer);
        return identity.Certify(new X509Extension(ProofOid, buffer.AsSpan(0, writer.Length), critical: false),
            time.GetUtcNow());
    }

    /// <summary>Reads what a certificate shows; false for garbage. Nothing of it is believed yet.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> shown, out string host, out IdentityProof proof)
    {
        var reader = new WireReader(shown);
        host = reader.Text(Limits.MaxIdChars);
        proof = IdentityProof.Read(ref reader);
        return !reader.Failed && reader.Position == shown.Length;
    }

    /// <summary>The host that a certificate speaks for; null when it proves none.</summary>
    internal string? HostOf(X509Certificate? shown)
    {
        if (shown is not X509Certificate2 certificate
            || certificate.Extensions[ProofOid] is not { RawData.Length: <= MaxProofBytes } extension)
        {
            return null;
        }

        try
        {
            using ECDsa? key = certificate.GetECDsaPublicKey();
            if (!TryRead(extension.RawData, out string host, out IdentityProof proof) || key is null
                || !PublicPoint.Encode(key.ExportParameters(false)).AsSpan().SequenceEqual(proof.PublicKey))
            {
                return null;
            }

            lock (_verifying)
                return verifier.Verify(proof, host) is null ? host : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
