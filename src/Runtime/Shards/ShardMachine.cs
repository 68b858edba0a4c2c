namespace VioActors.Runtime;

/// <summary>
/// One shard as a step machine: calls in, <see cref="ShardOutput"/>s out. Synchronous, single-threaded, with no clock
/// and no I/O of its own, so that the same calls always give the same outputs.
/// <para>
/// Turns run on each actor's <see cref="ActorSlot.Ahead"/> image and join the open batch. One batch is in flight at a
/// time; only its success moves <see cref="ActorSlot.Durable"/> and lets replies, effects and messages out.
/// </para>
/// </summary>
internal sealed class ShardMachine
{
    private readonly Limits _limits;
    private readonly HotActors _hot;
    private readonly TurnRunner _runner;
    private readonly SlotTable _slots;
    private readonly Agenda _agenda = new();
    private readonly AskGate _gate;
    private List<InboxRow>? _early = [];
    private List<Turn> _open = [];
    private List<Turn>? _flight;
    private long _batch;
    private int _batchLimit;

    public ShardMachine(
        ShardToken token, DateTimeOffset since, ActorCatalog actors, MessageCodec codec, Limits limits, HotActors hot)
    {
        (Token, _limits, _hot, _batchLimit) = (token, limits, hot, limits.TurnsPerBatch);
        _runner = new TurnRunner(actors, codec, limits, token.Generation, since, hot);
        _slots = new SlotTable(actors, codec, limits);
        _gate = new AskGate(limits, Outputs);
    }

    /// <summary>Set when a doubt about a commit was resolved.</summary>
    public ShardToken Token { get; set; }

    /// <summary>Stored messages that are known here.</summary>
    public KnownRows Rows { get; } = new();

    /// <summary>Drained by the driver after each call.</summary>
    public Queue<ShardOutput> Outputs { get; } = new();

    /// <summary>True once the shard's contents are in memory.</summary>
    public bool IsLoaded => _early is null;

    /// <summary>True when nothing of it is on its way to the store, and nothing waits to be let out.</summary>
    public bool IsQuiet => _flight is null && _open.Count == 0 && Outputs.Count == 0;

    /// <summary>True after <see cref="Abort"/>: reports to it mean nothing any more.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Messages that wait for a turn.</summary>
    public int Depth { get; private set; }

    /// <summary>Turns that are durable, or needed no commit.</summary>
    public long Turns { get; private set; }

    /// <summary>Batches that are durable.</summary>
    public long Commits { get; private set; }

    public int LoadedActors => _slots.Loaded;

    /// <summary>Actors that stopped, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Quarantined => _slots.Quarantined;

    /// <summary>When <see cref="Advance"/> has something to do even if nothing arrives.</summary>
    public DateTimeOffset? NextWake { get; private set; }

    /// <summary>The shard's contents were read after the claim.</summary>
    public void Loaded(ShardContents contents)
    {
        var early = _early ?? throw new InvalidOperationException("The shard is loaded already.");
        _early = null;
        _slots.Restore(contents, _agenda, Outputs);
        foreach (var row in contents.Inbox.Concat(early))
            Arrive(row);
    }

    /// <summary>A committed message for an actor of this shard. The same row may be reported twice.</summary>
    public void Arrive(InboxRow row)
    {
        if (_early is not null)
            _early.Add(row);
        else if (_slots.Get(row.To) is { } slot && Rows.Add(row))
            Append(slot, new InboxWork(row));
    }

    /// <summary>The shard's inbox was read for messages that other servers stored.</summary>
    public void SweepEnded(IEnumerable<InboxRow> rows) => Rows.SweepEnded(rows).ToList().ForEach(Arrive);

    /// <summary>A request from outside. Taken, or answered Busy at once.</summary>
    public void Take(Ask ask, DateTimeOffset now)
    {
        if (_early is not null)
            _gate.TurnAway(ask, _limits.StoreRetry, "The shard is being loaded.");
        else if (_gate.Enter(ask, _slots.Peek(ask.To)?.Mailbox.Count ?? 0, Depth, now))
            Append(ask);
    }

    /// <summary>The lookup of an idempotency key ended; null when the key is new.</summary>
    public void ResultFound(Ask ask, ResultRow? found, object? reply)
    {
        if (found is null)
            Append(ask);
        else
            _gate.Repeat(ask, found, reply);
    }

    /// <summary>The lookup failed; nothing happened.</summary>
    public void ResultUnread(Ask ask, string reason) =>
        _gate.Leave(ask, AskResult.Later(_limits.StoreRetry, reason));

    /// <summary>Somebody wants an actor's committed state, null when it has no history.</summary>
    public void Read(StateRead read)
    {
        var slot = _slots.Get(read.Actor)
            ?? throw new InvalidOperationException($"{read.Actor} was read without an actor.");
        slot.Reads.Add(read);
        Settle(slot);
    }

