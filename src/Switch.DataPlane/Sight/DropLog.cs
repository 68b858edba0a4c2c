namespace VioActors.Switch.DataPlane;

/// <summary>
/// The last dropped frames of all lanes, with the first bytes of each. Written on the hot path, so it copies and does
/// not parse or allocate; what the bytes mean is read when somebody asks. Thread safe.
/// </summary>
internal sealed class DropLog(TimeProvider time)
{
    private const int HeadBytes = 64;
    private readonly byte[] _heads = GC.AllocateUninitializedArray<byte>(Limits.DropsKept * HeadBytes);
    private readonly Entry[] _entries = new Entry[Limits.DropsKept];
    private readonly Lock _lock = new();
    private long _noted;

    /// <summary>Dropped frames since the start, also those no longer kept.</summary>
    public long Noted => Volatile.Read(ref _noted);

    /// <summary>A frame of a port, or for it.</summary>
    public void Note(SwitchPort port, ReadOnlySpan<byte> superFrame) =>
        Note(port.Environment, port.Name, isTunnel: false, port.Counters.LastDrop, superFrame);

    /// <summary>A frame that came from a host.</summary>
    public void Note(PeerTunnel peer, ReadOnlySpan<byte> superFrame) =>
        Note(peer.Environment.Id, peer.HostId, isTunnel: true, peer.Counters.LastDrop, superFrame);

    /// <summary>The newest ones, oldest first.</summary>
    /// <param name="after">Only those whose number is higher.</param>
    /// <param name="port">Only those of this port; null: all.</param>
    /// <param name="most">At most so many.</param>
    public List<DroppedFrame> Read(long after, string? port, int most)
    {
        var found = new List<DroppedFrame>();
        DateTimeOffset now = time.GetUtcNow();
        using Lock.Scope reading = _lock.EnterScope();
        long oldest = Math.Max(0, _noted - Limits.DropsKept);
        for (long number = _noted; number > Math.Max(after, oldest) && found.Count < most; number--)
        {
            int at = (int)((number - 1) % Limits.DropsKept);
            Entry entry = _entries[at];
            if (port is not null && (entry.IsTunnel || entry.Where != port))
                continue;
            found.Add(new DroppedFrame(
                number, now.AddMilliseconds(entry.AtMs - NowMs), entry.Environment, entry.Where, entry.IsTunnel,
                entry.Reason, entry.Length, FrameFacts.Of(_heads.AsSpan(at * HeadBytes, entry.HeadLength))));
        }

        found.Reverse();
        return found;
    }

    private void Note(string environment, string where, bool isTunnel, string reason, ReadOnlySpan<byte> superFrame)
    {
        ReadOnlySpan<byte> frame =
            superFrame.Length <= Limits.VnetHeaderBytes ? default : superFrame[Limits.VnetHeaderBytes..];
        using Lock.Scope writing = _lock.EnterScope();
        int at = (int)(_noted++ % Limits.DropsKept);
        int head = Math.Min(frame.Length, HeadBytes);
        frame[..head].CopyTo(_heads.AsSpan(at * HeadBytes));
        _entries[at] = new Entry(NowMs, environment, where, isTunnel, reason, frame.Length, head);
    }

    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private readonly record struct Entry(
        long AtMs, string Environment, string Where, bool IsTunnel, string Reason, int Length, int HeadLength);
}

/// <summary>Facts of one dropped frame.</summary>
/// <param name="Number">Counts the drops of this switchd, from 1.</param>
/// <param name="At">When, to the millisecond.</param>
/// <param name="Environment">Whose.</param>
/// <param name="Where">The TAP, or the host that sent it.</param>
/// <param name="IsTunnel">True when <paramref name="Where"/> is a host.</param>
/// <param name="Reason">Name of the counter; see <see cref="DropReason"/>.</param>
/// <param name="Length">Bytes of the Ethernet frame.</param>
/// <param name="Frame">What it was.</param>
public sealed record DroppedFrame(
    long Number, DateTimeOffset At, string Environment, string Where, bool IsTunnel, string Reason, int Length,
    FrameFacts Frame);
