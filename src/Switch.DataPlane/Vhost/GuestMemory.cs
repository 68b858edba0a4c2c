namespace VioActors.Switch.DataPlane;

/// <summary>One range of a machine's memory.</summary>
/// <param name="Guest">Its address in the machine.</param>
/// <param name="User">Its address in the process of the hypervisor.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Offset">Where it starts in the mapping.</param>
/// <param name="Mapping">Owned.</param>
internal sealed record MemoryRegion(ulong Guest, ulong User, ulong Size, ulong Offset, SharedMapping Mapping);

/// <summary>
/// A machine's memory. Whatever address the machine or its hypervisor names is looked up here before it is touched.
/// </summary>
internal sealed class GuestMemory : IDisposable
{
    private readonly List<MemoryRegion> _regions = [];
    private MemoryRegion? _last;

    public int Count => _regions.Count;

    /// <summary>Takes a region over.</summary>
    public void Add(MemoryRegion region) => _regions.Add(region);

    /// <summary>
    /// The place of a range by the machine's address; false unless all of it is in one region.
    /// </summary>
    // SAFETY: the pointer is good for length bytes until this memory is disposed.
    public unsafe bool TryFind(ulong guest, uint length, out byte* place)
    {
        if (_last is { } last && Contains(last, last.Guest, guest, length))
        {
            place = last.Mapping.Pointer(last.Offset + (guest - last.Guest), length);
            return true;
        }

        for (int i = 0; i < _regions.Count; i++)
        {
            MemoryRegion region = _regions[i];
            if (!Contains(region, region.Guest, guest, length))
                continue;
            _last = region;
            place = region.Mapping.Pointer(region.Offset + (guest - region.Guest), length);
            return true;
        }

        place = null;
        return false;
    }

    /// <summary>The same by the hypervisor's address.</summary>
    // SAFETY: as above.
    public unsafe bool TryFindByUser(ulong user, ulong length, out byte* place)
    {
        foreach (MemoryRegion region in _regions)
        {
            if (!Contains(region, region.User, user, length))
                continue;
            place = region.Mapping.Pointer(region.Offset + (user - region.User), length);
            return true;
        }

        place = null;
        return false;
    }

    public void Dispose()
    {
        foreach (MemoryRegion region in _regions)
            region.Mapping.Dispose();
        _regions.Clear();
        _last = null;
    }

    // An address before the start wraps to a distance that no region has.
    private static bool Contains(MemoryRegion region, ulong start, ulong address, ulong length) =>
        address - start < region.Size && length <= region.Size - (address - start);
}
