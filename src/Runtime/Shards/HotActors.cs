namespace VioActors.Runtime;

/// <summary>
/// Which actors hold the others up: the longest turns of the last minutes and the longest mailboxes, a few of each. A
/// turn or a message that is no record costs a comparison. Loop only, apart from <see cref="View"/>.
/// </summary>
internal sealed class HotActors(TimeProvider time)
{
    /// <summary>Entries of each table.</summary>
    public const int Most = 16;

    private const int LeastWaiting = 8;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private readonly List<ActorSlot> _long = [];
    private Dictionary<ActorKey, SlowActor> _slow = [];
    private Dictionary<ActorKey, SlowActor> _slowBefore = [];
    private TimeSpan _leastTurn;
    private int _leastWaiting = LeastWaiting;
    private long _turn;
    private long _period = time.GetTimestamp();

    /// <summary>As of the last <see cref="Refresh"/>; readable from anywhere.</summary>
    public HotView View { get; private set; } = HotView.Empty;

    /// <summary>A turn begins.</summary>
    public void Begin() => _turn = time.GetTimestamp();

    /// <summary>The turn has ended: how long it was, when that is worth a <see cref="Note"/>.</summary>
    public TimeSpan? End() => time.GetElapsedTime(_turn) is var took && took > _leastTurn ? took : null;

    /// <summary>Notes a long turn.</summary>
    public void Note(SlowActor slow)
    {
        if (_slow.TryGetValue(slow.Actor, out var known) && known.Longest >= slow.Longest)
            return;
        _slow[slow.Actor] = slow;
        if (_slow.Count > Most)
            _slow.Remove(_slow.Values.MinBy(one => one.Longest)!.Actor);
        if (_slow.Count == Most)
            _leastTurn = _slow.Values.Min(one => one.Longest);
    }

    /// <summary>A message was added to this mailbox.</summary>
    public void Waits(ActorSlot slot)
    {
        if (slot.Mailbox.Count <= _leastWaiting || _long.Contains(slot))
            return;
        if (_long.Count == Most)
        {
            // The others may have grown since the bound was set.
            var least = _long.MinBy(one => one.Mailbox.Count)!;
            _leastWaiting = Math.Max(LeastWaiting, least.Mailbox.Count);
            if (slot.Mailbox.Count <= _leastWaiting)
                return;
            _long.Remove(least);
        }
        _long.Add(slot);
    }

    /// <summary>Forgets what is over, and renews <see cref="View"/>.</summary>
    public void Refresh()
    {
        if (time.GetElapsedTime(_period) >= Period)
        {
            (_slowBefore, _slow, _leastTurn) = (_slow, [], default);
            _period = time.GetTimestamp();
        }
        _long.RemoveAll(slot => slot.Mailbox.Count <= LeastWaiting);
        _leastWaiting = LeastWaiting;
        View = _long.Count + _slow.Count + _slowBefore.Count == 0 ? HotView.Empty : new HotView(
            [.. _slow.Values.Concat(_slowBefore.Values).OrderByDescending(one => one.Longest)
                .DistinctBy(one => one.Actor).Take(Most)],
            [.. _long.OrderByDescending(slot => slot.Mailbox.Count)
                .Select(slot => new LongMailbox(slot.Key, slot.Mailbox.Count))]);
    }
}
