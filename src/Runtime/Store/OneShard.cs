namespace VioActors.Runtime;

/// <summary>Calls of a store for whom one shard is enough.</summary>
public static class OneShard
{
    /// <summary>As <see cref="IStore.ClaimAsync"/>; null while another owner's lease runs.</summary>
    public static async Task<ShardToken?> ClaimAsync(this IStore store, int shard, string owner, TimeSpan lease) =>
        await store.ClaimAsync([shard], owner, lease) is [var token] ? token : null;

    /// <summary>As <see cref="IStore.ReleaseAsync"/>.</summary>
    public static Task ReleaseAsync(this IStore store, ShardToken token) => store.ReleaseAsync([token]);

    /// <summary>As <see cref="IStore.LoadShardsAsync"/>.</summary>
    public static async Task<ShardContents> LoadShardAsync(this IStore store, int shard) =>
        (await store.LoadShardsAsync([shard]))[0];
}
