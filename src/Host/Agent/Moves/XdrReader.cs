using System.Buffers.Binary;
using System.Text;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>Reads XDR (RFC 4506) as far as libvirt's migration calls need it. Never reads past the end.</summary>
internal ref struct XdrReader(ReadOnlySpan<byte> octets)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _left = octets;

    /// <summary>An unsigned integer.</summary>
    /// <exception cref="InvalidDataException">It ends before.</exception>
    public uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>A string.</summary>
    /// <exception cref="InvalidDataException">It ends before, or is no UTF-8.</exception>
    public string Text()
    {
        try
        {
            return Strict.GetString(Opaque());
        }
        catch (DecoderFallbackException bad)
        {
            throw new InvalidDataException("a text in it is no UTF-8", bad);
        }
    }

    /// <summary>Octets with their length before them.</summary>
    /// <exception cref="InvalidDataException">It ends before.</exception>
    public ReadOnlySpan<byte> Opaque()
    {
        var length = Number();
        if (length > _left.Length) throw new InvalidDataException("it ends inside a value");
        var value = Take((int)length);
        Take((int)((4 - (length % 4)) % 4));
        return value;
    }

    /// <summary>Skips octets.</summary>
    /// <exception cref="InvalidDataException">It ends before.</exception>
    public void Skip(int count) => Take(count);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _left.Length) throw new InvalidDataException("it ends inside a value");
        var taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
