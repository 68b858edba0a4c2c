using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>A site's authority in memory: it issues the certificates of hosts.</summary>
internal sealed class OverlaySite : IDisposable
{
    /// <summary>The site's id.</summary>
    public const string Id = "bench";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _from;

    /// <summary>Makes it.</summary>
    public OverlaySite(TimeProvider time)
    {
        _from = time.GetUtcNow().AddDays(-1);
        var request = new CertificateRequest("CN=bench site", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(_from, _from.AddDays(3));
    }

    /// <summary>Its certificate.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>A host's certificate and its key, which the caller owns.</summary>
    public (string Pem, ECDsa Key) Issue(string host)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"vio://site/{Id}/agent/{host}"));
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(
            _certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), _from, _from.AddDays(2),
            RandomNumberGenerator.GetBytes(8));
        return (leaf.ExportCertificatePem(), key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