    /// <summary>An actor's history was read.</summary>
    public void ActorLoaded(ActorKey actor, ActorHistory history)
    {
        var slot = _slots.Peek(actor) ?? throw new InvalidOperationException($"{actor} was not asked for.");
        _slots.Fill(slot, history);
        Settle(slot);
    }

    /// <summary>An effect's handler ended with this message for the actor.</summary>
    public void EffectEnded(EffectRow effect, object result)
    {
        var work = new EffectWork(effect, result);
        if (_slots.Peek(effect.Actor) is { } slot && work.IsWanted(slot.Durable))
            Append(slot, work);
    }

    /// <summary>The store's verdict on the batch in flight.</summary>
    public void BatchEnded(CommitOutcome outcome)
    {
        if (IsAborted)
            return;
        var flight = _flight ?? throw new InvalidOperationException("No batch is in flight.");
        _flight = null;
        _gate.Open();
        switch (outcome.Verdict)
        {
            case CommitVerdict.Committed:
                Commits++;
                _batchLimit = Math.Min(_limits.TurnsPerBatch, _batchLimit * 2);
                Publish(flight);
                break;
            case CommitVerdict.Rejected:
                _batch--;
                _batchLimit = Math.Max(1, flight.Count / 2);
                if (flight.Count == 1)
                    flight[0].Work.Poison = outcome.Reason;
                TakeBack(flight, answer: null);
                break;
            default:
                // No turn may run between here and the abort that follows.
                _gate.Close(DateTimeOffset.MaxValue, outcome.Reason);
                TakeBack(flight, answer: null);
                Outputs.Enqueue(new ShardOutput.Lost(outcome.Reason));
                break;
        }
    }

    /// <summary>
    /// The call that carried the batch in flight failed, so its outcome is unknown: no turn runs and nothing leaves
    /// until <see cref="BatchEnded"/> or <see cref="BatchFailed"/> tells it.
    /// </summary>
    public void BatchUnknown(string reason) => _gate.Close(DateTimeOffset.MaxValue, reason);

    /// <summary>
    /// The batch in flight is certainly not stored, since the store is away. Askers hear so; everything else waits and
    /// is decided again after the pause.
    /// </summary>
    public void BatchFailed(string reason, DateTimeOffset until)
    {
        if (IsAborted)
            return;
        var flight = _flight ?? throw new InvalidOperationException("No batch is in flight.");
        _flight = null;
        _batch--;
        _gate.Close(until, reason);
        TakeBack(flight, AskResult.Later(_limits.StoreRetry, reason));
    }

    /// <summary>Does what is due: fires timers, runs turns, hands over a batch, forgets idle actors.</summary>
    public void Advance(DateTimeOffset now)
    {
        if (_early is not null)
            return;
        if (now >= _gate.ClosedUntil)
        {
            FireTimers(now);
            _agenda.WakeRetries(now);
            RunTurns(now);
            Ship();
        }
        _slots.Passivate(now);
        NextWake = Earliest();
    }

    /// <summary>The shard is given away: what has run is handed over, and nothing else runs.</summary>
    public void Finish(DateTimeOffset now)
    {
        if (_early is null && now >= _gate.ClosedUntil)
            Ship();
    }

    /// <summary>
    /// Ends the machine: whoever waits hears that nothing happened, or, for turns at the store, that it is unknown.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="isSent">False when the batch in flight never reached the store.</param>
    public void Abort(string reason, bool isSent)
    {
        IsAborted = true;
        var flight = _flight ?? [];
        _flight = null;
        foreach (var turn in isSent ? flight : [])
            (turn.Work as AskWork)?.Ask.Fail(new OutcomeUnknownException(reason));
        var elsewhere = AskResult.Elsewhere(_limits.LookEvery, reason);
        TakeBack(isSent ? [] : flight, elsewhere);
        foreach (var slot in _slots.All)
        {
            foreach (var work in slot.Mailbox.OfType<AskWork>())
                _gate.Leave(work.Ask, elsewhere);
            foreach (var read in slot.Reads)
                read.Fail(new NotServingException(reason));
            slot.Mailbox.Clear();
        }
    }

    private void Append(Ask ask)
    {
        var slot = _slots.Get(ask.To) ?? throw new InvalidOperationException($"{ask.To} was taken without an actor.");
        Append(slot, new AskWork(ask));
    }

    private void Append(ActorSlot slot, Work work)
    {
        slot.Mailbox.AddLast(work);
        _hot.Waits(slot);
        Depth++;
        Settle(slot);
    }

    /// <summary>
    /// Brings a slot with something to do one step further: load it, queue it, answer what can be answered.
    /// </summary>
    private void Settle(ActorSlot slot)
    {
        switch (slot.Phase)
        {
            case ActorPhase.Cold:
                slot.Phase = ActorPhase.Loading;
                Outputs.Enqueue(new ShardOutput.LoadActor(slot.Key, slot.Shell.Schema));
                break;
            case ActorPhase.Warm:
                foreach (var read in slot.Reads)
                    read.Complete(slot.Durable.Seq == 0 ? null : slot.Durable.State);
                slot.Reads.Clear();
                _agenda.Queue(slot);
                break;
            case ActorPhase.Quarantined:
                TurnAway(slot);
                break;
        }
    }

