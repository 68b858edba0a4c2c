using System.Text.Json;

namespace VioActors.Runtime;

/// <summary>The actors of one shard: which are in memory, how they come there and leave again.</summary>
internal sealed class SlotTable(ActorCatalog actors, MessageCodec codec, Limits limits)
{
    private readonly Dictionary<ActorKey, ActorSlot> _slots = [];
    private readonly SortedDictionary<string, string> _quarantined = new(StringComparer.Ordinal);

    /// <summary>Actors with their state in memory.</summary>
    public int Loaded { get; private set; }

    /// <summary>Actors that stopped, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Quarantined => _quarantined;

    /// <summary>When <see cref="Passivate"/> is next worth a call.</summary>
    public DateTimeOffset NextSweep { get; private set; } = DateTimeOffset.MaxValue;

    public IEnumerable<ActorSlot> All => _slots.Values;

    public ActorSlot? Peek(ActorKey actor) => _slots.GetValueOrDefault(actor);

    /// <summary>
    /// The actor's slot, made when missing. Null, and noted, when its kind belongs to another version.
    /// </summary>
    public ActorSlot? Get(ActorKey actor)
    {
        if (_slots.TryGetValue(actor, out var slot))
            return slot;
        if (actors.Find(actor) is not { } shell)
        {
            _quarantined[actor.ToString()] = $"No actor is registered for kind '{actor.Kind}'.";
            return null;
        }
        return _slots[actor] = new ActorSlot(actor, shell);
    }

    /// <summary>Takes the timers and effects that a claimed shard brings along.</summary>
    public void Restore(ShardContents contents, Agenda agenda, Queue<ShardOutput> outputs)
    {
        foreach (var timer in contents.Timers)
        {
            if (Get(timer.Actor) is not { } slot)
                continue;
            slot.Durable = slot.Ahead = slot.Durable with { Timers = slot.Durable.Timers.SetItem(timer.Name, timer) };
            agenda.Set(timer);
        }
        foreach (var effect in contents.Effects)
        {
            if (Get(effect.Actor) is not { } slot)
                continue;
            slot.Durable = slot.Ahead = slot.Durable with { Effects = slot.Durable.Effects.SetItem(effect.Id, effect) };
            outputs.Enqueue(new ShardOutput.StartEffect(effect));
        }
    }

    /// <summary>Folds the history. The slot is warm after, or quarantined when an event cannot be read.</summary>
    public void Fill(ActorSlot slot, ActorHistory history)
    {
        try
        {
            var image = Replay(slot, history);
            slot.Durable = slot.Ahead = image;
            slot.Phase = ActorPhase.Warm;
            Loaded++;
        }
        catch (Exception e)
        {
            // Whatever a reader or Evolve throws: this actor stops, its journal stays as it is, the others go on.
            slot.Phase = ActorPhase.Quarantined;
            slot.Reason = e.Message;
            _quarantined[slot.Key.ToString()] = e.Message;
        }
    }

    /// <summary>
    /// Drops the state of actors that were idle for long; slots with timers or effects stay, without state.
    /// </summary>
    public void Passivate(DateTimeOffset now)
    {
        if (Loaded > 0 && NextSweep == DateTimeOffset.MaxValue)
            NextSweep = now + limits.PassivateAfter;
        if (now < NextSweep)
            return;
        var unused = _slots.Values.Where(slot => slot.IsIdle && now - slot.LastUsed >= limits.PassivateAfter).ToList();
        foreach (var slot in unused)
        {
            Loaded--;
            slot.Phase = ActorPhase.Cold;
            slot.Durable = slot.Ahead = slot.Durable with { State = null };
            if (slot.Durable.Timers.IsEmpty && slot.Durable.Effects.IsEmpty)
                _slots.Remove(slot.Key);
        }
        NextSweep = Loaded > 0 ? now + limits.PassivateAfter : DateTimeOffset.MaxValue;
    }

    private ActorImage Replay(ActorSlot slot, ActorHistory history)
    {
        var image = slot.Durable with
        {
            State = slot.Shell.Initial(slot.Key),
            Seq = 0,
            SnapshotSeq = 0,
            SnapshotChars = 0,
            TailChars = 0,
        };
        if (history.Snapshot is { } snapshot)
        {
            var state = slot.Shell.Read(snapshot.Json, codec.Json)
                ?? throw new JsonException(
                    $"The snapshot at {snapshot.Seq} has the schema but not the shape of the state.");
            image = image with
            {
                State = state,
                Seq = snapshot.Seq,
                SnapshotSeq = snapshot.Seq,
                SnapshotChars = snapshot.Json.Length,
            };
        }
        foreach (var row in history.Tail)
        {
            if (row.Seq != image.Seq + 1)
                throw new InvalidOperationException(
                    $"Event {image.Seq + 1} is missing; the journal goes on at {row.Seq}.");
            image = image with
            {
                State = slot.Shell.Evolve(image.State!, codec.Decode(row.Body)),
                Seq = row.Seq,
                TailChars = image.TailChars + row.Body.Json.Length,
            };
        }
        return image;
    }
}
