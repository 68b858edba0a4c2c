using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VioActors.Contracts;

namespace VioActors.Daemon.Security;

/// <summary>
/// The site's certificate authority: its root key (ECDSA P-256, made at the first start, a 0600 file that never leaves
/// the server) and the leaves it issues. Thread-safe.
/// </summary>
internal sealed class SiteAuthority : IDisposable
{
    /// <summary>Life of a leaf; its holder renews at half of it.</summary>
    public static readonly TimeSpan LeafLife = TimeSpan.FromDays(7);

    /// <summary>Most that a peer's clock may differ from ours.</summary>
    public static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(5);

    private const int RootYears = 20;
    private readonly ECDsa _rootKey;
    private readonly X509Certificate2 _signer;
    private readonly TimeProvider _clock;

    private SiteAuthority(ECDsa rootKey, X509Certificate2 root, TimeProvider clock)
    {
        _rootKey = rootKey;
        _signer = root.CopyWithPrivateKey(rootKey);
        _clock = clock;
        Trust = new SiteTrust(root);
    }

    /// <summary>The public side: what others check against.</summary>
    public SiteTrust Trust { get; }

    /// <summary>Loads the authority of this directory, or makes it when there is none.</summary>
    /// <param name="directory">Private to the server; holds <c>site-ca.key</c> and <c>site-ca.pem</c>.</param>
    /// <param name="siteName">For the subject; people read it, nothing checks it.</param>
    /// <param name="clock">When a new root begins.</param>
    /// <exception cref="IOException">The files cannot be read or written.</exception>
    /// <exception cref="CryptographicException">A file is damaged, or the two do not belong together.</exception>
    public static SiteAuthority LoadOrCreate(string directory, string siteName, TimeProvider clock)
    {
        var keyPath = Path.Combine(directory, "site-ca.key");
        var certificatePath = Path.Combine(directory, "site-ca.pem");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(keyPath))
            key.ImportFromPem(File.ReadAllText(keyPath));
        else
            PrivateFile.Write(keyPath, key.ExportPkcs8PrivateKeyPem());
        // The certificate is public and follows from the key: after a crash between the two files it is made again.
        if (!File.Exists(certificatePath))
            PrivateFile.Write(certificatePath, NewRoot(key, siteName, clock).ExportCertificatePem());
        var root = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath));
        return new SiteAuthority(key, root, clock);
    }

    /// <summary>
    /// A certificate for the agent of a host, for the key in this request; nothing else in it counts.
    /// </summary>
    /// <param name="csrPem">PKCS#10, PEM, signed with the key it asks for; at most 8 KiB.</param>
    /// <param name="host">Whose agent.</param>
    /// <exception cref="FormatException">The request is malformed, its proof is wrong, or its key is not
    /// P-256.</exception>
    public X509Certificate2 IssueAgent(string csrPem, HostId host)
    {
        using var key = KeyOf(csrPem);
        return Issue(key, new LeafIdentity(Trust.Site, LeafRole.Agent, host.Value), []);
    }

    /// <summary>A certificate with its key for a server that is reached under these names.</summary>
    public X509Certificate2 IssueServer(string serverId, IEnumerable<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = Issue(key, new LeafIdentity(Trust.Site, LeafRole.Server, serverId), names);
        return leaf.CopyWithPrivateKey(key);
    }

    /// <summary>Hash of the key that a request asks for, as in <see cref="SiteTrust.KeySha256Of"/>.</summary>
    /// <exception cref="FormatException">The request is malformed, its proof is wrong, or its key is not
    /// P-256.</exception>
    public static string KeySha256OfRequest(string csrPem)
    {
        using var key = KeyOf(csrPem);
        return Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>
    /// A secret that only this authority can derive: equal inputs, equal secret. Lets an answer that shows a secret
    /// once be repeated under its idempotency key without storing the secret.
    /// </summary>
    public byte[] DeriveSecret(string purpose, int bytes)
    {
        var root = _rootKey.ExportPkcs8PrivateKey();
        try
        {
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, root, bytes,
                info: System.Text.Encoding.UTF8.GetBytes(purpose));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(root);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signer.Dispose();
        _rootKey.Dispose();
    }

    private static X509Certificate2 NewRoot(ECDsa key, string siteName, TimeProvider clock)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName($"VioActors site {siteName}");
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        return request.CreateSelfSigned(now - MaxClockSkew, now.AddYears(RootYears));
    }

    private X509Certificate2 Issue(ECDsa key, LeafIdentity identity, IEnumerable<string> names)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(identity.Id);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(Usages, false));
        request.CertificateExtensions.Add(Names(identity, names));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_signer, true, false));
        if (identity.Role == LeafRole.Server)
            request.CertificateExtensions.Add(
                new X509Extension(SiteTrust.RootExtension, _signer.RawData, critical: false));
        var now = _clock.GetUtcNow();
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        return request.Create(_signer, now - MaxClockSkew, now + LeafLife, serial);
    }

    /// <summary>
    /// Server and client: agents serve the move streams of other agents, and servers ask each other.
    /// </summary>
    private static readonly OidCollection Usages = [new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")];

    private static X509Extension Names(LeafIdentity identity, IEnumerable<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddUri(identity.Uri);
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }
        return alternatives.Build();
    }

    private static ECDsa KeyOf(string csrPem)
    {
        if (csrPem.Length > 8 * 1024)
            throw new FormatException("A certificate request has at most 8 KiB.");
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(csrPem, HashAlgorithmName.SHA256);
            var key = request.PublicKey.GetECDsaPublicKey();
            if (key?.ExportParameters(false).Curve.Oid?.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                return key!;
            key?.Dispose();
            throw new FormatException("The certificate request must be for an ECDSA key on the curve P-256.");
        }
        catch (Exception bad) when (bad is CryptographicException or ArgumentException)
        {
            throw new FormatException($"The certificate request cannot be read: {bad.Message}", bad);
        }
    }
}
