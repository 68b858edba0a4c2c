using VioActors.Runtime;

namespace VioActors.Daemon.Server.Cluster;

/// <summary>A request that another server passes on.</summary>
internal sealed record PeerQuestion(
    string Actor, string Name, string Json, string Principal, string? IdempotencyKey);

/// <summary>What came of it: at most one is set; nothing is set when the turn is durable and has no reply.</summary>
internal sealed record PeerAnswer
{
    /// <summary>Name and JSON of the reply.</summary>
    public PeerReply? Reply { get; init; }

    /// <summary>The actor refused.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>It was not taken.</summary>
    public Busy? Busy { get; init; }

    /// <summary>With <see cref="Busy"/>: because the shard is not there any more.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>It was taken, and how its turn ended is not known.</summary>
    public string? Unknown { get; init; }
}

/// <summary>A reply as the codec writes it.</summary>
internal sealed record PeerReply(string Name, string Json);

/// <summary>An actor's state, or why it is not read there; neither when the actor has no history.</summary>
internal sealed record PeerState(string? Json, string? NotServing);

/// <summary>Shards whose inboxes hold something new.</summary>
internal sealed record PeerWake(IReadOnlyList<int> Shards);

/// <summary>Whose state is asked for.</summary>
internal sealed record PeerActor(string Actor);
