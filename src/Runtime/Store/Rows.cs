namespace VioActors.Runtime;

/// <summary>A message, event or payload as stored: a stable name with version, and JSON.</summary>
/// <param name="Name">For example <c>environment.created/1</c>; never a CLR name.</param>
/// <param name="Json">At most <see cref="MaxJson"/> characters; a store rejects more.</param>
public readonly record struct Body(string Name, string Json)
{
    /// <summary>Longest JSON that a store takes, in characters.</summary>
    public const int MaxJson = 4 * 1024 * 1024;
}

/// <summary>The right to write one shard. Compared field by field in every commit.</summary>
/// <param name="Shard">0-based number of the virtual shard.</param>
/// <param name="Generation">Site generation: rises when the store is promoted or restored.</param>
/// <param name="Epoch">Rises with every claim of the shard.</param>
/// <param name="Owner">Random incarnation of the owner, fresh for each start of a process.</param>
public readonly record struct ShardToken(int Shard, long Generation, long Epoch, string Owner);

/// <summary>One event of one actor. <paramref name="Seq"/> starts at 1 and has no gaps.</summary>
public sealed record EventRow(ActorKey Actor, long Seq, Body Body, string Principal, string TurnId, DateTimeOffset At);

/// <summary>A message that waits for an actor. <paramref name="Id"/> is unique for ever and is the turn's id.</summary>
public sealed record InboxRow(string Id, ActorKey To, ActorKey? Sender, Body Body, string Principal);

/// <summary>A timer that is set. <paramref name="Id"/> is fresh for each setting and is the turn's id.</summary>
public sealed record TimerRow(
    ActorKey Actor, string Name, string Id, DateTimeOffset Due, Body Body, string Principal);

/// <summary>
/// An effect without a result yet. <paramref name="TurnId"/> is the id of the turn that will take the result.
/// </summary>
public sealed record EffectRow(
    ActorKey Actor, string Id, string Kind, Body Body, string TurnId, string Principal);

/// <summary>The reply that was given under an idempotency key.</summary>
/// <param name="Actor">Who replied.</param>
/// <param name="Principal">Who asked; keys of different principals do not meet.</param>
/// <param name="Key">The caller's key.</param>
/// <param name="BodyHash">Hash of the request; another body under the same key is refused.</param>
/// <param name="Reply">Null when the turn gave no reply.</param>
/// <param name="At">When.</param>
public sealed record ResultRow(
    ActorKey Actor, string Principal, string Key, string BodyHash, Body? Reply, DateTimeOffset At);

/// <summary>
/// An actor's state after event <paramref name="Seq"/>, valid while the schema hash is that of the state type.
/// </summary>
public sealed record SnapshotRow(ActorKey Actor, long Seq, string Schema, string Json);

/// <summary>A message that no turn could digest, kept with the reason.</summary>
public sealed record DeadLetter(
    string Id, ActorKey Actor, ActorKey? Sender, Body Body, string Principal, string Reason, DateTimeOffset At);

/// <summary>One row of the journal of all actors, in the order of commits.</summary>
/// <param name="Position">Rises along the journal; a position becomes visible only after every lower one.</param>
/// <param name="Event">The event.</param>
/// <param name="Generation">Site generation of the writer.</param>
/// <param name="Epoch">Epoch of the writer's shard.</param>
public sealed record JournalRow(long Position, EventRow Event, long Generation, long Epoch);
