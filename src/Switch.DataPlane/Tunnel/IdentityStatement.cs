using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// What an agent signs with its host's certificate key so that peers accept the short-lived key of its switchd.
/// The private key of the certificate never enters switchd.
/// </summary>
/// <param name="SiteId">The site of the host.</param>
/// <param name="HostId">The host that the key speaks for.</param>
/// <param name="ExpiresAtUnixSeconds">From then on peers refuse the key; renew at half time.</param>
/// <param name="PublicKey">The switchd's ephemeral P-256 key: 65 bytes, uncompressed point.</param>
public sealed record IdentityStatement(string SiteId, string HostId, long ExpiresAtUnixSeconds, byte[] PublicKey)
{
    /// <summary>Bytes of <see cref="PublicKey"/>.</summary>
    public const int PublicKeyBytes = 65;

    /// <summary>The exact bytes that are signed: five lines of UTF-8.</summary>
    public byte[] Encode() => Encoding.UTF8.GetBytes(
        $"vio-switchd-identity 1\n{SiteId}\n{HostId}\n{ExpiresAtUnixSeconds.ToString(CultureInfo.InvariantCulture)}\n"
        + $"{Convert.ToBase64String(PublicKey)}\n");

    /// <summary>Signs the statement: ECDSA with SHA-256, signature in IEEE P1363 form.</summary>
    /// <param name="leafKey">The private key of the host's certificate; stays with the caller.</param>
    public byte[] Sign(ECDsa leafKey)
    {
        ArgumentNullException.ThrowIfNull(leafKey);
        return leafKey.SignData(Encode(), HashAlgorithmName.SHA256);
    }
}
