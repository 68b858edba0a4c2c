using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>
/// Everything the runtime knows of one actor at one point of its history. Immutable, so that the committed image and
/// the
/// one that runs ahead of the commit are two references, and taking back is an assignment.
/// </summary>
/// <param name="State">Null while the actor is not loaded; effects and timers are known all the same.</param>
/// <param name="Seq">Seq of the last event in <paramref name="State"/>.</param>
/// <param name="SnapshotSeq">Seq that the stored snapshot covers.</param>
/// <param name="Effects">Effects without a result, by id.</param>
/// <param name="Timers">Timers that are set, by name.</param>
internal sealed record ActorImage(
    object? State, long Seq, long SnapshotSeq,
    ImmutableSortedDictionary<string, EffectRow> Effects,
    ImmutableSortedDictionary<string, TimerRow> Timers)
{
    public static readonly ActorImage Empty = new(
        null, 0, 0,
        ImmutableSortedDictionary.Create<string, EffectRow>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, TimerRow>(StringComparer.Ordinal));

    /// <summary>Characters of the stored snapshot; 0 without one.</summary>
    public long SnapshotChars { get; init; }

    /// <summary>Characters of the events that the stored snapshot does not cover.</summary>
    public long TailChars { get; init; }

    /// <summary>
    /// Whether a snapshot is due. A large state waits until its events weigh as much, so that writing snapshots costs
    /// no more than writing events, and reading an actor no more than twice its snapshot.
    /// </summary>
    public bool IsSnapshotDue(int every) => Seq - SnapshotSeq >= every && TailChars >= SnapshotChars;
}
