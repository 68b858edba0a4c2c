using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// One split ring as a machine's driver uses it. Descriptor i has slot i of the buffers, so that nothing is searched.
/// </summary>
internal sealed class MachineRing : IDisposable
{
    private readonly SharedMemory _memory;
    private readonly int _slots;
    private readonly Stack<ushort> _free = new();
    private ushort _available;
    private ushort _kicked;
    private ushort _used;
    private bool _isDisposed;

    /// <param name="memory">The machine's memory.</param>
    /// <param name="start">Where the ring is in it; a multiple of 4096.</param>
    /// <param name="size">Descriptors.</param>
    /// <param name="slotBytes">Room of each buffer.</param>
    public MachineRing(SharedMemory memory, int start, int size, int slotBytes)
    {
        (_memory, Size, SlotBytes) = (memory, size, slotBytes);
        (Descriptors, Available, Used) = (start, start + 16 * size, start + 16 * size + (6 + 2 * size + 3) / 4 * 4);
        _slots = (Used + 6 + 8 * size + 4095) / 4096 * 4096;
        End = _slots + size * slotBytes;
        Reset();
    }

    public int Size { get; }
    public int SlotBytes { get; }
    public int Descriptors { get; }
    public int Available { get; }
    public int Used { get; }
    public int End { get; }