    /// <summary>
    /// Askers hear why; messages, timers and effects stay stored for a version that can read the journal.
    /// </summary>
    private void TurnAway(ActorSlot slot)
    {
        foreach (var read in slot.Reads)
            read.Fail(new ActorQuarantinedException(slot.Key, slot.Reason));
        slot.Reads.Clear();
        foreach (var work in slot.Mailbox.OfType<AskWork>())
            _gate.Leave(work.Ask, AskResult.Refuse(new Refusal(
                "actor-quarantined", $"{slot.Key} is stopped: {slot.Reason}",
                "Start the version that wrote its journal.")));
        Depth -= slot.Mailbox.Count;
        slot.Mailbox.Clear();
    }

    private void FireTimers(DateTimeOffset now)
    {
        while (_agenda.TakeDue(now) is { } timer)
        {
            var work = new TimerWork(timer);
            if (_slots.Peek(timer.Actor) is { } slot && work.IsWanted(slot.Durable))
                Append(slot, work);
        }
    }

    /// <summary>One message of each ready actor in turn, until none is ready or the batch is full.</summary>
    private void RunTurns(DateTimeOffset now)
    {
        while (_open.Count < _batchLimit && _agenda.Next() is { } slot)
        {
            if (slot.Mailbox.First is not { Value: var work })
                continue;
            slot.Mailbox.RemoveFirst();
            Depth--;
            slot.LastUsed = now;
            if (work.IsWanted(slot.Ahead))
                Decide(slot, work, now);
            _agenda.Queue(slot);
        }
    }

    private void Decide(ActorSlot slot, Work work, DateTimeOffset now)
    {
        try
        {
            var turn = work.Poison is { } poison
                ? _runner.GiveUp(slot, work, poison, now) : _runner.Run(slot, work, now);
            slot.Ahead = turn.After;
            slot.Uncommitted++;
            _open.Add(turn);
        }
        catch (Exception e) when (work.Poison is null)
        {
            // An actor may throw anything; the promise is that only this message suffers.
            slot.Mailbox.AddFirst(work);
            Depth++;
            if (++work.Attempts >= _limits.Attempts)
                work.Poison = $"{e.GetType().Name}: {e.Message}";
            else
                _agenda.Postpone(slot, now + (_limits.RetryDelay * (1 << (work.Attempts - 1))));
        }
    }

    /// <summary>Hands the open batch to the store, unless one is there already or there is nothing to store.</summary>
    private void Ship()
    {
        if (_flight is not null || _open.Count == 0)
            return;
        var turns = _open;
        _open = [];
        var writes = turns.Where(turn => !turn.Writes.IsEmpty).Select(turn => turn.Writes).ToList();
        if (writes.Count == 0)
        {
            Publish(turns); // only answers that rest on durable images: nothing to wait for
            return;
        }
        _flight = turns;
        Outputs.Enqueue(new ShardOutput.Commit(new ShardBatch(Token, ++_batch, writes)));
    }

    private void Publish(List<Turn> turns)
    {
        Turns += turns.Count;
        foreach (var turn in turns)
        {
            turn.Slot.Durable = turn.After;
            turn.Slot.Uncommitted--;
            if (turn.Writes.Consumed is { } row)
                Rows.Consumed(row);
            foreach (var timer in turn.Writes.TimersSet)
                _agenda.Set(timer);
            turn.LetOut(Outputs);
            if (turn is { Answer: { } answer, Work: AskWork { Ask: var ask } })
                _gate.Leave(ask, answer);
        }
    }

    /// <summary>Undoes the turns that are not durable, newest first; their messages are first in line again.</summary>
    private void TakeBack(List<Turn> flight, AskResult? answer)
    {
        foreach (var turn in flight.Concat(_open).Reverse())
        {
            turn.Slot.Ahead = turn.Slot.Durable;
            turn.Slot.Uncommitted--;
            if (answer is not null && turn.Work is AskWork { Ask: var ask })
                _gate.Leave(ask, answer);
            else
            {
                turn.Slot.Mailbox.AddFirst(turn.Work);
                Depth++;
            }
            _agenda.Queue(turn.Slot);
        }
        _open = [];
    }

    private DateTimeOffset? Earliest()
    {
        var wake = _agenda.NextDue < _slots.NextSweep ? _agenda.NextDue : _slots.NextSweep;
        if (_agenda.HasReady && _flight is null)
            wake = DateTimeOffset.MinValue;
        if (wake < _gate.ClosedUntil)
            wake = _gate.ClosedUntil;
        return wake == DateTimeOffset.MaxValue ? null : wake;
    }
}
