namespace VioActors.Switch.DataPlane;

/// <summary>
/// The bitmap of pages that were written since the hypervisor looked, for live migration: one bit for each 4 KiB of the
/// machine's memory. The hypervisor reads and clears it at the same time.
/// </summary>
internal sealed class DirtyLog(SharedMapping mapping, ulong offset, ulong size) : IDisposable
{
    private const int PageBits = 12;

    /// <summary>Says that a range was written; what the log is too small for is left out.</summary>
    // SAFETY: each word is inside of the mapping, by its own check.
    public unsafe void Mark(ulong guest, ulong length)
    {
        if (length == 0)
            return;
        ulong last = Math.Min((guest + length - 1) >> PageBits, size * 8 - 1);
        for (ulong page = guest >> PageBits; page <= last; page++)
        {
            ref int word = ref *(int*)mapping.Pointer(offset + page / 32 * 4, 4);
            Interlocked.Or(ref word, 1 << (int)(page % 32));
        }
    }

    public void Dispose() => mapping.Dispose();
}
