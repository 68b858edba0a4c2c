using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>One server of the site, as it introduces itself to the others through the store.</summary>
/// <param name="Incarnation">Random, fresh for each start of its process.</param>
/// <param name="Name">For people.</param>
/// <param name="Address">Where the other servers reach it; empty when it is alone.</param>
/// <param name="IsDraining">It gives its shards up and takes none.</param>
public sealed record ServerRow(string Incarnation, string Name, string Address, bool IsDraining)
{
    /// <summary>
    /// Turns per second of each shard, by number; what it says of shards that are not its own means nothing.
    /// </summary>
    public ImmutableArray<int> Rates { get; init; } = [];
}

/// <summary>A server as the store sees it.</summary>
/// <param name="Server">What it said of itself.</param>
/// <param name="Since">When it said so for the first time, by the store's clock.</param>
/// <param name="IsAlive">
/// It was seen within its lease, and the store does not know better: where the engine notices that a process is gone,
/// this turns false at once.
/// </param>
public sealed record ServerSeen(ServerRow Server, DateTimeOffset Since, bool IsAlive);

/// <summary>A shard's owner as the store sees it.</summary>
/// <param name="Shard">0-based number.</param>
/// <param name="Owner">Incarnation; empty for none.</param>
/// <param name="IsFree">Anybody may claim it: no lease runs, or its owner is gone.</param>
public sealed record ShardSeen(int Shard, string Owner, bool IsFree);

/// <summary>The servers and who owns what, one look.</summary>
public sealed record ClusterView(ImmutableArray<ServerSeen> Servers, ImmutableArray<ShardSeen> Shards)
{
    /// <summary>Nothing was seen yet.</summary>
    public static readonly ClusterView Empty = new([], []);

    /// <summary>Turns per second of a shard, as its owner said last; 0 when nothing is known.</summary>
    public int RateOf(int shard)
    {
        foreach (var seen in shard < Shards.Length ? Servers : [])
        {
            if (seen.Server.Incarnation == Shards[shard].Owner)
                return shard < seen.Server.Rates.Length ? seen.Server.Rates[shard] : 0;
        }
        return 0;
    }

    /// <summary>The living server that owns a shard; null while nobody does.</summary>
    public ServerRow? OwnerOf(int shard)
    {
        if (shard >= Shards.Length || Shards[shard] is not { IsFree: false, Owner: var owner })
            return null;
        foreach (var seen in Servers)
        {
            if (seen.IsAlive && seen.Server.Incarnation == owner)
                return seen.Server;
        }
        return null;
    }
}
