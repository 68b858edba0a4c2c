using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>One commit of one shard: turns in the order they were decided, all stored or none.</summary>
/// <param name="Token">Must be the shard's token in the store.</param>
/// <param name="Number">1 for the first batch after a claim, then +1 each; the store holds the last one.</param>
/// <param name="Turns">Applied in this order.</param>
public sealed record ShardBatch(ShardToken Token, long Number, IReadOnlyList<TurnWrites> Turns);

/// <summary>
/// What one turn writes, deletes first. Every delete must meet exactly one row: anything else shows that the owner's
/// memory is not what is stored, and the batch is fenced.
/// </summary>
public sealed record TurnWrites
{
    /// <summary>The turn writes nothing: a refusal or an answer to a question.</summary>
    public static readonly TurnWrites None = new();

    /// <summary>Inbox row that this turn consumes, by id.</summary>
    public string? Consumed { get; init; }

    /// <summary>Effects that ended with this turn: its own result, and those it cancelled.</summary>
    public ImmutableArray<EffectRow> EffectsEnded { get; init; } = [];

    /// <summary>Timers that fired, were cleared, or are replaced below.</summary>
    public ImmutableArray<TimerRow> TimersEnded { get; init; } = [];

    /// <summary>Events, seq gapless per actor.</summary>
    public ImmutableArray<EventRow> Events { get; init; } = [];

    /// <summary>Rows for the inboxes of any shard, in sending order.</summary>
    public ImmutableArray<InboxRow> Sends { get; init; } = [];

    /// <summary>Timers to set.</summary>
    public ImmutableArray<TimerRow> TimersSet { get; init; } = [];

    /// <summary>Effects to remember until their result is consumed.</summary>
    public ImmutableArray<EffectRow> EffectsStarted { get; init; } = [];

    /// <summary>The reply to keep under the asker's idempotency key.</summary>
    public ResultRow? Result { get; init; }

    /// <summary>The message, when this turn gives it up.</summary>
    public DeadLetter? DeadLetter { get; init; }

    /// <summary>Replaces the actor's snapshot; the events it covers stay.</summary>
    public SnapshotRow? Snapshot { get; init; }

    /// <summary>True when there is nothing to commit.</summary>
    public bool IsEmpty =>
        Consumed is null && Result is null && DeadLetter is null && Snapshot is null && EffectsEnded.IsEmpty
        && TimersEnded.IsEmpty && Events.IsEmpty && Sends.IsEmpty && TimersSet.IsEmpty && EffectsStarted.IsEmpty;
}

/// <summary>How the store took one batch.</summary>
public enum CommitVerdict
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>
    /// Not stored: the token is stale, or the batch contradicts what is stored. Drop all memory and claim again.
    /// </summary>
    Fenced,

    /// <summary>Not stored: one of its rows can never be stored. Smaller batches find which.</summary>
    Rejected,
}

/// <summary>The verdict on one batch, with the reason when it is not stored.</summary>
public readonly record struct CommitOutcome(CommitVerdict Verdict, string Reason)
{
    /// <summary>Durable.</summary>
    public static readonly CommitOutcome Committed = new(CommitVerdict.Committed, "");
}
