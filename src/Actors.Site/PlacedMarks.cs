using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>Which nodes of one environment share a host, and which never do. Lives inside one turn.</summary>
internal sealed class PlacedMarks
{
    private readonly Dictionary<(HostId Host, string Mark), int> _apart = [];
    private readonly Dictionary<string, (HostId Host, int Nodes)> _together = new(StringComparer.Ordinal);

    internal PlacedMarks(IEnumerable<PlacedMark> placed)
    {
        foreach (var one in placed) Take(one.Host, one.Apart, one.Together, 1);
    }

    /// <summary>The only host for a node, because the nodes that it belongs to are there; null for any.</summary>
    internal HostId? Bound(PlacementNeed need) =>
        need.Together is { } mark && _together.TryGetValue(mark, out var held) ? held.Host : null;

    /// <summary>Why a node may not go to a host; null when it may.</summary>
    internal string? Obstacle(PlacementNeed need, HostId host)
    {
        if (need.Apart is { } apart && _apart.ContainsKey((host, apart)))
            return $"has a node that is apart by the mark '{apart}'";
        return Bound(need) is { } only && only != host
            ? $"does not have the nodes that are together by the mark '{need.Together}'"
            : null;
    }

    /// <summary>Notes a node on a host, or with -1 forgets it.</summary>
    internal void Take(PlacementNeed need, HostId host, int sign) => Take(host, need.Apart, need.Together, sign);

    private void Take(HostId host, string? apart, string? together, int sign)
    {
        if (apart is not null)
        {
            var left = _apart.GetValueOrDefault((host, apart)) + sign;
            if (left == 0) _apart.Remove((host, apart));
            else _apart[(host, apart)] = left;
        }

        if (together is not null)
        {
            var left = _together.GetValueOrDefault(together).Nodes + sign;
            if (left == 0) _together.Remove(together);
            else _together[together] = (host, left);
        }
    }
}
