using System.Security.Cryptography;
using System.Text;

namespace VioActors.Daemon.Security;

/// <summary>
/// A user's bearer token: 256 random bits in base 32. Only its SHA-256 is stored; a slow hash would add nothing, since
/// the token cannot be guessed.
/// </summary>
internal static class ApiToken
{
    /// <summary>Octets of randomness in a token.</summary>
    public const int Bytes = 32;

    /// <summary>Longest text that is worth hashing.</summary>
    public const int MaxLength = 128;

    private const string Prefix = "vio_";

    /// <summary>The printed form of these random octets.</summary>
    public static string Print(ReadOnlySpan<byte> random) => Prefix + Base32.Encode(random);

    /// <summary>What is stored of a token, lower-case hex.</summary>
    public static string Sha256(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whether two stored forms are equal; takes the same time wherever they differ.</summary>
    public static bool Equal(string storedSha256, string shownSha256) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(storedSha256), Encoding.ASCII.GetBytes(shownSha256));
}
