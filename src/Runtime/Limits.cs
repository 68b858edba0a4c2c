namespace VioActors.Runtime;

/// <summary>Every bound of the runtime, with the relations between them. Immutable; checked at start.</summary>
public sealed record Limits
{
    /// <summary>
    /// Messages waiting for one actor before outside callers get Busy. More smooths bursts, less bounds latency.
    /// </summary>
    public int MailboxDepth { get; init; } = 1_000;

    /// <summary>Messages waiting in one shard before outside callers get Busy.</summary>
    public int ShardDepth { get; init; } = 20_000;

    /// <summary>Turns in one commit. More raises throughput, less bounds the latency of one commit.</summary>
    public int TurnsPerBatch { get; init; } = 256;

    /// <summary>Events, sends, effects and timers of one turn together; more is a bug of the actor.</summary>
    public int OutputsPerTurn { get; init; } = 10_000;

    /// <summary>Requests and completions waiting for the loop; over it callers get Busy.</summary>
    public int LoopDepth { get; init; } = 8_192;

    /// <summary>How often a message whose turn throws is decided before it becomes a dead letter.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Wait before the second attempt; doubles for each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Wait after a failed store call before the next one; doubles up to <see cref="StoreRetryMax"/>.
    /// </summary>
    public TimeSpan StoreRetry { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between store calls while the store is away.</summary>
    public TimeSpan StoreRetryMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Least events between two snapshots of one actor; there are more while they weigh less than its snapshot.
    /// </summary>
    public int SnapshotEvery { get; init; } = 200;

    /// <summary>Idle time after which an actor's state leaves memory.</summary>
    public TimeSpan PassivateAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Effects of one kind that run at the same time.</summary>
    public int EffectsPerKind { get; init; } = 16;

    /// <summary>
    /// How long a shard stays ours without renewal, by the store's clock. A server that stands still for longer loses
    /// its shards; less makes the others take over sooner.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>Time between renewals.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Time between looks at the other servers and at shards that are free. Less shortens a takeover and costs queries.
    /// </summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Where shards live when there are several servers.</summary>
    public ShardPlacement Placement { get; init; } = ShardPlacement.OnOne;

    /// <summary>
    /// How much closer most and least loaded must come by a move of shards, as part of the average load; less than that
    /// is not worth a hand-over.
    /// </summary>
    public double SpreadGain { get; init; } = 0.25;

    /// <summary>How long loads must be uneven without a pause before shards move.</summary>
    public TimeSpan SpreadHold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a server gives no shards after it gave or took some.</summary>
    public TimeSpan SpreadCooldown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>No effect starts within this time of the lease's end, counted from the start of the renewal.</summary>
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long replies are kept under their idempotency keys.</summary>
    public TimeSpan KeepResults { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a graceful stop waits for the commit in flight.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Throws when the limits contradict each other.</summary>
    /// <exception cref="InvalidOperationException">Names the relation that does not hold.</exception>
    public Limits Checked()
    {
        Require(MailboxDepth > 0 && ShardDepth >= MailboxDepth, "ShardDepth >= MailboxDepth > 0");
        Require(TurnsPerBatch > 0 && OutputsPerTurn > 0 && LoopDepth > 0, "batch, output and loop sizes > 0");
        Require(Attempts > 0 && SnapshotEvery > 0 && EffectsPerKind > 0, "Attempts, SnapshotEvery, EffectsPerKind > 0");
        Require(RenewEvery > TimeSpan.Zero && RenewEvery * 2 + LeaseMargin < Lease,
            "2 * RenewEvery + LeaseMargin < Lease");
        Require(LookEvery > TimeSpan.Zero && LookEvery <= RenewEvery, "RenewEvery >= LookEvery > 0");
        Require(SpreadGain > 0 && SpreadHold >= TimeSpan.Zero && SpreadCooldown >= TimeSpan.Zero,
            "SpreadGain > 0, SpreadHold and SpreadCooldown >= 0");
        Require(StoreRetry > TimeSpan.Zero && StoreRetryMax >= StoreRetry, "StoreRetryMax >= StoreRetry > 0");
        return this;
    }

    private static void Require(bool holds, string relation)
    {
        if (!holds)
            throw new InvalidOperationException($"The runtime's limits must satisfy: {relation}.");
    }
}
