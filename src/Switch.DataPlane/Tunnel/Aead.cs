using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>The cipher of a session, chosen in its handshake.</summary>
internal enum TunnelCipher : byte
{
    Aes256Gcm = 1,
    ChaCha20Poly1305 = 2,
}

/// <summary>
/// One key of one direction. Holds a native cipher context that is not thread safe: used by its lane thread only.
/// The nonce is the key's random IV xor the packet counter, as in TLS 1.3 (RFC 8446, 5.3).
/// </summary>
internal sealed class Aead : IDisposable
{
    public const int KeyBytes = 32;
    public const int IvBytes = 12;
    public const int TagBytes = 16;
    private readonly OpenSslGcm? _gcm;
    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;
    private readonly byte[] _iv;

    /// <param name="cipher">Must be supported by this machine.</param>
    /// <param name="keyAndIv">32 + 12 bytes; copied.</param>
    public Aead(TunnelCipher cipher, ReadOnlySpan<byte> keyAndIv)
    {
        if (cipher == TunnelCipher.Aes256Gcm && OpenSslGcm.IsSupported)
            _gcm = new OpenSslGcm(keyAndIv[..KeyBytes]);
        else if (cipher == TunnelCipher.Aes256Gcm)
            _aes = new AesGcm(keyAndIv[..KeyBytes], TagBytes);
        else
            _chaCha = new ChaCha20Poly1305(keyAndIv[..KeyBytes]);
        _iv = keyAndIv.Slice(KeyBytes, IvBytes).ToArray();
    }

    /// <summary>Bit set of what this machine supports: 1 AES-256-GCM, 2 ChaCha20-Poly1305.</summary>
    public static byte Supported =>
        (byte)((AesGcm.IsSupported ? 1 : 0) | (ChaCha20Poly1305.IsSupported ? 2 : 0));

    /// <summary>The best cipher of two sets; false when they have none in common.</summary>
    public static bool TryChoose(int mine, int theirs, out TunnelCipher cipher)
    {
        int common = mine & theirs;
        cipher = (common & 1) != 0 ? TunnelCipher.Aes256Gcm : TunnelCipher.ChaCha20Poly1305;
        return (common & 3) != 0;
    }

    /// <summary>Encrypts in place.</summary>
    public void Seal(ulong counter, Span<byte> text, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        Span<byte> nonce = stackalloc byte[IvBytes];
        Nonce(counter, nonce);
        if (_gcm is not null)
            _gcm.Seal(nonce, text, tag, associated);
        else if (_aes is not null)
            _aes.Encrypt(nonce, text, text, tag, associated);
        else
            _chaCha!.Encrypt(nonce, text, text, tag, associated);
    }

    /// <summary>Decrypts in place; false when the tag is wrong (the text is then cleared).</summary>
    public bool Open(ulong counter, Span<byte> text, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
    {
        Span<byte> nonce = stackalloc byte[IvBytes];
        Nonce(counter, nonce);
        if (_gcm is not null)
            return _gcm.Open(nonce, text, tag, associated);
        try
        {
            if (_aes is not null)
                _aes.Decrypt(nonce, text, tag, text, associated);
            else
                _chaCha!.Decrypt(nonce, text, tag, text, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _gcm?.Dispose();
        _aes?.Dispose();
        _chaCha?.Dispose();
        CryptographicOperations.ZeroMemory(_iv);
    }

    private void Nonce(ulong counter, Span<byte> nonce)
    {
        _iv.CopyTo(nonce);
        for (int i = 0; i < 8; i++)
            nonce[4 + i] ^= (byte)(counter >> (56 - 8 * i));
    }
}
