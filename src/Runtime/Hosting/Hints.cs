namespace VioActors.Runtime;

/// <summary>
/// Tells other servers that something in the store is for them; a loss only delays it. Loop only, apart from
/// <see cref="TellAll"/>.
/// </summary>
internal sealed class Hints(IPeers? peers)
{
    private readonly SortedSet<int> _shards = [];

    /// <summary>A message was stored for a shard that is not here.</summary>
    public void Add(int shard) => _shards.Add(shard);

    /// <summary>Tells the owners of all that was added.</summary>
    public void Send(ClusterView view)
    {
        if (_shards.Count == 0)
            return;
        foreach (var owned in _shards.GroupBy(view.OwnerOf))
        {
            if (owned.Key is { } server)
                _ = peers?.WakeAsync(server, [.. owned]);
        }
        _shards.Clear();
    }

    /// <summary>Tells every other server that these shards changed hands.</summary>
    public void TellAll(ClusterView view, IReadOnlyList<ShardToken> ours)
    {
        foreach (var seen in view.Servers.Where(seen => seen.IsAlive && seen.Server.Incarnation != ours[0].Owner))
            _ = peers?.WakeAsync(seen.Server, [.. ours.Select(token => token.Shard)]);
    }
}
