using System.Security.Cryptography;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The keys that one handshake gave. Key and IV together, 44 bytes per direction; <see cref="Clear"/> after use.
/// </summary>
internal sealed record SessionKeys(
    bool IsInitiator, TunnelCipher Cipher, byte Version, byte Lane, byte[] Send, byte[] Receive)
{
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(Send);
        CryptographicOperations.ZeroMemory(Receive);
    }
}

/// <summary>
/// Signed ephemeral Diffie-Hellman on P-256. Each signature covers the whole message, which names both hosts and the
/// environment; the responder's also covers the initiator's message. Keys: HKDF-SHA256 over the shared secret with the
/// hash of both messages as salt and environment, lane and direction as context.
/// </summary>
internal static class HandshakeCrypto
{
    public const int SignatureBytes = 64;
    private const int KeyAndIv = Aead.KeyBytes + Aead.IvBytes;

    /// <summary>What the sender of an init signs.</summary>
    public static byte[] InitTranscript(ReadOnlySpan<byte> signedPart) =>
        [.. "vio-tunnel init 1\n"u8, .. SHA256.HashData(signedPart)];

    /// <summary>What the sender of a response signs.</summary>
    public static byte[] ResponseTranscript(
        ReadOnlySpan<byte> initHash, string sender, string recipient, ReadOnlySpan<byte> environment,
            ReadOnlySpan<byte> signedPart) =>
        [.. "vio-tunnel response 1\n"u8, .. initHash,
            .. SHA256.HashData(Encoding.UTF8.GetBytes(sender + "\n" + recipient)),
            .. environment, .. SHA256.HashData(signedPart)];

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> transcript, ReadOnlySpan<byte> signature)
    {
        try
        {
            using ECDsa key = ECDsa.Create(PublicPoint.Decode(publicKey));
            return key.VerifyData(transcript, signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The keys of a session; null when the peer's share is not a point of the curve.</summary>
    public static SessionKeys? Derive(
        ECDiffieHellman mine, ReadOnlySpan<byte> theirShare, ReadOnlySpan<byte> initHash,
            ReadOnlySpan<byte> responseHash,
        ReadOnlySpan<byte> binding, bool isInitiator, TunnelCipher cipher, byte version, byte lane)
    {
        byte[] secret;
        try
        {
            using ECDiffieHellman theirs = ECDiffieHellman.Create(PublicPoint.Decode(theirShare));
            secret = mine.DeriveRawSecretAgreement(theirs.PublicKey);
        }
        catch (CryptographicException)
        {
            return null;
        }

        byte[] salt = [.. initHash, .. responseHash];
        byte[] forward = Expand(secret, salt, binding, lane, 0);
        byte[] backward = Expand(secret, salt, binding, lane, 1);
        CryptographicOperations.ZeroMemory(secret);
        return new SessionKeys(isInitiator, cipher, version, lane,
            isInitiator ? forward : backward, isInitiator ? backward : forward);
    }

    private static byte[] Expand(byte[] secret, byte[] salt, ReadOnlySpan<byte> binding, byte lane, byte direction)
    {
        byte[] output = new byte[KeyAndIv];
        byte[] context = [.. "vio-tunnel keys 1\n"u8, .. binding, lane, direction];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, output, salt, context);
        return output;
    }
}
