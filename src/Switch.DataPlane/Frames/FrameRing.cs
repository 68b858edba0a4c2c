using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Super-frames that wait, oldest first, in one block of memory. A frame never wraps: the end of the block stays empty
/// when the next one does not fit there.
/// </summary>
internal sealed class FrameRing(int bytes)
{
    private const int LengthBytes = 4;
    private const int Wrapped = -1;
    private readonly byte[] _block = GC.AllocateUninitializedArray<byte>(bytes);
    private int _head;
    private int _tail;

    public int Count { get; private set; }

    /// <summary>Copies a frame in; false when there is no room for it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> superFrame)
    {
        int need = LengthBytes + superFrame.Length;
        if (Count == 0)
            (_head, _tail) = (0, 0);
        bool isSplit = _tail < _head || (_tail == _head && Count > 0);
        if (!isSplit && _block.Length - _tail < need)
        {
            if (_head < need)
                return false;
            if (_block.Length - _tail >= LengthBytes)
                BinaryPrimitives.WriteInt32LittleEndian(_block.AsSpan(_tail), Wrapped);
            (_tail, isSplit) = (0, true);
        }

        if (isSplit && _head - _tail < need)
            return false;
        BinaryPrimitives.WriteInt32LittleEndian(_block.AsSpan(_tail), superFrame.Length);
        superFrame.CopyTo(_block.AsSpan(_tail + LengthBytes));
        _tail += need;
        Count++;
        return true;
    }

    /// <summary>The oldest frame; valid until the next call. There must be one.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        Invariant.Check(Count > 0, "a frame waits");
        if (_block.Length - _head < LengthBytes || Length == Wrapped)
            _head = 0;
        return _block.AsSpan(_head + LengthBytes, Length);
    }

    /// <summary>Drops the oldest frame, which <see cref="Peek"/> gave.</summary>
    public void Remove()
    {
        _head += LengthBytes + Length;
        Count--;
    }

    private int Length => BinaryPrimitives.ReadInt32LittleEndian(_block.AsSpan(_head));
}
