using System.Runtime.CompilerServices;

namespace VioActors.Switch.DataPlane;

/// <summary>struct vring_desc: one buffer of the machine.</summary>
internal readonly record struct RingDescriptor(ulong Address, uint Length, ushort Flags, ushort Next)
{
    public const ushort HasNext = 1;
    public const ushort IsForDevice = 2;
    public const ushort IsTable = 4;
    public const int Bytes = 16;
}

/// <summary>Where the three parts of a ring are, by the hypervisor's addresses.</summary>
internal readonly record struct RingAddresses(
    ulong Descriptors, ulong Available, ulong Used, bool LogsUsed, ulong UsedInGuest);

/// <summary>
/// One split ring of virtio 1.0, the device's side. The machine writes descriptors and the available ring while this
/// reads them: each number is read once and checked after that. Lane thread only.
/// <code>
///   available:  flags u16 │ index u16 │ heads u16 × size │ used_event u16
///   used:       flags u16 │ index u16 │ (head u32, length u32) × size │ avail_event u16
/// </code>
/// </summary>
// SAFETY: the pointers are made by Bind for the whole size of each part, and dropped by Unbind before the memory goes.
internal sealed unsafe class Virtqueue
{
    /// <summary>Largest ring that is taken; as large as QEMU's.</summary>
    public const int MaxSize = 1024;

    private const ushort NoInterrupt = 1;
    private const ushort NoNotify = 1;
    private byte* _descriptors;
    private byte* _available;
    private byte* _used;
    private ushort _published;
    private bool _calledOnce;

    public ushort Size { get; set; }

    public RingAddresses? Addresses { get; set; }

    /// <summary>The next head that was not taken yet.</summary>
    public ushort NextAvailable { get; set; }

    /// <summary>The next place in the used ring.</summary>
    public ushort NextUsed { get; private set; }

    /// <summary>Whether each side tells the other at which index it wants to hear.</summary>
    public bool HasEventIndex { get; set; }

    /// <summary>Whether the used ring is written to the log too, and which log.</summary>
    public DirtyLog? Log { get; set; }

    public bool IsBound => _used != null;

    /// <summary>Finds the ring in the machine's memory; false when it is not wholly there.</summary>
    public bool Bind(GuestMemory memory)
    {
        Unbind();
        if (Addresses is not { } at || Size == 0
            || at.Descriptors % 16 != 0 || at.Available % 2 != 0 || at.Used % 4 != 0
            || !memory.TryFindByUser(at.Descriptors, RingDescriptor.Bytes * (ulong)Size, out _descriptors)
            || !memory.TryFindByUser(at.Available, 6 + 2 * (ulong)Size, out _available)
            || !memory.TryFindByUser(at.Used, 6 + 8 * (ulong)Size, out _used))
        {
            Unbind();
            return false;
        }

        NextUsed = _published = Volatile.Read(ref *(ushort*)(_used + 2));
        _calledOnce = false;
        return true;
    }

    public void Unbind() => _descriptors = _available = _used = null;

    /// <summary>Heads that wait; more than the size when the machine writes nonsense.</summary>
    public int Waiting => (ushort)(Volatile.Read(ref *(ushort*)(_available + 2)) - NextAvailable);

    /// <summary>A head by its distance from the next one; not taken by this.</summary>
    public ushort HeadAt(int ahead) =>
        *(ushort*)(_available + 4 + 2 * ((NextAvailable + ahead) & (Size - 1)));

    /// <summary>A descriptor of this ring; the index must be below its size.</summary>
    public RingDescriptor Descriptor(ushort index) => Read(_descriptors, index);

    /// <summary>A descriptor of a table.</summary>
    public static RingDescriptor Read(byte* table, int index) =>
        Unsafe.ReadUnaligned<RingDescriptor>(table + index * RingDescriptor.Bytes);

    /// <summary>Gives a buffer back; the machine sees it after <see cref="Publish"/>.</summary>
    public void PutUsed(ushort head, uint length)
    {
        int at = 4 + 8 * (NextUsed & (Size - 1));
        *(uint*)(_used + at) = head;
        *(uint*)(_used + at + 4) = length;
        LogUsed(at, 8);
        NextUsed++;
    }

    /// <summary>Lets the machine see what was given back.</summary>
    /// <returns>Whether it wants to be called.</returns>
    public bool Publish()
    {
        if (NextUsed == _published)
            return false;
        ushort before = _published;
        _published = NextUsed;
        Volatile.Write(ref *(ushort*)(_used + 2), NextUsed);
        LogUsed(2, 2);

        // The index must be visible before it is read what the machine waits for, or both sides sleep.
        Interlocked.MemoryBarrier();
        if (!HasEventIndex)
            return (Volatile.Read(ref *(ushort*)_available) & NoInterrupt) == 0;
        ushort wanted = Volatile.Read(ref *(ushort*)(_available + 4 + 2 * Size));
        bool isFirst = !_calledOnce;
        _calledOnce = true;
        return isFirst || (ushort)(NextUsed - wanted - 1) < (ushort)(NextUsed - before);
    }

    /// <summary>
    /// Asks the machine to kick when it adds the next buffer. What it added before that is to be looked for again
    /// after this, because no kick tells of it.
    /// </summary>
    public void WantKicks()
    {
        if (HasEventIndex)
            Volatile.Write(ref *(ushort*)(_used + 4 + 8 * Size), Volatile.Read(ref *(ushort*)(_available + 2)));
        else
            Volatile.Write(ref *(ushort*)_used, 0);
        LogUsed(HasEventIndex ? 4 + 8 * Size : 0, 2);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Says that kicks are of no use now. With event indexes, saying nothing is enough.</summary>
    public void WantNoKicks()
    {
        if (HasEventIndex)
            return;
        Volatile.Write(ref *(ushort*)_used, NoNotify);
        LogUsed(0, 2);
    }

    private void LogUsed(int offset, int length)
    {
        if (Log is { } log && Addresses is { LogsUsed: true } at)
            log.Mark(at.UsedInGuest + (uint)offset, (uint)length);
    }
}
