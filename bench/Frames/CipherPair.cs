using System.Security.Cryptography;
using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Frames;

/// <summary>The cipher alone on as many bytes as the frames have: what no tunnel can be faster than.</summary>
internal sealed class CipherPair : IDisposable
{
    private readonly Aead _seal;
    private readonly Aead _open;
    private readonly byte[] _text;
    private readonly byte[] _tag = new byte[Aead.TagBytes];
    private readonly byte[] _associated = new byte[DatagramHeader.Bytes + EnvironmentTag.Bytes];
    private ulong _counter;

    /// <param name="cipher">Of the tunnel.</param>
    /// <param name="textBytes">Plaintext of one frame.</param>
    public CipherPair(TunnelCipher cipher, int textBytes)
    {
        byte[] key = RandomNumberGenerator.GetBytes(Aead.KeyBytes + Aead.IvBytes);
        (_seal, _open) = (new Aead(cipher, key), new Aead(cipher, key));
        _text = new byte[textBytes];
    }

    /// <summary>Seals and opens once.</summary>
    public void Pass()
    {
        _seal.Seal(_counter, _text, _tag, _associated);
        if (!_open.Open(_counter++, _text, _tag, _associated))
            throw new InvalidOperationException("What was sealed does not open.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _seal.Dispose();
        _open.Dispose();
    }
}
