namespace VioActors.Runtime;

/// <summary>How far an actor is in memory.</summary>
internal enum ActorPhase
{
    /// <summary>No state in memory.</summary>
    Cold,

    /// <summary>Its history is being read.</summary>
    Loading,

    /// <summary>State in memory; takes turns.</summary>
    Warm,

    /// <summary>Its history cannot be read by this version; takes no turns.</summary>
    Quarantined,
}

/// <summary>One actor of a shard: mailbox, committed image, and the image that runs ahead of the commit.</summary>
internal sealed class ActorSlot(ActorKey key, ActorShell shell)
{
    public ActorKey Key { get; } = key;

    public ActorShell Shell { get; } = shell;

    public ActorPhase Phase { get; set; }

    /// <summary>Why it is quarantined.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Messages in order; a message being committed is in its turn, not here.</summary>
    public LinkedList<Work> Mailbox { get; } = new();

    /// <summary>Reads that wait for the load.</summary>
    public List<StateRead> Reads { get; } = [];

    /// <summary>What the store holds.</summary>
    public ActorImage Durable { get; set; } = ActorImage.Empty;

    /// <summary>
    /// With the turns that are not committed yet. Equal to <see cref="Durable"/> by reference when there are none.
    /// </summary>
    public ActorImage Ahead { get; set; } = ActorImage.Empty;

    /// <summary>Turns of this actor that wait for a commit.</summary>
    public int Uncommitted { get; set; }

    /// <summary>True while it is in the machine's queue of actors with work.</summary>
    public bool IsQueued { get; set; }

    /// <summary>No turn before this time: the first message is retried then.</summary>
    public DateTimeOffset? WaitUntil { get; set; }

    public DateTimeOffset LastUsed { get; set; }

    /// <summary>Nothing keeps its state in memory.</summary>
    public bool IsIdle => Phase == ActorPhase.Warm && Mailbox.Count == 0 && Uncommitted == 0 && Reads.Count == 0;
}
