using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VioActors.Contracts;

namespace VioActors.Daemon.Security;

/// <summary>
/// One site's root and the only chain check there is: the leaf was signed by this root and by nothing in between, names
/// a holder of this site, and is inside its time. The machine's own trust store never counts. Thread-safe.
/// </summary>
internal sealed class SiteTrust
{
    /// <summary>How long after its end a leaf may still be used to renew.</summary>
    public static readonly TimeSpan RenewalGrace = TimeSpan.FromDays(30);

    /// <summary>
    /// Extension of server leaves that holds the site's root certificate, DER. It proves nothing by itself: only a client
    /// that knows the hash of the root's key takes it. An OID from a random UUID (ITU-T X.667).
    /// </summary>
    public const string RootExtension = "2.25.108327461930518246093715246801937462518";

    private readonly X509Certificate2 _root;

    /// <summary>Trusts leaves of this root.</summary>
    public SiteTrust(X509Certificate2 root)
    {
        _root = root;
        RootKeySha256 = KeySha256Of(root);
        Site = SiteId.OfRootKey(root.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The site, which is a hash of the root's key.</summary>
    public SiteId Site { get; }

    /// <summary>The root certificate; public.</summary>
    public X509Certificate2 Root => _root;

    /// <summary>SHA-256 of the root's SubjectPublicKeyInfo, lower-case hex: what join tokens and clients pin.</summary>
    public string RootKeySha256 { get; }

    /// <summary>SHA-256 of a certificate's SubjectPublicKeyInfo, lower-case hex.</summary>
    public static string KeySha256Of(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>
    /// Finds the site's root in what a server sent, by the hash of its key; for clients that know nothing but that hash.
    /// Our servers carry it inside their leaf (<see cref="RootExtension"/>): .NET's TLS never sends a self-signed root.
    /// </summary>
    /// <returns>Null when nothing that was sent has this key.</returns>
    public static SiteTrust? Pinned(string rootKeySha256, IEnumerable<X509Certificate2> sent)
    {
        var pinned = sent.SelectMany(WithCarried)
            .FirstOrDefault(c => string.Equals(KeySha256Of(c), rootKeySha256, StringComparison.OrdinalIgnoreCase));
        return pinned is null ? null : new SiteTrust(pinned);
    }

    /// <summary>Checks a peer's leaf.</summary>
    /// <param name="leaf">What the peer proved to hold the key of.</param>
    /// <param name="now">The time to check it at.</param>
    /// <param name="afterEnd">How long after its end the leaf still passes; zero except for renewing.</param>
    /// <returns>Who it is; or why it is denied, one sentence for the log.</returns>
    public (LeafIdentity? Identity, string? Denied) Check(X509Certificate2 leaf, DateTimeOffset now, TimeSpan afterEnd = default)
    {
        if (!IsSignedByRoot(leaf))
            return (null, $"the certificate '{leaf.Subject}' was not issued by the CA of site {Site}");
        if (LeafIdentity.Of(leaf) is not { } identity || identity.Site != Site)
            return (null, $"the certificate '{leaf.Subject}' names nobody of site {Site}");
        if (now.UtcDateTime < leaf.NotBefore.ToUniversalTime())
            return (null, $"the certificate of {identity} is valid from {leaf.NotBefore.ToUniversalTime():u}, and it is {now:u}");
        if (now.UtcDateTime > leaf.NotAfter.ToUniversalTime() + afterEnd)
            return (null, $"the certificate of {identity} ended at {leaf.NotAfter.ToUniversalTime():u}, and it is {now:u}");
        return (identity, null);
    }

    private static IEnumerable<X509Certificate2> WithCarried(X509Certificate2 sent)
    {
        yield return sent;
        if (sent.Extensions[RootExtension] is not { } carried)
            yield break;
        X509Certificate2 root;
        try
        {
            root = X509CertificateLoader.LoadCertificate(carried.RawData);
        }
        catch (CryptographicException)
        {
            yield break;
        }
        yield return root;
    }

    private bool IsSignedByRoot(X509Certificate2 leaf)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // The time is checked above with our own clock, because renewing has a longer one.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(leaf) && chain.ChainElements.Count == 2;
    }
}
