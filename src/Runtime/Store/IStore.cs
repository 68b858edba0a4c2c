namespace VioActors.Runtime;

/// <summary>
/// Where actors live when nothing runs. The contract that one conformance suite checks on every engine. Thread-safe.
/// Any exception from <see cref="CommitAsync"/> is an unknown outcome: <see cref="ResolveAsync"/> tells.
/// </summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>How many virtual shards there are; chosen when the store is made, never changed.</summary>
    int ShardCount { get; }

    /// <summary>
    /// Takes those of the shards whose lease ended by the store's clock or was released, whose owner is gone, or which
    /// are already this owner's, in one transaction. Raises their epochs and sets their last batches to 0.
    /// </summary>
    /// <returns>What was taken, by shard; a shard is missing while another owner's lease runs.</returns>
    Task<IReadOnlyList<ShardToken>> ClaimAsync(IReadOnlyList<int> shards, string owner, TimeSpan lease);

    /// <summary>Says that this server lives, for as long as the lease, and looks at all servers and shards.</summary>
    Task<ClusterView> MeetAsync(ServerRow me, TimeSpan lease);

    /// <summary>This server is gone from the others' view; does nothing when it never was there.</summary>
    Task LeaveAsync(string incarnation);

    /// <summary>Prolongs leases from now by the store's clock.</summary>
    /// <returns>For each token whether it is still the shard's.</returns>
    Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease);

    /// <summary>Gives shards up at once, in one transaction; nothing happens to one whose token is stale.</summary>
    Task ReleaseAsync(IReadOnlyList<ShardToken> tokens);

    /// <summary>
    /// After a commit of unknown outcome: what is stored, and a new token. The old one is stale from then on, so that
    /// the commit cannot arrive late and be stored after all. Waits for a commit that is being stored now.
    /// </summary>
    /// <returns>Null when the token is stale.</returns>
    Task<Resolution?> ResolveAsync(ShardToken token);

    /// <summary>
    /// Stores each batch whole or not at all, in one durable transaction where the engine can, and answers in the same
    /// order. A batch counts only if its token is the shard's and the stored last batch is its number minus one.
    /// </summary>
    /// <exception cref="StoreUnavailableException">Nothing is stored; the store cannot write now.</exception>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches);

    /// <summary>All that waits in each of these shards; inbox rows of one sender in sending order.</summary>
    Task<IReadOnlyList<ShardContents>> LoadShardsAsync(IReadOnlyList<int> shards);

    /// <summary>The messages that wait in these shards; those of one sender in sending order.</summary>
    Task<IReadOnlyList<InboxRow>> LoadInboxAsync(IReadOnlyList<int> shards);

    /// <summary>
    /// The histories of these actors, in their order: the newest snapshot of that schema, if any, and every event
    /// after it.
    /// </summary>
    Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(IReadOnlyList<(ActorKey Actor, string Schema)> actors);

    /// <summary>The reply kept under an idempotency key.</summary>
    Task<ResultRow?> FindResultAsync(ActorKey actor, string principal, string key);

    /// <summary>Deletes replies kept since before that time.</summary>
    Task ForgetResultsAsync(DateTimeOffset before);

    /// <summary>At most <paramref name="max"/> rows of the journal after a position.</summary>
    Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long after, int max);

    /// <summary>The newest dead letters, newest first.</summary>
    Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(int max);

    /// <summary>Puts a dead letter back into its receiver's inbox, in one transaction.</summary>
    /// <param name="letter">As it was read.</param>
    /// <param name="id">Of the message that it becomes; never used before.</param>
    /// <returns>False when the letter is not there any more.</returns>
    Task<bool> RetryDeadLetterAsync(DeadLetter letter, string id);

    /// <summary>Forgets a dead letter; false when it is not there any more.</summary>
    Task<bool> DropDeadLetterAsync(string id);

    /// <summary>
    /// A server that counts as dead: it leaves the others' view and its shards are free at once. If it lives all the
    /// same, its tokens are stale as soon as somebody claims.
    /// </summary>
    Task DisownAsync(string incarnation);

    /// <summary>The site's generation and the journal's last position.</summary>
    Task<StorePoint> PointAsync();

    /// <summary>
    /// Completes when all that was read before is as durable as what was committed. A database that lost its
    /// synchronous standby can show what it has not confirmed to anybody.
    /// </summary>
    Task ConfirmAsync() => Task.CompletedTask;

    /// <summary>
    /// Somebody decided that what is stored counts from now on, whatever else was seen before: raises the site
    /// generation. Every token handed out before becomes stale.
    /// </summary>
    /// <param name="above">The new generation is higher than this one, too.</param>
    /// <returns>The new generation.</returns>
    Task<long> AdoptAsync(long above = 0);
}

/// <summary>How far a store is. One that knows less than it said before has lost something.</summary>
/// <param name="Generation">Rises with every restore and promotion.</param>
/// <param name="Position">Of the journal's last event; 0 for none.</param>
/// <param name="Adopted">The generation that the last <see cref="IStore.AdoptAsync"/> began; 0 for none.</param>
public readonly record struct StorePoint(long Generation, long Position, long Adopted = 0);

/// <summary>The end of a doubt.</summary>
/// <param name="Token">The shard's token from now on.</param>
/// <param name="LastBatch">Number of the last batch stored under the old token.</param>
public readonly record struct Resolution(ShardToken Token, long LastBatch);

/// <summary>What waits in a shard when it is claimed.</summary>
public sealed record ShardContents(
    IReadOnlyList<InboxRow> Inbox, IReadOnlyList<TimerRow> Timers, IReadOnlyList<EffectRow> Effects);

/// <summary>What an actor's state is made from.</summary>
public sealed record ActorHistory(SnapshotRow? Snapshot, IReadOnlyList<EventRow> Tail);
