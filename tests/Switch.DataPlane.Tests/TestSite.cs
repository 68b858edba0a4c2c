using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A site's CA that issues host certificates, made in memory.</summary>
public sealed class TestSite : IDisposable
{
    private readonly X509Certificate2 _ca;
    private readonly ECDsa _caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _from;

    public TestSite(string id, DateTimeOffset now)
    {
        Id = id;
        _from = now.AddDays(-1);
        var request = new CertificateRequest("CN=" + id, _caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _ca = request.CreateSelfSigned(_from, now.AddDays(365));
    }

    public string Id { get; }

    public string CaPem => _ca.ExportCertificatePem();

    public (string ChainPem, ECDsa Key) Issue(string uri)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=host", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("host.example");
        names.AddUri(new Uri(uri));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 leaf = request.Create(
            _ca.SubjectName, X509SignatureGenerator.CreateForECDsa(_caKey), _from,
            _from.AddDays(30), RandomNumberGenerator.GetBytes(8));
        return (leaf.ExportCertificatePem(), key);
    }

    public (string ChainPem, ECDsa Key) IssueHost(string hostId) => Issue($"vio://site/{Id}/agent/{hostId}");

    internal IdentityProof Prove(SwitchIdentity identity, string hostId, DateTimeOffset expires, string? uri = null)
    {
        (string pem, ECDsa key) = uri is null ? IssueHost(hostId) : Issue(uri);
        using ECDsa leafKey = key;
        long seconds = expires.ToUnixTimeSeconds();
        byte[] signature = new IdentityStatement(Id, hostId, seconds, identity.PublicKey).Sign(leafKey);
        using X509Certificate2 leaf = X509Certificate2.CreateFromPem(pem);
        return new IdentityProof(identity.PublicKey, seconds, signature, [leaf.RawData]);
    }

    public void Dispose()
    {
        _ca.Dispose();
        _caKey.Dispose();
    }
}
