using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>OpenVPN from point to point with a TAP and AES-256-GCM; each side knows the other's fingerprint.</summary>
internal sealed class OpenVpn(int number) : OverlaySystem("openvpn", SystemKind.Peer, number)
{
    /// <inheritdoc/>
    public override string Program => "openvpn";

    /// <inheritdoc/>
    public override IReadOnlyList<string> VersionCommand => ["openvpn", "--version"];

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        var directory = under.NewDirectory(Name);
        var (a, b) = (Issue(directory, "a", under.Time), Issue(directory, "b", under.Time));
        foreach (var host in (string[])[under.A, under.B])
        {
            var near = host == under.A;
            var name = near ? "a" : "b";
            var daemon = under.Start(
                host, $"{Name}-{name}", "openvpn", "--dev", Device(near), "--dev-type", "tap", "--proto", "udp4",
                "--local", under.AddressOf(host), "--remote", under.AddressOf(under.Other(host)),
                "--port", $"{11_940 + Number}", near ? "--tls-client" : "--tls-server", "--dh", "none",
                "--cert", Path.Combine(directory, name + ".crt"), "--key", Path.Combine(directory, name + ".key"),
                "--peer-fingerprint", near ? b : a, "--data-ciphers", "AES-256-GCM", "--verb", "1",
                "--ping", "5", "--ping-restart", "30");
            Daemons.Add(daemon);
            await ConfigureAsync(under, host, daemon, mtu: null, cancel);
        }

        EndsAreHosts(under);
    }

    // Gives the fingerprint as OpenVPN wants it.
    private static string Issue(string directory, string name, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(Path.Combine(directory, name + ".crt"), certificate.ExportCertificatePem() + '\n');
        File.WriteAllText(Path.Combine(directory, name + ".key"), key.ExportPkcs8PrivateKeyPem() + '\n');
        File.SetUnixFileMode(Path.Combine(directory, name + ".key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return string.Join(':', SHA256.HashData(certificate.RawData).Select(value => value.ToString("X2")));
    }
}
