using System.Numerics;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Puts slices together again. Bounded in count, bytes and time: a fixed number of preallocated buffers, a share of
/// them
/// per session, and a deadline. Owned by one lane thread; no method allocates.
/// </summary>
internal sealed class Reassembly
{
    private readonly Slot[] _slots;
    private long _order;

    public Reassembly()
    {
        _slots = new Slot[Limits.ReassemblySlots];
        for (int i = 0; i < _slots.Length; i++)
            _slots[i] = new Slot();
    }

    /// <summary>Super-frames that were given up incomplete: too old, or pushed out by newer ones.</summary>
    public long Abandoned { get; private set; }

    /// <summary>Slices that contradicted an earlier slice of the same super-frame.</summary>
    public long Contradictions { get; private set; }

    /// <summary>
    /// Adds one slice. True when its super-frame is complete: <paramref name="superFrame"/> then lies in a buffer of
    /// this
    /// object and is valid until the next call.
    /// </summary>
    /// <param name="session">The receiving session, never 0; slices of different sessions never mix.</param>
    /// <param name="header">Already checked by <see cref="SliceHeader.TryRead"/>.</param>
    /// <param name="payload">Copied.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="superFrame">The whole super-frame.</param>
    public bool Add(
        uint session, scoped in SliceHeader header, scoped ReadOnlySpan<byte> payload, long nowMs,
            out ReadOnlySpan<byte> superFrame)
    {
        superFrame = default;
        Slot slot = Find(session, header, nowMs);
        if (slot.Total != header.Total || slot.Count != header.Count || slot.Origin != header.Origin)
        {
            Contradictions++;
            slot.Session = 0;
            return false;
        }

        ulong bit = 1UL << header.Index;
        if ((slot.Seen & bit) != 0)
            return false;
        slot.Seen |= bit;
        slot.Starts[header.Index] = header.Offset;
        slot.Ends[header.Index] = header.Offset + payload.Length;
        payload.CopyTo(slot.Buffer.AsSpan(header.Offset));
        if (BitOperations.PopCount(slot.Seen) != slot.Count)
            return false;

        // The slices must tile the frame, or bytes of an earlier frame in this buffer would show through a hole.
        slot.Session = 0;
        for (int i = 1; i < slot.Count; i++)
        {
            if (slot.Starts[i] != slot.Ends[i - 1])
            {
                Contradictions++;
                return false;
            }
        }

        superFrame = slot.Buffer.AsSpan(0, slot.Total);
        return true;
    }

    /// <summary>Forgets everything of a session that ended.</summary>
    public void Forget(uint session)
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Session == session)
                slot.Session = 0;
        }
    }

    private Slot Find(uint session, in SliceHeader header, long nowMs)
    {
        Slot? free = null, oldest = null, oldestOfSession = null;
        int ofSession = 0;
        foreach (Slot slot in _slots)
        {
            if (slot.Session != 0 && nowMs - slot.StartedMs > Limits.ReassemblyMs)
            {
                slot.Session = 0;
                Abandoned++;
            }

            if (slot.Session == 0)
            {
                free ??= slot;
                continue;
            }

            if (slot.Session == session)
            {
                if (slot.FrameId == header.FrameId)
                    return slot;
                ofSession++;
                if (oldestOfSession is null || slot.Order < oldestOfSession.Order)
                    oldestOfSession = slot;
            }

            if (oldest is null || slot.Order < oldest.Order)
                oldest = slot;
        }

        Slot chosen = ofSession >= Limits.ReassemblySlotsPerSession ? oldestOfSession! : free ?? oldest!;
        if (chosen.Session != 0)
            Abandoned++;
        chosen.Begin(session, header, nowMs, ++_order);
        return chosen;
    }

    private sealed class Slot
    {
        public readonly byte[] Buffer = GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);
        public readonly int[] Starts = new int[Limits.MaxSlices];
        public readonly int[] Ends = new int[Limits.MaxSlices];
        public uint Session;
        public uint FrameId;
        public int Total;
        public int Count;
        public ulong Origin;
        public ulong Seen;
        public long StartedMs;
        public long Order;

        public void Begin(uint session, in SliceHeader header, long nowMs, long order)
        {
            Session = session;
            FrameId = header.FrameId;
            Total = header.Total;
            Count = header.Count;
            Origin = header.Origin;
            Seen = 0;
            StartedMs = nowMs;
            Order = order;
        }
    }
}
