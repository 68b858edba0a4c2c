namespace VioActors.Switch.DataPlane;

/// <summary>
/// Puts slices together again. Bounded in count, bytes and time: a fixed number of preallocated buffers, a share of
/// them per session, and a deadline. Owned by one lane thread; no method allocates.
/// </summary>
internal sealed class Reassembly
{
    private readonly ReassemblySlot[] _slots;
    private ReassemblySlot _latest;
    private long _order;

    public Reassembly()
    {
        _slots = new ReassemblySlot[Limits.ReassemblySlots];
        for (int i = 0; i < _slots.Length; i++)
            _slots[i] = new ReassemblySlot();
        _latest = _slots[0];
    }

    /// <summary>Super-frames that were given up incomplete: too old, or pushed out by newer ones.</summary>
    public long Abandoned { get; private set; }

    /// <summary>Slices that contradicted an earlier slice of the same super-frame.</summary>
    public long Contradictions { get; private set; }

    /// <summary>Super-frames of which one slice was lost and made good by the parity.</summary>
    public long Recovered { get; private set; }

    /// <summary>Super-frames that are begun and not complete.</summary>
    public int Open { get; private set; }

    /// <summary>
    /// Adds one slice. True when its super-frame is complete: <paramref name="superFrame"/> then lies in a buffer of
    /// this object and is valid until the next call.
    /// </summary>
    /// <param name="session">The receiving session, never 0; slices of different sessions never mix.</param>
    /// <param name="header">Already checked by <see cref="SliceHeader.TryRead"/>.</param>
    /// <param name="payload">Copied.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="superFrame">The whole super-frame.</param>
    public bool Add(
        uint session, scoped in SliceHeader header, scoped ReadOnlySpan<byte> payload, long nowMs,
            out Span<byte> superFrame)
    {
        superFrame = default;
        ReassemblySlot slot = Find(session, header, nowMs);
        if (slot.IsDone)
            return false;
        SliceFit fit = slot.Put(header, payload);
        if (fit is SliceFit.Waits)
            return false;
        End(slot);
        if (fit is SliceFit.Contradicts)
        {
            Contradictions++;
            return false;
        }

        Recovered += slot.WasRecovered ? 1 : 0;
        superFrame = slot.Bytes;
        return true;
    }

    /// <summary>
    /// Gives up the oldest super-frame of a session that is not complete although a later one is: on a path that keeps
    /// the order, what it lacks is lost. False when there is none.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="before">The later super-frame.</param>
    /// <param name="slot">What there is of it; valid until the next call.</param>
    public bool TryGiveUp(uint session, uint before, out ReassemblySlot slot)
    {
        ReassemblySlot? oldest = null;
        foreach (ReassemblySlot one in _slots)
        {
            bool isEarlier = one.Session == session && !one.IsDone && (int)(before - one.FrameId) > 0;
            if (isEarlier && (oldest is null || one.Order < oldest.Order))
                oldest = one;
        }

        slot = oldest ?? _latest;
        if (oldest is null)
            return false;
        Abandoned++;
        End(oldest);
        return true;
    }

    /// <summary>Gives up a super-frame that has waited for so long; false when there is none.</summary>
    public bool TryGiveUp(long beginBeforeMs, out ReassemblySlot slot)
    {
        slot = _latest;
        foreach (ReassemblySlot one in _slots)
        {
            if (one.Session == 0 || one.IsDone || one.StartedMs > beginBeforeMs)
                continue;
            slot = one;
            Abandoned++;
            End(one);
            return true;
        }

        return false;
    }

    /// <summary>Forgets everything of a session that ended.</summary>
    public void Forget(uint session)
    {
        foreach (ReassemblySlot slot in _slots)
        {
            if (slot.Session != session)
                continue;
            if (!slot.IsDone)
                End(slot);
            slot.Session = 0;
        }
    }

    // It stays known, so that what still comes of it (its parity, above all) begins nothing.
    private void End(ReassemblySlot slot)
    {
        slot.IsDone = true;
        Open--;
    }

    private ReassemblySlot Find(uint session, in SliceHeader header, long nowMs)
    {
        if (_latest.Session == session && _latest.FrameId == header.FrameId
            && nowMs - _latest.StartedMs <= Limits.ReassemblyMs)
        {
            return _latest;
        }

        ReassemblySlot? known = null, free = null, oldest = null, oldestOfSession = null;
        int ofSession = 0;
        foreach (ReassemblySlot slot in _slots)
        {
            if (slot.Session != 0 && nowMs - slot.StartedMs > Limits.ReassemblyMs)
                Forget(slot);
            if (slot.Session == session && slot.FrameId == header.FrameId)
                known = slot;
            if (slot.Session == 0 || slot.IsDone)
            {
                if (free is null || slot.Order < free.Order)
                    free = slot;
                continue;
            }

            if (slot.Session == session)
            {
                ofSession++;
                if (oldestOfSession is null || slot.Order < oldestOfSession.Order)
                    oldestOfSession = slot;
            }

            if (oldest is null || slot.Order < oldest.Order)
                oldest = slot;
        }

        if (known is not null)
            return _latest = known;
        _latest = ofSession >= Limits.ReassemblySlotsPerSession ? oldestOfSession! : free ?? oldest!;
        if (_latest.Session != 0)
            Forget(_latest);
        _latest.Begin(session, header, nowMs, ++_order);
        Open++;
        return _latest;
    }

    private void Forget(ReassemblySlot slot)
    {
        if (!slot.IsDone)
        {
            Abandoned++;
            End(slot);
        }

        slot.Session = 0;
    }
}
