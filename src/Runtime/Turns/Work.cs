namespace VioActors.Runtime;

/// <summary>
/// One message in an actor's mailbox. Its turn id is the same again after a crash, so a repeated turn derives the same
/// ids. Attempts and poison survive a rolled-back batch.
/// </summary>
internal abstract class Work(string turnId, ActorKey? sender, string principal)
{
    public string TurnId { get; } = turnId;

    public ActorKey? Sender { get; } = sender;

    public string Principal { get; } = principal;

    /// <summary>How often deciding it has thrown.</summary>
    public int Attempts { get; set; }

    /// <summary>Set when it is given up: its next turn makes it a dead letter.</summary>
    public string? Poison { get; set; }

    /// <summary>False when it has become moot: its timer was replaced, its effect cancelled.</summary>
    public virtual bool IsWanted(ActorImage image) => true;

    public abstract object Open(MessageCodec codec);

    /// <summary>The stored form, for the dead letter.</summary>
    public abstract Body Describe(MessageCodec codec);

    /// <summary>Adds the deletion of what this work came from, to the writes and to the image.</summary>
    public abstract (TurnWrites Writes, ActorImage Image) Consume(ActorImage image);
}

/// <summary>A request from outside; stored nowhere until its turn commits.</summary>
internal sealed class AskWork(Ask ask) : Work(ask.RequestId, null, ask.Principal)
{
    public Ask Ask { get; } = ask;

    public override object Open(MessageCodec codec) => Ask.Message;

    public override Body Describe(MessageCodec codec) => codec.Encode(Ask.Message);

    public override (TurnWrites, ActorImage) Consume(ActorImage image) => (TurnWrites.None, image);
}

/// <summary>A message of another actor, a row of the shard's inbox.</summary>
internal sealed class InboxWork(InboxRow row) : Work(row.Id, row.Sender, row.Principal)
{
    public override object Open(MessageCodec codec) => codec.Decode(row.Body);

    public override Body Describe(MessageCodec codec) => row.Body;

    public override (TurnWrites, ActorImage) Consume(ActorImage image) =>
        (TurnWrites.None with { Consumed = row.Id }, image);
}

/// <summary>A timer that is due.</summary>
internal sealed class TimerWork(TimerRow row) : Work(row.Id, null, row.Principal)
{
    public override bool IsWanted(ActorImage image) =>
        image.Timers.TryGetValue(row.Name, out var set) && set.Id == row.Id;

    public override object Open(MessageCodec codec) => codec.Decode(row.Body);

    public override Body Describe(MessageCodec codec) => row.Body;

    public override (TurnWrites, ActorImage) Consume(ActorImage image) =>
        (TurnWrites.None with { TimersEnded = [row] }, image with { Timers = image.Timers.Remove(row.Name) });
}

/// <summary>
/// The result of an effect. Lost in a crash, but then the effect's row is still there and runs again.
/// </summary>
internal sealed class EffectWork(EffectRow row, object result) : Work(row.TurnId, null, row.Principal)
{
    public override bool IsWanted(ActorImage image) =>
        image.Effects.TryGetValue(row.Id, out var pending) && pending.TurnId == row.TurnId;

    public override object Open(MessageCodec codec) => result;

    public override Body Describe(MessageCodec codec) => codec.Encode(result);

    public override (TurnWrites, ActorImage) Consume(ActorImage image) =>
        (TurnWrites.None with { EffectsEnded = [row] }, image with { Effects = image.Effects.Remove(row.Id) });
}
