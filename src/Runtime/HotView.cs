using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>Actors that hold others up on one server, at most 16 of each sort.</summary>
/// <param name="Slow">Longest turns of the last 5 to 10 minutes, longest first, each actor once.</param>
/// <param name="Mailboxes">Longest mailboxes now, longest first; over 8 messages.</param>
public sealed record HotView(ImmutableArray<SlowActor> Slow, ImmutableArray<LongMailbox> Mailboxes)
{
    /// <summary>Nobody.</summary>
    public static readonly HotView Empty = new([], []);
}

/// <summary>An actor with a long turn: its decision and the folding of its events, not the store's work.</summary>
/// <param name="Actor">The actor.</param>
/// <param name="Message">Name of what it decided then.</param>
/// <param name="Longest">How long that was.</param>
/// <param name="At">When, by the runtime's clock.</param>
public sealed record SlowActor(ActorKey Actor, string Message, TimeSpan Longest, DateTimeOffset At);

/// <summary>An actor with a long mailbox.</summary>
/// <param name="Actor">The actor.</param>
/// <param name="Depth">Messages that wait.</param>
public sealed record LongMailbox(ActorKey Actor, int Depth);
