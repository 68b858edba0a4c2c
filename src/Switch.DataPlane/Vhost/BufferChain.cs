namespace VioActors.Switch.DataPlane;

/// <summary>A piece of one of the machine's buffers, found and checked.</summary>
// SAFETY: good for Length bytes until the machine's memory changes, which happens between two drains only.
internal readonly unsafe struct BufferPiece(byte* place, uint length, ulong guest)
{
    public byte* Place { get; } = place;
    public uint Length { get; } = length;
    public ulong Guest { get; } = guest;
    public Span<byte> Bytes => new(Place, (int)Length);
}

/// <summary>
/// The pieces of one or more buffers, in the order of the machine's descriptors. Bounded: a machine whose descriptors
/// form a circle or lead outside of its memory gets its ring stopped, and the reason said.
/// </summary>
internal sealed class BufferChain
{
    // Two rings full; a frame of 64 KB in pages needs 18.
    private const int MaxPieces = 2 * Virtqueue.MaxSize;
    private readonly BufferPiece[] _pieces = new BufferPiece[MaxPieces];

    public int Count { get; private set; }

    /// <summary>Bytes of all pieces.</summary>
    public long Bytes { get; private set; }

    /// <summary>What was wrong when <see cref="TryAdd"/> was false.</summary>
    public string Fault { get; private set; } = "";

    public ref readonly BufferPiece this[int index] => ref _pieces[index];

    public void Clear() => (Count, Bytes) = (0, 0);

    /// <summary>Adds the pieces of one head.</summary>
    /// <param name="queue">A bound ring.</param>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="head">As the machine wrote it.</param>
    /// <param name="forDevice">Whether they are for this side to write.</param>
    public bool TryAdd(Virtqueue queue, GuestMemory memory, ushort head, bool forDevice)
    {
        if (head >= queue.Size)
            return Fail("a head is not in its ring");
        ushort at = head;
        for (int seen = 0; seen < queue.Size; seen++)
        {
            RingDescriptor descriptor = queue.Descriptor(at);
            bool hasNext = (descriptor.Flags & RingDescriptor.HasNext) != 0;
            if ((descriptor.Flags & RingDescriptor.IsTable) != 0)
                return !hasNext ? TryAddTable(memory, descriptor, forDevice) : Fail("a table has a next descriptor");
            if (!TryAddPiece(memory, descriptor, forDevice))
                return false;
            if (!hasNext)
                return true;
            if (descriptor.Next >= queue.Size)
                return Fail("a next descriptor is not in its ring");
            at = descriptor.Next;
        }

        return Fail("its descriptors form a circle");
    }

    // SAFETY: the table was found for its whole length.
    private unsafe bool TryAddTable(GuestMemory memory, in RingDescriptor table, bool forDevice)
    {
        uint count = table.Length / RingDescriptor.Bytes;
        if (table.Length % RingDescriptor.Bytes != 0 || count is 0 or > Virtqueue.MaxSize)
            return Fail("a table of descriptors has a wrong length");
        if (!memory.TryFind(table.Address, table.Length, out byte* place))
            return Fail("a table of descriptors is outside of its memory");
        int at = 0;
        for (int seen = 0; seen < count; seen++)
        {
            RingDescriptor descriptor = Virtqueue.Read(place, at);
            if ((descriptor.Flags & RingDescriptor.IsTable) != 0)
                return Fail("a table of descriptors is in another");
            if (!TryAddPiece(memory, descriptor, forDevice))
                return false;
            if ((descriptor.Flags & RingDescriptor.HasNext) == 0)
                return true;
            if (descriptor.Next >= count)
                return Fail("a next descriptor is not in its table");
            at = descriptor.Next;
        }

        return Fail("the descriptors of a table form a circle");
    }

    // SAFETY: only a place that was found for the whole length becomes a piece.
    private unsafe bool TryAddPiece(GuestMemory memory, in RingDescriptor descriptor, bool forDevice)
    {
        if ((descriptor.Flags & RingDescriptor.IsForDevice) != 0 != forDevice)
            return Fail("a buffer is for the other direction");
        if (Count == MaxPieces)
            return Fail("a frame has too many buffers");
        if (descriptor.Length > int.MaxValue)
            return Fail("a buffer has more than 2 GiB");
        if (!memory.TryFind(descriptor.Address, descriptor.Length, out byte* place))
            return Fail("a buffer is outside of its memory");
        _pieces[Count++] = new BufferPiece(place, descriptor.Length, descriptor.Address);
        Bytes += descriptor.Length;
        return true;
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