    /// <summary>Where this driver kicks.</summary>
    public int KickFd { get; } = LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);

    /// <summary>Where it is called.</summary>
    public int CallFd { get; } = LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);

    public bool HasEventIndex { get; set; }

    /// <summary>Whether a frame may come in several buffers.</summary>
    public bool MergesBuffers { get; set; }

    public int Kicks { get; private set; }

    public int Free => _free.Count;

    public ushort AvailableIndex => _available;

    public ushort UsedIndex => Volatile.Read(ref _memory.Words(Used + 2, 1)[0]);

    public ulong GuestAddress(int offset) => VhostMachine.GuestBase + (ulong)offset;

    public Span<byte> Slot(int index) => _memory.Bytes(_slots + index * SlotBytes, SlotBytes);

    /// <summary>Writes a descriptor of any kind.</summary>
    public void Describe(int index, ulong address, uint length, ushort flags, ushort next)
    {
        Span<byte> to = _memory.Bytes(Descriptors + 16 * index, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(to, address);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[12..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(to[14..], next);
    }

    /// <summary>Adds a head; the device sees it at once.</summary>
    public void Add(ushort head)
    {
        _memory.Words(Available + 4 + 2 * (_available & (Size - 1)), 1)[0] = head;
        Volatile.Write(ref _memory.Words(Available + 2, 1)[0], ++_available);
    }

    /// <summary>Sends a frame with its virtio header; false when the ring is full.</summary>
    public bool TrySend(ReadOnlySpan<byte> superFrame)
    {
        if (_free.Count == 0)
            Reclaim();
        if (!_free.TryPop(out ushort slot))
            return false;
        superFrame.CopyTo(Slot(slot));
        Describe(slot, GuestAddress(_slots + slot * SlotBytes), (uint)superFrame.Length, 0, 0);
        Add(slot);
        return true;
    }

    /// <summary>Writes a frame into every buffer, for <see cref="TrySendAgain"/>; nothing may be on the way.</summary>
    public void Prepare(ReadOnlySpan<byte> superFrame)
    {
        for (int slot = 0; slot < Size; slot++)
            superFrame.CopyTo(Slot(slot));
    }

    /// <summary>Sends what a buffer holds already; false when the ring is full.</summary>
    public bool TrySendAgain(int length)
    {
        if (_free.Count == 0)
            Reclaim();
        if (!_free.TryPop(out ushort slot))
            return false;
        Describe(slot, GuestAddress(_slots + slot * SlotBytes), (uint)length, 0, 0);
        Add(slot);
        return true;
    }

    /// <summary>Receives a frame and leaves it where it is: its length, or 0 when none is there.</summary>
    public int TryTake()
    {
        if (!TryTakeUsed(out ushort head, out uint length))
            return 0;
        int buffers = MergesBuffers ? BinaryPrimitives.ReadUInt16LittleEndian(Slot(head)[10..]) : 1;
        int all = (int)length;
        _free.Push(head);
        while (--buffers > 0)
        {
            if (!TryTakeUsed(out head, out length))
                throw new InvalidOperationException("a frame's buffers come together");
            _free.Push(head);
            all += (int)length;
        }

        return all;
    }

    /// <summary>Takes buffers back that the device is done with.</summary>
    public void Reclaim()
    {
        while (TryTakeUsed(out ushort head, out _))
            _free.Push(head);
    }

    /// <summary>As a machine that was just started: nothing was added, nothing came back.</summary>
    public void Reset()
    {
        _memory.Bytes(Descriptors, _slots - Descriptors).Clear();
        (_available, _kicked, _used) = (0, 0, 0);
        _free.Clear();
        for (int i = Size - 1; i >= 0; i--)
            _free.Push((ushort)i);
        Calls();
    }

    /// <summary>The index of the available ring as it stands in memory.</summary>
    public ushort Seen => _memory.Words(Available + 2, 1)[0];

    /// <summary>Offers every free buffer for frames.</summary>
    public void Fill()
    {
        while (_free.TryPop(out ushort slot))
        {
            Describe(slot, GuestAddress(_slots + slot * SlotBytes), (uint)SlotBytes, RingDescriptor.IsForDevice, 0);
            Add(slot);
        }
    }

    /// <summary>Receives a frame with its header; 0 when none is there. Its buffers are free after that.</summary>
    public int TryReceive(Span<byte> superFrame)
    {
        if (!TryTakeUsed(out ushort head, out uint length))
            return 0;
        int buffers = MergesBuffers ? BinaryPrimitives.ReadUInt16LittleEndian(Slot(head)[10..]) : 1;
        int at = 0;
        while (true)
        {
            Slot(head)[..(int)length].CopyTo(superFrame[at..]);
            at += (int)length;
            _free.Push(head);
            if (--buffers == 0)
                return at;
            if (!TryTakeUsed(out head, out length))
                throw new InvalidOperationException("a frame's buffers come together");
        }
    }

    /// <summary>Kicks when the device wants to know; false when it does not.</summary>
    public bool Kick()
    {
        Interlocked.MemoryBarrier();
        ushort before = _kicked;
        _kicked = _available;
        bool wanted = HasEventIndex
            ? (ushort)(_available - Volatile.Read(ref _memory.Words(Used + 4 + 8 * Size, 1)[0]) - 1)
                < (ushort)(_available - before)
            : (Volatile.Read(ref _memory.Words(Used, 1)[0]) & 1) == 0;
        if (!wanted)
            return false;
        Kicks++;
        ForceKick();
        return true;
    }

    public void ForceKick()
    {
        ulong one = 1;
        _ = LibC.write(KickFd, ref MemoryMarshal.AsBytes(new Span<ulong>(ref one))[0], 8);
    }

    /// <summary>Asks to be called at the next used buffer, or not at all.</summary>
    public void WantCalls(bool wanted)
    {
        _memory.Words(Available, 1)[0] = (ushort)(wanted ? 0 : 1);
        _memory.Words(Available + 4 + 2 * Size, 1)[0] = wanted ? _used : (ushort)(_used - 1);
        Interlocked.MemoryBarrier();
    }

    /// <summary>How often it was called since it was asked last.</summary>
    public long Calls()
    {
        Span<byte> count = stackalloc byte[8];
        return LibC.read(CallFd, ref count[0], 8) == 8 ? BitConverter.ToInt64(count) : 0;
    }

    public void Dispose()
    {
        // Closed again, the number would be somebody else's.
        if (_isDisposed)
            return;
        _isDisposed = true;
        _ = LibC.close(KickFd);
        _ = LibC.close(CallFd);
    }

    private bool TryTakeUsed(out ushort head, out uint length)
    {
        (head, length) = (0, 0);
        if (UsedIndex == _used)
            return false;
        ReadOnlySpan<byte> used = _memory.Bytes(Used + 4 + 8 * (_used & (Size - 1)), 8);
        head = (ushort)BinaryPrimitives.ReadUInt32LittleEndian(used);
        length = BinaryPrimitives.ReadUInt32LittleEndian(used[4..]);
        _used++;
        return true;
    }
}
