using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A memfd with its mapping, sealed as QEMU seals a machine's memory.</summary>
internal sealed partial class SharedMemory : IDisposable
{
    private const uint MFD_CLOEXEC = 1;
    private const uint MFD_ALLOW_SEALING = 2;
    private const int F_ADD_SEALS = 1033;
    private const int F_SEAL_GROW = 4;
    private readonly SharedMapping _mapping;
    private bool _isDisposed;

    public SharedMemory(int size, bool isSealed = true)
    {
        Size = size;
        Fd = memfd_create("machine", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (Fd < 0 || ftruncate(Fd, size) < 0 || LibC.fcntl(Fd, F_ADD_SEALS, LibC.F_SEAL_SHRINK | F_SEAL_GROW) < 0)
            throw LibC.Failure("memfd");
        _mapping = SharedMapping.TryMap(Fd, (ulong)size, out string? refusal)
            ?? throw new InvalidOperationException(refusal);
        if (isSealed)
            return;
        _ = LibC.close(Fd);
        Fd = memfd_create("machine", MFD_CLOEXEC);
        _ = ftruncate(Fd, size);
    }

    public int Fd { get; }

    public int Size { get; }

    public Span<byte> Bytes(int offset, int length) => _mapping.Bytes((ulong)offset, length);

    public Span<ushort> Words(int offset, int count) => MemoryMarshal.Cast<byte, ushort>(Bytes(offset, 2 * count));

    public void Dispose()
    {
        // Closed again, the number would be somebody else's.
        if (_isDisposed)
            return;
        _isDisposed = true;
        _mapping.Dispose();
        _ = LibC.close(Fd);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int fd, long length);
}
