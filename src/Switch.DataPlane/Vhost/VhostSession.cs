using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// One connection with a hypervisor: what it told of its machine so far. Every message is checked against that; a
/// wrong one is refused in words and ends the connection. One pair of rings. Lane thread only.
/// </summary>
/// <param name="port">The port that it serves.</param>
internal sealed class VhostSession(LanePort port) : IDisposable
{
    private readonly VhostRing[] _rings = [new(), new()];

    /// <summary>What the machine receives into.</summary>
    public VhostRing Receive => _rings[0];

    /// <summary>What the machine sends from.</summary>
    public VhostRing Transmit => _rings[1];

    public VhostFeatures Features { get; } = new();

    public GuestMemory Memory { get; private set; } = new();

    public DirtyLog? Log { get; private set; }

    /// <summary>Handles the message that a channel holds.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public string? Handle(VhostChannel channel)
    {
        bool answered = false;
        string? refusal = channel.Request switch
        {
            VhostRequest.GetFeatures => Answer(channel, VhostFeatures.Offered, out answered),
            VhostRequest.GetProtocolFeatures => Answer(channel, VhostProtocol.Offered, out answered),
            VhostRequest.GetQueueNumber => Answer(channel, 1, out answered),
            VhostRequest.GetRingBase => GetBase(channel, out answered),
            VhostRequest.SetLogBase => SetLog(channel, out answered),
            VhostRequest.SetFeatures => SetFeatures(channel),
            VhostRequest.SetProtocolFeatures => Number(channel, out ulong bits) ?? Unknown(
                bits, VhostProtocol.Offered),
            VhostRequest.SetMemoryTable => SetMemory(channel),
            VhostRequest.SetOwner => null,
            VhostRequest.ResetOwner => StopAll(),
            VhostRequest.SetRingSize => SetSize(channel),
            VhostRequest.SetRingAddresses => SetAddresses(channel),
            VhostRequest.SetRingBase => SetBase(channel),
            VhostRequest.SetRingKick => SetKick(channel),
            VhostRequest.SetRingCall => SetCall(channel),
            VhostRequest.SetRingEnable => SetEnable(channel),
            VhostRequest.SendRarp => Announce(channel),
            VhostRequest.SetRingError or VhostRequest.SetLogDescriptor or VhostRequest.SetMtu => null,
            _ => "this switch does not know the request",
        };
        bool failed = !answered && channel.NeedsReply && !ReplyNumber(channel, refusal is null ? 0UL : 1UL);
        return failed ? "it does not read its answers" : refusal;
    }

    /// <summary>Stops everything, but leaves what is watched to the caller.</summary>
    public void Dispose()
    {
        foreach (VhostRing ring in _rings)
            ring.Dispose();
        Memory.Dispose();
        Log?.Dispose();
        Log = null;
    }

    /// <summary>Before it is disposed while its lane runs.</summary>
    public void Unwatch()
    {
        foreach (VhostRing ring in _rings)
        {
            if (ring.Kick >= 0)
                port.Unwatch(ring.Kick);
        }
    }

    private static string? Answer(VhostChannel channel, ulong value, out bool answered)
    {
        answered = ReplyNumber(channel, value);
        return answered ? null : "it does not read its answers";
    }

    private static bool ReplyNumber(VhostChannel channel, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return channel.Reply(bytes);
    }

    private static string? Number(VhostChannel channel, out ulong value)
    {
        bool isNumber = channel.Payload.Length == 8;
        value = isNumber ? BinaryPrimitives.ReadUInt64LittleEndian(channel.Payload) : 0;
        return isNumber ? null : "its length is wrong";
    }

    private static string? Unknown(ulong bits, ulong offered) =>
        (bits & ~offered) == 0 ? null : $"the features {bits & ~offered:x} were not offered";

    // Index and number, each u32.
    private string? RingState(VhostChannel channel, out VhostRing ring, out uint number)
    {
        (ring, number) = (_rings[0], 0);
        if (channel.Payload.Length != 8)
            return "its length is wrong";
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(channel.Payload);
        number = BinaryPrimitives.ReadUInt32LittleEndian(channel.Payload[4..]);
        if (index >= _rings.Length)
            return $"there is no ring {index}";
        ring = _rings[index];
        return null;
    }

    private string? SetFeatures(VhostChannel channel)
    {
        if ((Number(channel, out ulong bits) ?? Unknown(bits, VhostFeatures.Offered)) is { } refusal)
            return refusal;
        Features.Bits = bits;
        foreach (VhostRing ring in _rings)
            ring.Queue.HasEventIndex = Features.HasEventIndex;
        UseLog();
        return null;
    }

    private string? SetMemory(VhostChannel channel)
    {
        var memory = new GuestMemory();
        if (MemoryTable.Read(channel, memory) is { } refusal)
        {
            memory.Dispose();
            return refusal;
        }

        bool[] running = [.. _rings.Select(ring => ring.IsRunning)];
        foreach (VhostRing ring in _rings)
            ring.Queue.Unbind();
        Memory.Dispose();
        Memory = memory;
        for (int i = 0; i < _rings.Length; i++)
        {
            if (running[i] && !_rings[i].Queue.Bind(memory))
                return "a running ring is not in the new memory";
        }

        return null;
    }

