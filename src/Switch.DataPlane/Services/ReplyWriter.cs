using System.Buffers.Binary;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>Writes a message into a buffer of fixed size; what does not fit is left out and shown by
/// <see cref="Overflows"/>.</summary>
internal ref struct ReplyWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public bool Overflows { get; private set; }

    public readonly Span<byte> Written => _buffer[..Length];

    public void Byte(int value)
    {
        if (Take(1, out Span<byte> place))
            place[0] = (byte)value;
    }

    public void UInt16(int value)
    {
        if (Take(2, out Span<byte> place))
            BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)value);
    }

    public void UInt32(uint value)
    {
        if (Take(4, out Span<byte> place))
            BinaryPrimitives.WriteUInt32BigEndian(place, value);
    }

    public void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (Take(bytes.Length, out Span<byte> place))
            bytes.CopyTo(place);
    }

    public void Zeros(int count)
    {
        if (Take(count, out Span<byte> place))
            place.Clear();
    }

    public void Text(string text)
    {
        if (Take(text.Length, out Span<byte> place))
            Encoding.ASCII.GetBytes(text, place);
    }

    public void Mac(MacAddress mac)
    {
        if (Take(6, out Span<byte> place))
            mac.Write(place);
    }

    public void Ip(Ipv6 ip)
    {
        if (Take(Ipv6.Bytes, out Span<byte> place))
            ip.Write(place);
    }

    /// <summary>A name of DNS: each label behind its length, then the root.</summary>
    public void Name(string name)
    {
        foreach (Range label in name.AsSpan().Split('.'))
        {
            (int start, int length) = label.GetOffsetAndLength(name.Length);
            Byte(length);
            Text(name.Substring(start, length));
        }

        Byte(0);
    }

    /// <summary>Writes the bytes since a place into the 16 bits in front of it.</summary>
    public readonly void SetLength16(int start)
    {
        if (!Overflows)
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[(start - 2)..], (ushort)(Length - start));
    }

    /// <summary>Takes back what was written after a place.</summary>
    public void Truncate(int length)
    {
        Length = length;
        Overflows = false;
    }

    private bool Take(int bytes, out Span<byte> place)
    {
        Overflows |= bytes > _buffer.Length - Length;
        place = Overflows ? default : _buffer.Slice(Length, bytes);
        if (!Overflows)
            Length += bytes;
        return !Overflows;
    }
}
