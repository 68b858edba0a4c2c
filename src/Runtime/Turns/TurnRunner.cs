using System.Collections.Immutable;
using System.Text.Json;

namespace VioActors.Runtime;

/// <summary>
/// Runs one turn: message and image in, writes and next image out. Pure apart from what the actor throws.
/// </summary>
internal sealed class TurnRunner(
    ActorCatalog actors, MessageCodec codec, Limits limits, long generation, DateTimeOffset since, HotActors hot)
{
    /// <summary>Decides one message. Throws what the actor or the codec throws; nothing has changed then.</summary>
    public Turn Run(ActorSlot slot, Work work, DateTimeOffset now)
    {
        hot.Begin();
        try
        {
            return Decide(slot, work, now);
        }
        finally
        {
            if (hot.End() is { } took)
                hot.Note(new SlowActor(slot.Key, Describe(work).Name, took, now));
        }
    }

    private Turn Decide(ActorSlot slot, Work work, DateTimeOffset now)
    {
        var image = slot.Ahead;
        var info = Info(slot, work, now);
        var decision = slot.Shell.Decide(image.State!, work.Open(codec), info);
        var (writes, after) = work.Consume(image);
        if (decision.Refusal is { } refusal)
        {
            writes = Bounce(writes, work, info, refusal);
            return new Turn(slot, work, writes, after, Answer(work, AskResult.Refuse(refusal)));
        }
        RequireBounded(decision);
        (writes, after) = Fold(slot, decision, info, writes, after);
        (writes, after) = ChangeTimers(decision, info, writes, after);
        (writes, after, var cancelled) = ChangeEffects(decision, info, writes, after);
        writes = writes with { Sends = Rows(decision.Sends, info) };
        writes = KeepReply(writes, work, decision.Reply, now);
        (writes, after) = TakeSnapshot(slot, writes, after);
        var answer = Answer(work, AskResult.Done(decision.Reply));
        return new Turn(slot, work, writes, after, answer) { Cancelled = cancelled };
    }

    /// <summary>Gives a message up: keeps it as a dead letter, tells who sent it, and the actor goes on.</summary>
    public Turn GiveUp(ActorSlot slot, Work work, string reason, DateTimeOffset now)
    {
        var info = Info(slot, work, now);
        var refusal = new Refusal(
            "dead-letter", $"{slot.Key} could not take the message: {reason}",
            "See the list of dead letters; report it as a bug of this version.");
        var (writes, after) = work.Consume(slot.Ahead);
        var letter = new DeadLetter(work.TurnId, slot.Key, work.Sender, Describe(work), work.Principal, reason, now);
        writes = Bounce(writes, work, info, refusal) with { DeadLetter = letter };
        return new Turn(slot, work, writes, after, Answer(work, AskResult.Refuse(refusal)));
    }

    private TurnInfo Info(ActorSlot slot, Work work, DateTimeOffset now) =>
        new(now, work.TurnId, slot.Key, work.Sender, work.Principal, generation) { Since = since };

    private static AskResult? Answer(Work work, AskResult result) => work is AskWork ? result : null;

    private void RequireBounded(Decision decision)
    {
        var outputs = decision.Events.Length + decision.Sends.Length + decision.Effects.Length + decision.Timers.Length;
        if (outputs > limits.OutputsPerTurn)
            throw new InvalidOperationException(
                $"A turn may make {limits.OutputsPerTurn} outputs; this one made {outputs}.");
    }

    private (TurnWrites, ActorImage) Fold(
        ActorSlot slot, Decision decision, in TurnInfo info, TurnWrites writes, ActorImage image)
    {
        var rows = ImmutableArray.CreateBuilder<EventRow>(decision.Events.Length);
        foreach (var @event in decision.Events)
        {
            var body = codec.Encode(@event);
            image = image with
            {
                State = slot.Shell.Evolve(image.State!, @event),
                Seq = image.Seq + 1,
                TailChars = image.TailChars + body.Json.Length,
            };
            rows.Add(new EventRow(slot.Key, image.Seq, body, info.Principal, info.TurnId, info.Now));
        }
        return (writes with { Events = rows.MoveToImmutable() }, image);
    }

    private (TurnWrites, ActorImage) ChangeTimers(
        Decision decision, in TurnInfo info, TurnWrites writes, ActorImage image)
    {
        var before = image.Timers;
        var timers = image.Timers;
        for (var i = 0; i < decision.Timers.Length; i++)
        {
            var change = decision.Timers[i];
            timers = timers.Remove(change.Name);
            if (change.Due is not { } due)
                continue;
            var message = codec.Encode(change.Message ?? throw new InvalidOperationException(
                $"Timer '{change.Name}' has a due time and no message."));
            var id = info.DeriveId("runtime.timer", i).ToString("N");
            timers = timers.Add(change.Name, new TimerRow(info.Self, change.Name, id, due, message, info.Principal));
        }
        var ended = before.Values.Where(row => timers.GetValueOrDefault(row.Name) != row);
        var set = timers.Values.Where(row => before.GetValueOrDefault(row.Name) != row);
        return (
            writes with { TimersEnded = writes.TimersEnded.AddRange(ended), TimersSet = [.. set] },
            image with { Timers = timers });
    }

    private (TurnWrites, ActorImage, ImmutableArray<EffectRow>) ChangeEffects(
        Decision decision, in TurnInfo info, TurnWrites writes, ActorImage image)
    {
        var effects = image.Effects;
        var cancelled = decision.CancelledEffects.Distinct(StringComparer.Ordinal)
            .Where(effects.ContainsKey).Select(id => effects[id]).ToImmutableArray();
        effects = effects.RemoveRange(cancelled.Select(row => row.Id));
        var started = ImmutableArray.CreateBuilder<EffectRow>(decision.Effects.Length);
        foreach (var effect in decision.Effects)
        {
            if (effects.ContainsKey(effect.Id))
                throw new InvalidOperationException($"Effect '{effect.Id}' of {info.Self} is already running.");
            var turnId = info.DeriveId("runtime.effect", started.Count).ToString("N");
            var row = new EffectRow(
                info.Self, effect.Id, effect.Kind, codec.Encode(effect.Payload), turnId, info.Principal);
            effects = effects.Add(effect.Id, row);
            started.Add(row);
        }
        writes = writes with
        {
            EffectsEnded = writes.EffectsEnded.AddRange(cancelled),
            EffectsStarted = started.MoveToImmutable(),
        };
        return (writes, image with { Effects = effects }, cancelled);
    }

    private TurnWrites KeepReply(TurnWrites writes, Work work, object? reply, DateTimeOffset now)
    {
        if (work is not AskWork { Ask: { IdempotencyKey: { } key } ask })
            return writes;
        Body? body = reply is null ? null : codec.Encode(reply);
        return writes with { Result = new ResultRow(ask.To, ask.Principal, key, ask.BodyHash, body, now) };
    }

    private (TurnWrites, ActorImage) TakeSnapshot(ActorSlot slot, TurnWrites writes, ActorImage image)
    {
        if (!image.IsSnapshotDue(limits.SnapshotEvery))
            return (writes, image);
        var json = slot.Shell.Write(image.State!, codec.Json);
        if (json is not null)
            writes = writes with { Snapshot = new SnapshotRow(slot.Key, image.Seq, slot.Shell.Schema, json) };
        return (writes, image with
        {
            SnapshotSeq = image.Seq,
            SnapshotChars = json?.Length ?? 0,
            TailChars = 0,
        });
    }

    private ImmutableArray<InboxRow> Rows(ImmutableArray<Send> sends, in TurnInfo info)
    {
        var rows = ImmutableArray.CreateBuilder<InboxRow>(sends.Length);
        for (var i = 0; i < sends.Length; i++)
            rows.Add(Row(sends[i], i, info));
        return rows.MoveToImmutable();
    }

    private InboxRow Row(Send send, int index, in TurnInfo info)
    {
        actors.Require(send.To);
        var id = info.DeriveId("runtime.send", index).ToString("N");
        return new InboxRow(id, send.To, info.Self, codec.Encode(send.Message), info.Principal);
    }

    /// <summary>
    /// Tells the sending actor, unless this already is such news: two actors must not refuse for ever.
    /// </summary>
    private TurnWrites Bounce(TurnWrites writes, Work work, in TurnInfo info, Refusal refusal)
    {
        if (work.Sender is not { } sender || actors.Find(sender) is null || Open(work) is not { } message
            || message is Refused)
            return writes;
        var row = Row(new Send(sender, new Refused(message, refusal)), 0, info);
        return row.Body.Json.Length > Body.MaxJson ? writes : writes with { Sends = [row] };
    }

    private object? Open(Work work)
    {
        try
        {
            return work.Open(codec);
        }
        catch (Exception e) when (e is UnknownNameException or JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static Body Unwritable(string why) => new("runtime.unwritable/1", JsonSerializer.Serialize(why));

    private Body Describe(Work work)
    {
        try
        {
            var body = work.Describe(codec);
            return body.Json.Length <= Body.MaxJson ? body
                : Unwritable($"{body.Json.Length} characters of {body.Name}");
        }
        catch (Exception e) when (e is ArgumentException or JsonException or NotSupportedException)
        {
            return Unwritable(e.Message);
        }
    }
}
