using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using VioActors.Contracts;

namespace VioActors.Daemon.Security;

/// <summary>
/// What lets one host join once: whom it may trust (the hash of the site's root key), a one-time secret, who it will be,
/// and until when. Printed as base 32 of: version, root hash, secret, role, expiry, host name, server address, check sum.
/// </summary>
/// <param name="CaSha256">SHA-256 of the site root's SubjectPublicKeyInfo: 32 octets.</param>
/// <param name="Secret">16 random octets; only their hash is stored.</param>
/// <param name="Role">What joins; today always an agent.</param>
/// <param name="HostName">Name that the host will have.</param>
/// <param name="ExpiresAt">Whole seconds.</param>
/// <param name="Server">Where the API answers, <c>ip:port</c>; empty when the server has no TLS listener.</param>
internal sealed record JoinToken(
    byte[] CaSha256, byte[] Secret, Role Role, string HostName, DateTimeOffset ExpiresAt, string Server)
{
    /// <summary>Longest life of a token.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromMinutes(15);

    /// <summary>Length of the secret in octets: 128 bits.</summary>
    public const int SecretBytes = 16;

    private const byte Version = 1;
    private const int CheckBytes = 4;
    private const int FixedBytes = 1 + SHA256.HashSizeInBytes + SecretBytes + 1 + sizeof(long);
    private const int MaxText = 512;

    /// <summary>Public part: names the token in the journal and tells nothing of the secret.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData([.. "vio join token id"u8, .. Secret]).AsSpan(0, 8));

    /// <summary>What the site keeps of the secret.</summary>
    public string SecretSha256 => Convert.ToHexStringLower(SHA256.HashData(Secret));

    /// <summary>The form that people copy.</summary>
    public string Print()
    {
        var octets = new List<byte>(128) { Version };
        octets.AddRange(CaSha256);
        octets.AddRange(Secret);
        octets.Add((byte)Role);
        Span<byte> expiry = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(expiry, ExpiresAt.ToUnixTimeSeconds());
        octets.AddRange(expiry);
        AddText(octets, HostName);
        AddText(octets, Server);
        octets.AddRange(SHA256.HashData(octets.ToArray())[..CheckBytes]);
        return Base32.Encode(octets.ToArray());
    }

    /// <summary>Never shows the secret, so that a token cannot slip into a log.</summary>
    public override string ToString() => $"join token {Id} for {HostName}";

    /// <summary>Reads the printed form. Whether the token is still good is for the site to say.</summary>
    /// <exception cref="FormatException">It is cut off, mistyped or of another version; the message says which.</exception>
    public static JoinToken Parse(string text)
    {
        if (text.Length > MaxText)
            throw new FormatException($"A join token has at most {MaxText} characters.");
        var octets = Base32.Decode(text.AsSpan().Trim());
        if (octets.Length < FixedBytes + 2 + CheckBytes)
            throw new FormatException("The join token is too short: copy all of it.");
        if (octets[0] != Version)
            throw new FormatException($"The join token has version {octets[0]}; this build reads version {Version}.");
        var body = octets.AsSpan(0, octets.Length - CheckBytes);
        if (!SHA256.HashData(body).AsSpan(0, CheckBytes).SequenceEqual(octets.AsSpan(body.Length)))
            throw new FormatException("The join token is mistyped: its check sum does not fit.");
        var rest = (ReadOnlySpan<byte>)body[FixedBytes..];
        return new JoinToken(
            body.Slice(1, SHA256.HashSizeInBytes).ToArray(),
            body.Slice(1 + SHA256.HashSizeInBytes, SecretBytes).ToArray(),
            (Role)body[1 + SHA256.HashSizeInBytes + SecretBytes],
            HostName: TakeText(ref rest),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(body[(FixedBytes - sizeof(long))..])),
            Server: TakeText(ref rest));
    }

    private static void AddText(List<byte> octets, string text)
    {
        var encoded = Encoding.UTF8.GetBytes(text);
        octets.Add(checked((byte)encoded.Length));
        octets.AddRange(encoded);
    }

    private static string TakeText(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest.Length < 1 + rest[0])
            throw new FormatException("The join token is cut off: copy all of it.");
        var text = Encoding.UTF8.GetString(rest.Slice(1, rest[0]));
        rest = rest[(1 + rest[0])..];
        return text;
    }
}
