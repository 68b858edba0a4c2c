using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The message that tells of a machine's memory: a count, and for each region its address in the machine, its size, its
/// address in the hypervisor and its offset in a descriptor of its own.
/// </summary>
internal static class MemoryTable
{
    /// <summary>Maps the regions.</summary>
    /// <param name="channel">Holds the message; its descriptors are taken and closed.</param>
    /// <param name="memory">Takes the regions.</param>
    /// <returns>Null, or why not.</returns>
    public static string? Read(VhostChannel channel, GuestMemory memory)
    {
        ReadOnlySpan<byte> payload = channel.Payload;
        uint count = payload.Length >= 8 ? BinaryPrimitives.ReadUInt32LittleEndian(payload) : 0;
        if (count is 0 or > DescriptorPassing.Max || payload.Length != 8 + count * VhostProtocol.RegionBytes
            || channel.Descriptors != count)
        {
            return $"a memory table has 1 to {DescriptorPassing.Max} regions and a descriptor for each";
        }

        for (ReadOnlySpan<byte> region = payload[8..]; region.Length > 0; region = region[VhostProtocol.RegionBytes..])
        {
            if (Add(region, channel.TakeDescriptor(), memory) is { } refusal)
                return refusal;
        }

        return null;
    }

    private static string? Add(ReadOnlySpan<byte> region, int fd, GuestMemory memory)
    {
        ulong guest = BinaryPrimitives.ReadUInt64LittleEndian(region);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(region[8..]);
        ulong user = BinaryPrimitives.ReadUInt64LittleEndian(region[16..]);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(region[24..]);
        string? refusal = "a region wraps around the end of all addresses";
        SharedMapping? mapping = null;
        if (size > 0 && guest <= ulong.MaxValue - size && user <= ulong.MaxValue - size
            && offset <= ulong.MaxValue - size)
        {
            mapping = SharedMapping.TryMap(fd, offset + size, out refusal);
        }

        _ = LibC.close(fd);
        if (mapping is null)
            return refusal;
        memory.Add(new MemoryRegion(guest, user, size, offset, mapping));
        return null;
    }
}
