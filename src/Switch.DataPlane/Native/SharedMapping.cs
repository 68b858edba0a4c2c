using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Memory of another process, mapped from a descriptor that it gave. Only a memfd that is sealed against shrinking is
/// taken: a page that vanishes under a mapping would end this process, and not with an exception.
/// </summary>
internal sealed class SharedMapping : IDisposable
{
    private readonly nuint _length;
    private nint _address;

    private SharedMapping(nint address, nuint length) => (_address, _length) = (address, length);

    /// <summary>Bytes that are mapped.</summary>
    public ulong Length => _length;

    /// <summary>Maps the first bytes of a descriptor; null with a reason when that would not be safe.</summary>
    /// <param name="fd">Stays the caller's, who may close it.</param>
    /// <param name="length">How many.</param>
    /// <param name="refusal">Why not.</param>
    public static SharedMapping? TryMap(int fd, ulong length, out string? refusal)
    {
        refusal = Refusal(fd, length);
        if (refusal is not null)
            return null;
        nint address = LibC.mmap(0, (nuint)length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0);
        if (address != -1)
            return new SharedMapping(address, (nuint)length);
        refusal = LibC.Failure($"map {length} bytes of the machine's memory").Message;
        return null;
    }

    /// <summary>The address of a range; it must be inside.</summary>
    // SAFETY: the range is inside of the mapping, which lives until Dispose; the caller drops the pointer before that.
    public unsafe byte* Pointer(ulong offset, ulong length)
    {
        Invariant.Check(_address != 0 && offset <= _length && length <= _length - offset, "a range is mapped");
        return (byte*)_address + offset;
    }

    /// <summary>The bytes of a range; it must be inside.</summary>
    // SAFETY: as above.
    public unsafe Span<byte> Bytes(ulong offset, int length) => new(Pointer(offset, (uint)length), length);

    public void Dispose()
    {
        nint address = Interlocked.Exchange(ref _address, 0);
        if (address != 0)
            _ = LibC.munmap(address, _length);
    }

    private static string? Refusal(int fd, ulong length)
    {
        if (length is 0 or > long.MaxValue)
            return $"a region of {length} bytes is none";
        int seals = LibC.fcntl(fd, LibC.F_GET_SEALS, 0);
        if (seals < 0 || (seals & LibC.F_SEAL_SHRINK) == 0)
            return "its memory is no memfd that is sealed against shrinking; use memory-backend-memfd with share=on";

        // Huge pages may be missing when they are touched, which would end this process.
        Span<byte> status = stackalloc byte[256];
        if (LibC.fstatfs(fd, ref MemoryMarshal.GetReference(status)) < 0
            || MemoryMarshal.Read<long>(status) != LibC.TMPFS_MAGIC)
        {
            return "its memory has huge pages; use memory-backend-memfd without hugetlb";
        }

        long size = LibC.lseek(fd, 0, LibC.SEEK_END);
        return size < 0 || (ulong)size < length ? $"a region of {length} bytes is in a memfd of {size}" : null;
    }
}
