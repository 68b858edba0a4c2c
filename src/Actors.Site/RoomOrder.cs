using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>
/// The usable rooms of one search in the order in which they are preferred: fewest nodes of the environment, most free
/// memory, lowest id. Those without a node of it are apart, because once it spans as many hosts as it may, none of them
/// counts; and a look at the first of them tells whether any has the memory. Lives inside one turn.
/// </summary>
internal sealed class RoomOrder
{
    private static readonly Comparer<Room> Preference = Comparer<Room>.Create(Compare);

    private readonly SortedSet<Room> _fresh;
    private readonly SortedSet<Room> _used;
    private readonly Dictionary<string, Room> _byName;
    private int _looksLeft = SiteLimits.PlacementLooks;
    private int _spans;

    internal RoomOrder(IReadOnlyList<Room> rooms)
    {
        var usable = rooms.Where(room => room.Usable).ToArray();
        _fresh = new SortedSet<Room>(usable.Where(room => room.Nodes == 0), Preference);
        _used = new SortedSet<Room>(usable.Where(room => room.Nodes > 0), Preference);
        _byName = new Dictionary<string, Room>(usable.Length, StringComparer.Ordinal);
        foreach (var room in usable) _byName[room.Name] = room;
        _spans = rooms.Count(room => room.Nodes > 0);
    }

    /// <summary>
    /// The first room that holds the node and comes behind another one; null when there is none, or when too much was
    /// looked at.
    /// </summary>
    /// <param name="need">The node.</param>
    /// <param name="after">A room that was tried, as it is again now; null to begin.</param>
    /// <param name="hostLimit">Most hosts that the environment may span.</param>
    internal Room? Next(PlacementNeed need, Room? after, int hostLimit)
    {
        if (need.HostName is { } name)
            return after is null && _byName.GetValueOrDefault(name) is { } only && only.Holds(need)
                && (only.Nodes > 0 || _spans < hostLimit) ? only : null;
        if (_spans < hostLimit && after is not { Nodes: > 0 })
        {
            foreach (var room in Behind(_fresh, after))
            {
                if (--_looksLeft < 0 || room.FreeMemoryMiB < Placement.Whole(need)) break;
                if (room.Holds(need)) return room;
            }
        }

        foreach (var room in Behind(_used, after is { Nodes: > 0 } ? after : null))
        {
            if (--_looksLeft < 0) break;
            if (room.Holds(need)) return room;
        }

        return null;
    }

    /// <summary>Takes what a node needs of a room, or with -1 gives it back.</summary>
    internal void Take(Room room, PlacementNeed need, int sign)
    {
        var held = room.Nodes > 0;
        (held ? _used : _fresh).Remove(room);
        room.Take(need, sign);
        var holds = room.Nodes > 0;
        (holds ? _used : _fresh).Add(room);
        _spans += (holds ? 1 : 0) - (held ? 1 : 0);
    }

    private static IEnumerable<Room> Behind(SortedSet<Room> rooms, Room? after) =>
        after is null ? rooms : rooms.GetViewBetween(after, rooms.Max).Skip(1);

    private static int Compare(Room left, Room right)
    {
        var nodes = left.Nodes.CompareTo(right.Nodes);
        if (nodes != 0) return nodes;
        var memory = right.FreeMemoryMiB.CompareTo(left.FreeMemoryMiB);
        return memory != 0 ? memory : left.Host.CompareTo(right.Host);
    }
}
