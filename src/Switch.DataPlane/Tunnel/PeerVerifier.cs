using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Decides whether a proof makes a key speak for a host of this site: the chain ends in the site's CA, the leaf carries
/// the URI <c>vio://site/&lt;siteId&gt;/agent/&lt;hostId&gt;</c>, and the leaf signed the key, host and expiry.
/// </summary>
internal sealed class PeerVerifier : IDisposable
{
    private const int MaxCached = 512;
    private const string SubjectAlternativeName = "2.5.29.17";
    private readonly X509Certificate2Collection _roots = [];
    private readonly string _siteId;
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Host, string Digest), DateTimeOffset> _verified = [];

    /// <param name="siteId">The site whose hosts are accepted.</param>
    /// <param name="siteCaPem">One or more PEM certificates of the site's CA.</param>
    /// <param name="time">Decides about expiry.</param>
    public PeerVerifier(string siteId, string siteCaPem, TimeProvider time)
    {
        _siteId = siteId;
        _time = time;
        _roots.ImportFromPem(siteCaPem);
        if (_roots.Count == 0)
            throw new ArgumentException(
                "The site CA must be given as at least one PEM certificate.", nameof(siteCaPem));
    }

    /// <summary>
    /// Null when the proof holds for the host, else the reason. A good result is remembered until it expires.
    /// </summary>
    public string? Verify(IdentityProof proof, string hostId)
    {
        DateTimeOffset now = _time.GetUtcNow();
        (string, string) key = (hostId, proof.Digest());
        if (_verified.TryGetValue(key, out DateTimeOffset until) && now < until)
            return null;
        try
        {
            string? refusal = VerifyFully(proof, hostId, now, out until);
            if (refusal is not null)
                return refusal;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            return "the identity cannot be parsed";
        }

        if (_verified.Count >= MaxCached)
            _verified.Clear();
        _verified[key] = until;
        return null;
    }

    public void Dispose()
    {
        foreach (X509Certificate2 root in _roots)
            root.Dispose();
    }

    private string? VerifyFully(IdentityProof proof, string hostId, DateTimeOffset now, out DateTimeOffset until)
    {
        until = DateTimeOffset.FromUnixTimeSeconds(proof.ExpiresAtUnixSeconds);
        if (now >= until)
            return "the identity has expired";
        if (proof.Chain.Length == 0)
            return "the certificate chain is empty";
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(proof.Chain[0]);
        if (leaf.NotAfter.ToUniversalTime() < until.UtcDateTime)
            until = new DateTimeOffset(leaf.NotAfter.ToUniversalTime());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        foreach (byte[] intermediate in proof.Chain.AsSpan(1))
            chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(intermediate));
        if (!chain.Build(leaf))
            return "the certificate does not chain to the site's CA, or is not valid now";
        if (!Uris(leaf).Contains($"vio://site/{_siteId}/agent/{hostId}", StringComparer.Ordinal))
            return "the certificate belongs to another host, role or site";
        using ECDsa? leafKey = leaf.GetECDsaPublicKey();
        if (leafKey is null)
            return "the certificate's key is not ECDSA";
        byte[] statement = new IdentityStatement(_siteId, hostId, proof.ExpiresAtUnixSeconds, proof.PublicKey).Encode();
        return leafKey.VerifyData(statement, proof.Signature, HashAlgorithmName.SHA256)
            ? null
            : "the host's certificate did not sign this key";
    }

    private static List<string> Uris(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != SubjectAlternativeName)
                continue;
            AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            var uriTag = new Asn1Tag(TagClass.ContextSpecific, 6);
            while (names.HasData)
            {
                if (names.PeekTag() == uriTag)
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, uriTag));
                else
                    names.ReadEncodedValue();
            }
        }

        return uris;
    }
}
