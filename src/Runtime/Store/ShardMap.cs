using System.Text;

namespace VioActors.Runtime;

/// <summary>Which shard an actor belongs to: a hash that is the same on every machine and in every version.</summary>
public static class ShardMap
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>FNV-1a of the key's printed form, modulo the number of shards.</summary>
    public static int Of(ActorKey actor, int shardCount)
    {
        var hash = Offset;
        foreach (var octet in Encoding.UTF8.GetBytes(actor.ToString()))
            hash = (hash ^ octet) * Prime;
        return (int)((hash ^ (hash >> 32)) % (ulong)shardCount);
    }
}
