using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.EndToEnd.Switch;

/// <summary>A site's CA that issues host certificates, made in memory.</summary>
internal sealed class SiteCa : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _from = TimeProvider.System.GetUtcNow().AddDays(-1);

    public SiteCa()
    {
        var request = new CertificateRequest("CN=lab site", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(_from, _from.AddDays(30));
    }

    public string Pem => _certificate.ExportCertificatePem();

    public (string Pem, ECDsa Key) Issue(string hostId)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + hostId, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"vio://site/lab/agent/{hostId}"));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 leaf = request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), _from,
            _from.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return (leaf.ExportCertificatePem(), key);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
