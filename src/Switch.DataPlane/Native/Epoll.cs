using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>What ends a wait for a descriptor; the kernel's numbers.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,

    /// <summary>Something can be read.</summary>
    Input = 1,

    /// <summary>Something can be written.</summary>
    Room = 4,

    /// <summary>Each event once, so that an eventfd need not be read.</summary>
    Edges = 0x8000_0000,
}

/// <summary>
/// Waits for descriptors that are ready, together with a wake-up from other threads. Owned by one lane thread;
/// only <see cref="Wake"/> may be called from elsewhere, until <see cref="Dispose"/>.
/// </summary>
internal sealed class Epoll : IDisposable
{
    // struct epoll_event is packed on x86-64 (12 bytes) and naturally aligned elsewhere (16 bytes, data at 8).
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventBytes == 12 ? 4 : 8;
    private readonly byte[] _events = new byte[64 * 16];
    private readonly byte[] _wakeBuffer = new byte[8];
    private readonly int _epoll;
    private readonly int _wake;
    private int _closed;

    public Epoll()
    {
        _epoll = LibC.epoll_create1(LibC.EPOLL_CLOEXEC);
        if (_epoll < 0)
            throw LibC.Failure("epoll_create1");
        _wake = LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);
        if (_wake < 0)
            throw LibC.Failure("eventfd");
        Add(_wake);
    }

    /// <summary>Starts to watch a descriptor.</summary>
    public void Add(int fd)
    {
        if (!TrySet(fd, Readiness.Input, isNew: true))
            throw LibC.Failure($"epoll_ctl {fd}");
    }

    /// <summary>Watches a descriptor, or changes for what; false when the kernel refuses (errno tells why).</summary>
    /// <param name="fd">The descriptor.</param>
    /// <param name="readiness">What ends a wait.</param>
    /// <param name="isNew">False when it is watched already.</param>
    public bool TrySet(int fd, Readiness readiness, bool isNew)
    {
        Span<byte> change = stackalloc byte[16];
        change.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(change, (uint)readiness);
        BinaryPrimitives.WriteInt32LittleEndian(change[DataOffset..], fd);
        int operation = isNew ? LibC.EPOLL_CTL_ADD : LibC.EPOLL_CTL_MOD;
        return LibC.epoll_ctl(_epoll, operation, fd, ref MemoryMarshal.GetReference(change)) >= 0;
    }

    /// <summary>Stops watching a descriptor; one that is already closed is not an error.</summary>
    public void Remove(int fd)
    {
        Span<byte> change = stackalloc byte[16];
        change.Clear();
        _ = LibC.epoll_ctl(_epoll, LibC.EPOLL_CTL_DEL, fd, ref MemoryMarshal.GetReference(change));
    }

    /// <summary>Waits and stores the ready descriptors; a wake-up is swallowed and gives no entry.</summary>
    /// <param name="ready">Filled from the start; at most 64 entries are used.</param>
    /// <param name="timeoutMs">0 polls, -1 waits for ever.</param>
    /// <returns>How many entries were stored.</returns>
    public int Wait(Span<int> ready, int timeoutMs)
    {
        int max = Math.Min(ready.Length, 64);
        int count = LibC.epoll_wait(_epoll, ref _events[0], max, timeoutMs);
        if (count < 0)
            return LibC.Errno == LibC.EINTR ? 0 : throw LibC.Failure("epoll_wait");
        int stored = 0;
        for (int i = 0; i < count; i++)
        {
            int fd = BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan(i * EventBytes + DataOffset));
            if (fd == _wake)
                _ = LibC.read(_wake, ref _wakeBuffer[0], 8);
            else
                ready[stored++] = fd;
        }

        return stored;
    }

    /// <summary>Ends the current or next <see cref="Wait"/>. Any thread.</summary>
    public void Wake()
    {
        Span<byte> one = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(one, 1);
        _ = LibC.write(_wake, ref MemoryMarshal.GetReference(one), 8);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        _ = LibC.close(_wake);
        _ = LibC.close(_epoll);
    }
}