    private string? SetLog(VhostChannel channel, out bool answered)
    {
        answered = false;
        ReadOnlySpan<byte> payload = channel.Payload;
        int fd = channel.TakeDescriptor();
        if (payload.Length != 16 || fd < 0)
        {
            Close(fd);
            return "a log has a length, an offset and a descriptor";
        }

        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(payload);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]);
        string? refusal = "a log's length and offset are multiples of 8";
        SharedMapping? mapping = null;
        if (size != 0 && size % 8 == 0 && offset % 8 == 0 && size <= ulong.MaxValue - offset)
            mapping = SharedMapping.TryMap(fd, offset + size, out refusal);
        Close(fd);
        if (mapping is null)
            return refusal;
        Log?.Dispose();
        Log = new DirtyLog(mapping, offset, size);
        UseLog();
        answered = channel.Reply([]);
        return answered ? null : "it does not read its answers";
    }

    private string? SetSize(VhostChannel channel)
    {
        if (RingState(channel, out VhostRing ring, out uint size) is { } refusal)
            return refusal;
        if (ring.Queue.IsBound || size is 0 or > Virtqueue.MaxSize || !uint.IsPow2(size))
            return $"a ring of {size} must stand still, and be a power of 2 up to {Virtqueue.MaxSize}";
        ring.Queue.Size = (ushort)size;
        return null;
    }

    // Index and flags, each u32; descriptors, used, available and the used ring for the log, each u64.
    private string? SetAddresses(VhostChannel channel)
    {
        ReadOnlySpan<byte> payload = channel.Payload;
        if (payload.Length != 40 || BinaryPrimitives.ReadUInt32LittleEndian(payload) >= _rings.Length)
            return "a ring's addresses are wrong";
        VhostRing ring = _rings[BinaryPrimitives.ReadInt32LittleEndian(payload)];
        RingAddresses? before = ring.Queue.Addresses;
        var now = new RingAddresses(
            BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[16..]),
            (payload[4] & 1) != 0,
            BinaryPrimitives.ReadUInt64LittleEndian(payload[32..]));
        ring.Queue.Addresses = now;

        // A migration only switches the log on, while the ring runs.
        bool moved = before is not { } old
            || now with { LogsUsed = old.LogsUsed, UsedInGuest = old.UsedInGuest } != old;
        return ring.Queue.IsBound && moved && !ring.Queue.Bind(Memory) ? "a running ring left its memory" : null;
    }

    private string? SetBase(VhostChannel channel)
    {
        if (RingState(channel, out VhostRing ring, out uint next) is { } refusal)
            return refusal;
        if (ring.Queue.IsBound)
            return "a running ring cannot be set back";
        ring.Queue.NextAvailable = (ushort)next;
        return null;
    }

    private string? GetBase(VhostChannel channel, out bool answered)
    {
        answered = false;
        if (RingState(channel, out VhostRing ring, out _) is { } refusal)
            return refusal;
        Span<byte> state = stackalloc byte[8];
        channel.Payload[..4].CopyTo(state);
        BinaryPrimitives.WriteUInt32LittleEndian(state[4..], ring.Queue.NextAvailable);
        Stop(ring);
        answered = channel.Reply(state);
        return answered ? null : "it does not read its answers";
    }

    private string? SetKick(VhostChannel channel)
    {
        if (RingEvent(channel, out VhostRing ring, out int fd) is { } refusal)
            return refusal;
        if (fd < 0)
            return "a ring needs a descriptor for kicks: this switch does not poll";
        if (ring.Kick >= 0)
            port.Unwatch(ring.Kick);
        ring.SetKick(fd);
        ring.Stop();
        if (!ring.Queue.Bind(Memory))
            return "a ring was started that is not wholly in the machine's memory";
        if ((Features.Bits & VhostFeatures.HasProtocolFeatures) == 0)
            ring.IsEnabled = true;
        return port.TryWatch(fd, Readiness.Input | Readiness.Edges) ? null : "its kicks cannot be watched";
    }

    private string? SetCall(VhostChannel channel)
    {
        if (RingEvent(channel, out VhostRing ring, out int fd) is { } refusal)
            return refusal;
        ring.SetCall(fd);
        return null;
    }

    private string? SetEnable(VhostChannel channel)
    {
        if (RingState(channel, out VhostRing ring, out uint enabled) is { } refusal)
            return refusal;
        ring.IsEnabled = enabled != 0;
        return null;
    }

    private string? Announce(VhostChannel channel)
    {
        if (channel.Payload.Length != 8)
            return "its length is wrong";
        Span<byte> superFrame = port.Frame.AsSpan(0, Limits.VnetHeaderBytes + 60);
        superFrame.Clear();
        MacAddress mac = MacAddress.Read(channel.Payload);
        Span<byte> frame = superFrame[Limits.VnetHeaderBytes..];
        FrameWriter.Rarp(frame, mac);
        port.Take(superFrame);
        return null;
    }

    // Number of the ring and whether a descriptor came.
    private string? RingEvent(VhostChannel channel, out VhostRing ring, out int fd)
    {
        (ring, fd) = (_rings[0], -1);
        if (Number(channel, out ulong value) is { } refusal)
            return refusal;
        if ((value & 0xFF) >= (ulong)_rings.Length)
            return $"there is no ring {value & 0xFF}";
        ring = _rings[value & 0xFF];
        if ((value & VhostProtocol.NoDescriptor) != 0)
            return null;
        fd = channel.TakeDescriptor();
        if (fd >= 0 && VhostRing.IsEvent(fd))
            return null;
        Close(fd);
        fd = -1;
        return "a ring is kicked and called by eventfds only";
    }

    private string? StopAll()
    {
        foreach (VhostRing ring in _rings)
            Stop(ring);
        return null;
    }

    private void Stop(VhostRing ring)
    {
        if (ring.Kick >= 0)
            port.Unwatch(ring.Kick);
        ring.Dispose();
    }

    private void UseLog()
    {
        foreach (VhostRing ring in _rings)
            ring.Queue.Log = Features.LogsWrites ? Log : null;
    }

    private static void Close(int fd)
    {
        if (fd >= 0)
            _ = LibC.close(fd);
    }
}
