using System.Buffers.Binary;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Writes handshake fields one after the other. Too little space is a bug: limits are checked before.
/// </summary>
internal ref struct WireWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public void U8(byte value) => _buffer[Length++] = value;

    public void U16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], checked((ushort)value));
        Length += 2;
    }

    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[Length..], value);
        Length += 4;
    }

    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_buffer[Length..], value);
        Length += 8;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[Length..]);
        Length += bytes.Length;
    }

    public void Block(ReadOnlySpan<byte> bytes)
    {
        U16(bytes.Length);
        Raw(bytes);
    }

    public void Text(string text) => Block(Encoding.UTF8.GetBytes(text));
}

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. After the first missing byte every read gives zero or empty.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> buffer)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;

    public int Position { get; private set; }

    /// <summary>Whether something was missing or longer than allowed.</summary>
    public bool Failed { get; private set; }

    public byte U8() => Take(1) is { Length: 1 } b ? b[0] : (byte)0;

    public int U16() => Take(2) is { Length: 2 } b ? BinaryPrimitives.ReadUInt16BigEndian(b) : 0;

    public uint U32() => Take(4) is { Length: 4 } b ? BinaryPrimitives.ReadUInt32BigEndian(b) : 0;

    public ulong U64() => Take(8) is { Length: 8 } b ? BinaryPrimitives.ReadUInt64BigEndian(b) : 0;

    public byte[] Raw(int length) => Take(length).ToArray();

    public byte[] Block(int maxLength)
    {
        int length = U16();
        Failed |= length > maxLength;
        return Take(length).ToArray();
    }

    public string Text(int maxChars) => Encoding.UTF8.GetString(Block(maxChars * 4));

    private ReadOnlySpan<byte> Take(int length)
    {
        if (Failed || length > _buffer.Length - Position)
        {
            Failed = true;
            return default;
        }

        ReadOnlySpan<byte> taken = _buffer.Slice(Position, length);
        Position += length;
        return taken;
    }
}
