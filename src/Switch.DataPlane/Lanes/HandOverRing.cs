namespace VioActors.Switch.DataPlane;

/// <summary>
/// What another lane shall do with a frame: write it to <paramref name="Port"/>; else send it to the host
/// <paramref name="Host"/> of the environment; else it is for the environment's prober.
/// </summary>
internal readonly record struct HandOver(
    SwitchPort? Port, string Environment, string? Host, ulong Origin, bool PassedOn);

/// <summary>
/// Frames on the way from one lane to one other, in a block of memory of their own. One thread adds, one removes; no
/// lock. A frame never wraps: the end of the block stays empty when the next one does not fit there.
/// </summary>
internal sealed class HandOverRing
{
    private const int Frames = 512;
    private const int Bytes = 8 * Limits.MaxSuperFrameBytes;
    private readonly Entry[] _entries = new Entry[Frames];
    private readonly byte[] _block = GC.AllocateUninitializedArray<byte>(Bytes);
    private long _added;
    private long _removed;
    private long _end;
    private long _begin;
    private long _lost;

    /// <summary>Frames so far.</summary>
    public long Added => Volatile.Read(ref _added);

    /// <summary>Frames that found no room.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public bool IsEmpty => Volatile.Read(ref _added) == Volatile.Read(ref _removed);

    /// <summary>Copies a frame in; false when there is no room for it. The one lane that adds.</summary>
    public bool TryAdd(in HandOver what, ReadOnlySpan<byte> superFrame)
    {
        int at = (int)(_end % Bytes);
        long begin = at + superFrame.Length <= Bytes ? _end : _end + Bytes - at;
        long end = begin + superFrame.Length;
        if (end - Volatile.Read(ref _begin) > Bytes || _added - Volatile.Read(ref _removed) >= Frames)
        {
            Volatile.Write(ref _lost, _lost + 1);
            return false;
        }

        at = (int)(begin % Bytes);
        superFrame.CopyTo(_block.AsSpan(at));
        _entries[_added % Frames] = new Entry(what, at, superFrame.Length, end);
        _end = end;
        Volatile.Write(ref _added, _added + 1);
        return true;
    }

    /// <summary>The oldest frame; valid until <see cref="Remove"/>. The one lane that removes.</summary>
    public bool TryPeek(out HandOver what, out ReadOnlySpan<byte> superFrame)
    {
        what = default;
        superFrame = default;
        if (Volatile.Read(ref _added) == _removed)
            return false;
        ref readonly Entry oldest = ref _entries[_removed % Frames];
        what = oldest.What;
        superFrame = _block.AsSpan(oldest.At, oldest.Length);
        return true;
    }

    /// <summary>Frees the place of the oldest frame. The one lane that removes.</summary>
    public void Remove()
    {
        ref Entry oldest = ref _entries[_removed % Frames];
        long end = oldest.End;
        oldest = default;
        Volatile.Write(ref _begin, end);
        Volatile.Write(ref _removed, _removed + 1);
    }

    private readonly record struct Entry(HandOver What, int At, int Length, long End);
}
