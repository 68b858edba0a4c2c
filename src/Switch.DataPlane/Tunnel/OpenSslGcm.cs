using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// AES-256-GCM of libcrypto, which .NET uses too, with one context per key instead of one set-up per packet: half the
/// time at the size of a datagram. Not thread safe.
/// </summary>
internal sealed partial class OpenSslGcm : IDisposable
{
    private const string Library = "libcrypto.so.3";
    private const int EVP_CTRL_AEAD_GET_TAG = 0x10;
    private const int EVP_CTRL_AEAD_SET_TAG = 0x11;
    private readonly nint _seal;
    private readonly nint _open;
    private bool _disposed;

    /// <param name="key">32 bytes; copied.</param>
    public OpenSslGcm(ReadOnlySpan<byte> key)
    {
        _seal = EVP_CIPHER_CTX_new();
        _open = EVP_CIPHER_CTX_new();
        ref byte first = ref MemoryMarshal.GetReference(key);
        if (_seal == 0 || _open == 0
            || EVP_EncryptInit_ex(_seal, EVP_aes_256_gcm(), 0, ref first, ref Nothing) != 1
            || EVP_DecryptInit_ex(_open, EVP_aes_256_gcm(), 0, ref first, ref Nothing) != 1)
        {
            Dispose();
            throw new CryptographicException($"{Library} does not make a context of AES-256-GCM.");
        }
    }

    /// <summary>Whether the library is there; a system with another one uses the cipher of .NET.</summary>
    public static bool IsSupported { get; } = NativeLibrary.TryLoad(Library, out _);

    private static ref byte Nothing => ref System.Runtime.CompilerServices.Unsafe.NullRef<byte>();

    /// <summary>Encrypts in place.</summary>
    public void Seal(ReadOnlySpan<byte> nonce, Span<byte> text, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        ref byte first = ref MemoryMarshal.GetReference(text);
        if (EVP_EncryptInit_ex(_seal, 0, 0, ref Nothing, ref MemoryMarshal.GetReference(nonce)) != 1
            || EVP_EncryptUpdate(
                _seal, ref Nothing, out _, ref MemoryMarshal.GetReference(associated), associated.Length) != 1
            || EVP_EncryptUpdate(_seal, ref first, out _, ref first, text.Length) != 1
            || EVP_EncryptFinal_ex(_seal, ref MemoryMarshal.GetReference(tag), out _) != 1
            || EVP_CIPHER_CTX_ctrl(
                _seal, EVP_CTRL_AEAD_GET_TAG, tag.Length, ref MemoryMarshal.GetReference(tag)) != 1)
        {
            throw new CryptographicException($"{Library} did not encrypt {text.Length} bytes.");
        }
    }

    /// <summary>Decrypts in place; false when the tag is wrong (the text is then cleared).</summary>
    public bool Open(ReadOnlySpan<byte> nonce, Span<byte> text, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
    {
        ref byte first = ref MemoryMarshal.GetReference(text);
        if (EVP_DecryptInit_ex(_open, 0, 0, ref Nothing, ref MemoryMarshal.GetReference(nonce)) == 1
            && EVP_DecryptUpdate(
                _open, ref Nothing, out _, ref MemoryMarshal.GetReference(associated), associated.Length) == 1
            && EVP_DecryptUpdate(_open, ref first, out _, ref first, text.Length) == 1
            && EVP_CIPHER_CTX_ctrl(
                _open, EVP_CTRL_AEAD_SET_TAG, tag.Length, ref MemoryMarshal.GetReference(tag)) == 1
            && EVP_DecryptFinal_ex(_open, ref first, out _) == 1)
        {
            return true;
        }

        text.Clear();
        return false;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        EVP_CIPHER_CTX_free(_seal);
        EVP_CIPHER_CTX_free(_open);
    }

    [LibraryImport(Library)]
    private static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial nint EVP_aes_256_gcm();

    [LibraryImport(Library)]
    private static partial int EVP_EncryptInit_ex(nint context, nint cipher, nint engine, ref byte key, ref byte iv);

    [LibraryImport(Library)]
    private static partial int EVP_EncryptUpdate(
        nint context, ref byte output, out int written, ref byte input, int length);

    [LibraryImport(Library)]
    private static partial int EVP_EncryptFinal_ex(nint context, ref byte output, out int written);

    [LibraryImport(Library)]
    private static partial int EVP_DecryptInit_ex(nint context, nint cipher, nint engine, ref byte key, ref byte iv);

    [LibraryImport(Library)]
    private static partial int EVP_DecryptUpdate(
        nint context, ref byte output, out int written, ref byte input, int length);

    [LibraryImport(Library)]
    private static partial int EVP_DecryptFinal_ex(nint context, ref byte output, out int written);

    [LibraryImport(Library)]
    private static partial int EVP_CIPHER_CTX_ctrl(nint context, int type, int argument, ref byte pointer);
}
