namespace VioActors.Runtime;

/// <summary>
/// Whose turn it is in one shard: actors with messages, round-robin; retries and timers by their time.
/// </summary>
internal sealed class Agenda
{
    private readonly Queue<ActorSlot> _ready = new();
    private readonly PriorityQueue<ActorSlot, DateTimeOffset> _waiting = new();
    private readonly PriorityQueue<TimerRow, DateTimeOffset> _timers = new();

    public bool HasReady => _ready.Count > 0;

    /// <summary>When the first retry or timer is due.</summary>
    public DateTimeOffset NextDue
    {
        get
        {
            var timer = _timers.TryPeek(out _, out var due) ? due : DateTimeOffset.MaxValue;
            return _waiting.TryPeek(out _, out var until) && until < timer ? until : timer;
        }
    }

    /// <summary>Puts an actor in line, once, if it has a message and does not wait for a retry.</summary>
    public void Queue(ActorSlot slot)
    {
        if (slot.IsQueued || slot.WaitUntil is not null || slot.Mailbox.Count == 0)
            return;
        slot.IsQueued = true;
        _ready.Enqueue(slot);
    }

    /// <summary>Keeps an actor out of line until that time.</summary>
    public void Postpone(ActorSlot slot, DateTimeOffset until)
    {
        slot.WaitUntil = until;
        _waiting.Enqueue(slot, until);
    }

    /// <summary>Notes a durable timer. One that was replaced since is found out when it is due.</summary>
    public void Set(TimerRow timer) => _timers.Enqueue(timer, timer.Due);

    public ActorSlot? Next()
    {
        if (!_ready.TryDequeue(out var slot))
            return null;
        slot.IsQueued = false;
        return slot;
    }

    /// <summary>Puts actors whose retry is due in line again.</summary>
    public void WakeRetries(DateTimeOffset now)
    {
        while (_waiting.TryPeek(out var slot, out var until) && until <= now)
        {
            _waiting.Dequeue();
            slot.WaitUntil = null;
            Queue(slot);
        }
    }

    /// <summary>The next timer that is due.</summary>
    public TimerRow? TakeDue(DateTimeOffset now) =>
        _timers.TryPeek(out var timer, out var due) && due <= now && _timers.Dequeue() is not null ? timer : null;
}
