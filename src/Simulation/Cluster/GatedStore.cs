using VioActors.Runtime;

namespace VioActors.Simulation.Cluster;

/// <summary>
/// The store as one server reaches it: a call leaves and its answer arrives only while the server runs.
/// </summary>
internal sealed class GatedStore(MemoryStore store, Gate gate) : IStore
{
    public int ShardCount => store.ShardCount;

    public Task<IReadOnlyList<ShardToken>> ClaimAsync(IReadOnlyList<int> shards, string owner, TimeSpan lease) =>
        PassAsync(() => store.ClaimAsync(shards, owner, lease));

    public Task<ClusterView> MeetAsync(ServerRow me, TimeSpan lease) => PassAsync(() => store.MeetAsync(me, lease));

    public Task LeaveAsync(string incarnation) => PassAsync(() => store.LeaveAsync(incarnation));

    public Task<IReadOnlyList<bool>> RenewAsync(IReadOnlyList<ShardToken> tokens, TimeSpan lease) =>
        PassAsync(() => store.RenewAsync(tokens, lease));

    public Task ReleaseAsync(IReadOnlyList<ShardToken> tokens) => PassAsync(() => store.ReleaseAsync(tokens));

    public Task<Resolution?> ResolveAsync(ShardToken token) => PassAsync(() => store.ResolveAsync(token));

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<ShardBatch> batches) =>
        PassAsync(() => store.CommitAsync(batches));

    public Task<IReadOnlyList<ShardContents>> LoadShardsAsync(IReadOnlyList<int> shards) =>
        PassAsync(() => store.LoadShardsAsync(shards));

    public Task<IReadOnlyList<InboxRow>> LoadInboxAsync(IReadOnlyList<int> shards) =>
        PassAsync(() => store.LoadInboxAsync(shards));

    public Task<IReadOnlyList<ActorHistory>> LoadActorsAsync(IReadOnlyList<(ActorKey Actor, string Schema)> actors) =>
        PassAsync(() => store.LoadActorsAsync(actors));

    public Task<ResultRow?> FindResultAsync(ActorKey actor, string principal, string key) =>
        PassAsync(() => store.FindResultAsync(actor, principal, key));

    public Task ForgetResultsAsync(DateTimeOffset before) => PassAsync(() => store.ForgetResultsAsync(before));

    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long after, int max) =>
        PassAsync(() => store.ReadJournalAsync(after, max));

    public Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(int max) =>
        PassAsync(() => store.ReadDeadLettersAsync(max));

    public Task<bool> RetryDeadLetterAsync(DeadLetter letter, string id) =>
        PassAsync(() => store.RetryDeadLetterAsync(letter, id));

    public Task<bool> DropDeadLetterAsync(string id) => PassAsync(() => store.DropDeadLetterAsync(id));

    public Task DisownAsync(string incarnation) => PassAsync(() => store.DisownAsync(incarnation));

    public Task<StorePoint> PointAsync() => PassAsync(store.PointAsync);

    public Task<long> AdoptAsync(long above = 0) => PassAsync(() => store.AdoptAsync(above));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<T> PassAsync<T>(Func<Task<T>> call)
    {
        await gate.PassAsync();
        try
        {
            return await call();
        }
        finally
        {
            await gate.PassAsync();
        }
    }

    private Task PassAsync(Func<Task> call) => PassAsync(async () =>
    {
        await call();
        return true;
    });
}
