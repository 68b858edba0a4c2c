using System.Collections.Immutable;
using System.Text.Json;

namespace VioActors.Contracts.Api;

/// <summary>The site's servers and what they own: one look of the server that answers.</summary>
public sealed record ClusterStatus
{
    /// <summary>The site's generation; rises with every restore and promotion of the store.</summary>
    public required long Generation { get; init; }

    /// <summary>Position of the journal's last event.</summary>
    public required long Position { get; init; }

    /// <summary>In the order in which they came; dead ones are listed for an hour.</summary>
    public required ImmutableArray<ServerView> Servers { get; init; }

    /// <summary>All shards, by number.</summary>
    public required ImmutableArray<ShardView> Shards { get; init; }

    /// <summary>Dead letters, at most 1,000 are counted.</summary>
    public required int DeadLetters { get; init; }
}

/// <summary>One server.</summary>
public sealed record ServerView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Fresh for each start of its process.</summary>
    public required string Incarnation { get; init; }

    /// <summary>Where agents and other servers reach it; empty when it is the only one.</summary>
    public required string Address { get; init; }

    /// <summary>
    /// <c>serving</c>, <c>standby</c>, <c>draining</c>, <c>troubled</c> (its stats say why), <c>unreachable</c> from
    /// here although the store sees it, or <c>dead</c>.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Since when, by the store's clock.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Whether it is the one that answers.</summary>
    public required bool IsSelf { get; init; }

    /// <summary>How many shards it owns.</summary>
    public required int Shards { get; init; }

    /// <summary>What it is doing; null when it cannot be asked.</summary>
    public ServerStats? Stats { get; init; }
}

/// <summary>What a server is doing.</summary>
public sealed record ServerStats
{
    /// <summary>Why it does not serve; empty when it does.</summary>
    public required string Reason { get; init; }

    /// <summary>Shards whose actors can take requests there.</summary>
    public required ImmutableArray<int> Loaded { get; init; }

    /// <summary>Turns completed since its start.</summary>
    public required long Turns { get; init; }

    /// <summary>Batches committed since its start.</summary>
    public required long Commits { get; init; }

    /// <summary>Messages that wait for a turn.</summary>
    public required int MailboxDepth { get; init; }

    /// <summary>Actors with their state in memory.</summary>
    public required int LoadedActors { get; init; }

    /// <summary>Effect handlers at work.</summary>
    public required int EffectsRunning { get; init; }

    /// <summary>Actors that stopped because this version cannot read their journal, with the reason.</summary>
    public ImmutableSortedDictionary<string, string> Quarantined { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Agents connected to it.</summary>
    public required int Agents { get; init; }

    /// <summary>Actors with the longest turns of the last minutes, longest first; at most 16.</summary>
    public ImmutableArray<SlowActorView> Slow { get; init; } = [];

    /// <summary>Actors with the longest mailboxes now, longest first; at most 16, over 8 messages.</summary>
    public ImmutableArray<MailboxView> Mailboxes { get; init; } = [];
}

/// <summary>An actor with a long turn.</summary>
/// <param name="Actor"><c>kind/id</c>.</param>
/// <param name="Message">Wire name of what it decided then.</param>
/// <param name="Ms">How long the actor's own code took, in milliseconds; the store is not in it.</param>
/// <param name="At">When.</param>
public sealed record SlowActorView(string Actor, string Message, double Ms, DateTimeOffset At);

/// <summary>An actor with a long mailbox.</summary>
/// <param name="Actor"><c>kind/id</c>.</param>
/// <param name="Depth">Messages that wait for a turn.</param>
public sealed record MailboxView(string Actor, int Depth);

/// <summary>One shard.</summary>
/// <param name="Shard">0-based number.</param>
/// <param name="Server">Name of its owner; null while it has none that lives.</param>
/// <param name="Loaded">Whether its actors take requests; null when the owner cannot be asked.</param>
/// <param name="Rate">Turns per second, about, over the last ten seconds.</param>
public sealed record ShardView(int Shard, string? Server, bool? Loaded, int Rate = 0);

/// <summary>An actor as the runtime keeps it.</summary>
/// <param name="Actor"><c>kind/id</c>.</param>
/// <param name="Shard">Its shard.</param>
/// <param name="Server">The shard's owner; null while it has none.</param>
/// <param name="State">Its committed state; null when it has no history.</param>
/// <param name="Waiting">Messages in its mailbox; null when they are few, or its server cannot be asked.</param>
/// <param name="Slow">Its longest turn, if it is among the longest of its server.</param>
public sealed record ActorView(
    string Actor, int Shard, string? Server, JsonElement? State, int? Waiting = null, SlowActorView? Slow = null);

/// <summary>A message that no turn could digest.</summary>
/// <param name="Id">Of the message.</param>
/// <param name="Actor">Who could not digest it.</param>
/// <param name="Sender">Another actor; null for a request from outside, a timer or an effect's end.</param>
/// <param name="Name">Wire name of the message.</param>
/// <param name="By">On whose behalf it was sent.</param>
/// <param name="Reason">What the turn threw.</param>
/// <param name="At">When it was given up.</param>
public sealed record DeadLetterView(
    string Id, string Actor, string? Sender, string Name, string By, string Reason, DateTimeOffset At);

/// <summary>Whether a server shall give its shards away.</summary>
/// <param name="IsDraining">True: it gives all away and takes none. False: it takes shards again.</param>
public sealed record DrainBody(bool IsDraining);
