using System.Collections.Immutable;

namespace VioActors.Runtime;

/// <summary>What one server remembers between two looks, so that it does not act on every flutter.</summary>
/// <param name="UnevenSince">Since when the loads call for a gift without a pause; null while they do not.</param>
/// <param name="CalmUntil">No gift before: what moved last must show in the rates first.</param>
/// <param name="Given">The last gift: not taken back before that, while the store calls it ours still.</param>
internal sealed record SpreadMemory(TimeSpan? UnevenSince, TimeSpan CalmUntil, ImmutableArray<int> Given)
{
    /// <summary>Of a server that has just started.</summary>
    public static readonly SpreadMemory None = new(null, TimeSpan.Zero, []);
}

/// <summary>
/// Decides which shards a server takes and gives up when they are spread by load. Pure, and the same on every server:
/// the rates are part of the view. Only the most loaded gives, and never so much that it would then have less than the
/// least loaded; so a gift makes the loads more equal, and under a constant load there is a last one.
/// </summary>
internal static class LoadSpread
{
    /// <summary>One gift is at most this part of all shards.</summary>
    private const int Part = 4;

    /// <param name="view">The store's look, with what each shard does.</param>
    /// <param name="me">Our incarnation.</param>
    /// <param name="held">Shards that we really hold.</param>
    /// <param name="now">By a clock that never goes back.</param>
    /// <param name="memory">What the last call returned.</param>
    /// <param name="limits">Least gain, hold time, cooldown.</param>
    public static (PlacementStep Step, SpreadMemory Memory) Decide(
        ClusterView view, string me, IReadOnlyCollection<int> held, TimeSpan now, SpreadMemory memory, Limits limits)
    {
        var mine = view.Shards.Where(shard => shard.Owner == me && !shard.IsFree).Select(shard => shard.Shard).ToList();
        var candidates = Placement.CandidatesOf(view);
        if (!candidates.Contains(me))
            return (new PlacementStep([], [.. mine]), memory);
        var loads = candidates.ToDictionary(one => one, _ => 0.0, StringComparer.Ordinal);
        foreach (var shard in view.Shards.Where(shard => !shard.IsFree && loads.ContainsKey(shard.Owner)))
            loads[shard.Owner] += WeightOf(view, shard.Shard);
        var isCalm = now < memory.CalmUntil;
        var dropped = mine.Except(held).Except(isCalm ? memory.Given : []);
        var taken = dropped.Concat(Fill(view, loads, me)).ToImmutableArray();
        if (!taken.IsEmpty)
            return (new PlacementStep(taken, []), memory with
            {
                UnevenSince = null,
                CalmUntil = now + limits.SpreadCooldown,
            });
        var gift = view.Shards.All(shard => !shard.IsFree && loads.ContainsKey(shard.Owner))
            ? Gift(view, loads, me, mine, limits.SpreadGain) : [];
        if (gift.IsEmpty)
            return (new PlacementStep([], []), memory with { UnevenSince = null });
        var since = memory.UnevenSince ?? now;
        return now - since < limits.SpreadHold || isCalm
            ? (new PlacementStep([], []), memory with { UnevenSince = since })
            : (new PlacementStep([], gift), new SpreadMemory(null, now + limits.SpreadCooldown, gift));
    }

    /// <summary>Turns per second and something for being there, so that idle shards are spread, too.</summary>
    private static double WeightOf(ClusterView view, int shard) => 1 + view.RateOf(shard);

    /// <summary>Gives each free shard, the heaviest first, to whoever has least then; which of them are ours.</summary>
    private static List<int> Fill(ClusterView view, Dictionary<string, double> loads, string me)
    {
        var ours = new List<int>();
        var free = view.Shards.Where(shard => shard.IsFree).Select(shard => shard.Shard);
        foreach (var shard in free.OrderByDescending(shard => WeightOf(view, shard)).ThenBy(shard => shard))
        {
            var least = Ordered(loads).First().Key;
            loads[least] += WeightOf(view, shard);
            if (least == me)
                ours.Add(shard);
        }
        return ours;
    }

    private static ImmutableArray<int> Gift(
        ClusterView view, Dictionary<string, double> loads, string me, List<int> mine, double least)
    {
        var gap = loads[me] - loads.Values.Min();
        if (Ordered(loads).Last().Key != me)
            return [];
        var (room, gift) = (gap / 2, ImmutableArray.CreateBuilder<int>());
        foreach (var shard in mine.OrderByDescending(shard => WeightOf(view, shard)).ThenBy(shard => shard))
        {
            if (WeightOf(view, shard) is var weight && weight > room
                || gift.Count >= Math.Max(1, view.Shards.Length / Part))
                continue;
            gift.Add(shard);
            room -= weight;
        }
        var gain = gap - (2 * room);
        return gain > least * loads.Values.Average() ? gift.ToImmutable() : [];
    }

    private static IEnumerable<KeyValuePair<string, double>> Ordered(Dictionary<string, double> loads) =>
        loads.OrderBy(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal);
}
