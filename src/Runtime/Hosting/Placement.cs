using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>Where shards live when there are several servers.</summary>
public enum ShardPlacement
{
    /// <summary>
    /// All on one server, the others warm: the same promises with the fewest ways to fail, and no message between
    /// servers.
    /// </summary>
    OnOne,

    /// <summary>As many on each server as on the others.</summary>
    Spread,

    /// <summary>
    /// Spread by what they do, in turns per second: a shard moves only when that gains enough for long enough.
    /// </summary>
    ByLoad,
}

/// <summary>What one server does next: both lists by shard number.</summary>
internal readonly record struct PlacementStep(ImmutableArray<int> Claim, ImmutableArray<int> HandOver);

/// <summary>
/// Decides which shards a server takes and gives up. Pure; every server decides for itself from what the store shows,
/// and the store lets only one of them have a shard.
/// </summary>
internal static class Placement
{
    /// <param name="view">The store's look.</param>
    /// <param name="me">Our incarnation.</param>
    /// <param name="held">Shards that we really hold: one that the store calls ours and we dropped is claimed
    /// again.</param>
    /// <param name="placement">Where shards live.</param>
    public static PlacementStep Decide(
        ClusterView view, string me, IReadOnlyCollection<int> held, ShardPlacement placement)
    {
        var mine = view.Shards.Where(shard => shard.Owner == me && !shard.IsFree).Select(shard => shard.Shard).ToList();
        var candidates = CandidatesOf(view);
        if (!candidates.Contains(me))
            return new PlacementStep([], [.. mine]);
        var most = placement == ShardPlacement.Spread
            ? (view.Shards.Length + candidates.Count - 1) / candidates.Count
            : LeaderOf(view, candidates) == me ? view.Shards.Length : 0;
        var free = view.Shards.Where(shard => shard.IsFree).Select(shard => shard.Shard);
        return new PlacementStep(
            [.. mine.Take(most).Except(held), .. free.Take(Math.Max(0, most - mine.Count))], [.. mine.Skip(most)]);
    }

    /// <summary>Servers that shards may live on.</summary>
    public static List<string> CandidatesOf(ClusterView view)
    {
        var alive = view.Servers.Where(seen => seen.IsAlive).ToList();
        var candidates = alive.Where(seen => !seen.Server.IsDraining).Select(seen => seen.Server.Incarnation).ToList();
        // A server that is drained serves all the same while there is nobody to take its place.
        return candidates.Count > 0 ? candidates : alive.ConvertAll(seen => seen.Server.Incarnation);
    }

    /// <summary>Who owns most stays; else who is here longest.</summary>
    private static string LeaderOf(ClusterView view, List<string> candidates)
    {
        var owned = view.Shards.Where(shard => !shard.IsFree).CountBy(shard => shard.Owner).ToDictionary();
        return view.Servers.Where(seen => candidates.Contains(seen.Server.Incarnation))
            .OrderByDescending(seen => owned.GetValueOrDefault(seen.Server.Incarnation)).ThenBy(seen => seen.Since)
            .ThenBy(seen => seen.Server.Incarnation, StringComparer.Ordinal).First().Server.Incarnation;
    }
}
