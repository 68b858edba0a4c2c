using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site.Tests;

/// <summary>
/// The slow, obvious form of what a placement promises: for each node, in order, all hosts that hold it are sorted
/// anew.
/// </summary>
internal sealed class PlacementModel(IEnumerable<SiteMember> members, ProposePlacement ask)
{
    private readonly List<Room> _rooms = [.. members.Select(member => new Room(
        member, ask.Avoid.Contains(member.Host), ask.Present.GetValueOrDefault(member.Host), proposed: null))];

    private readonly PlacementNeed[] _needs = [.. ask.Needs.OrderBy(need => need.HostName is null)
        .ThenByDescending(Placement.Whole).ThenByDescending(need => need.DiskMiB)
        .ThenBy(need => need.NodeName, StringComparer.Ordinal)];

    public SortedDictionary<NodeId, HostId> Chosen { get; } = [];

    public bool Place(int index = 0)
    {
        if (index == _needs.Length) return true;
        var need = _needs[index];
        var spans = _rooms.Count(room => room.Nodes > 0);
        var candidates = _rooms
            .Where(room => room.Holds(need) && (room.Nodes > 0 || spans < (ask.HostLimit ?? int.MaxValue)))
            .OrderBy(room => room.Nodes).ThenByDescending(room => room.FreeMemoryMiB).ThenBy(room => room.Host)
            .ToArray();
        foreach (var room in candidates)
        {
            room.Take(need, 1);
            Chosen[need.Node] = room.Host;
            if (Place(index + 1)) return true;
            Chosen.Remove(need.Node);
            room.Take(need, -1);
        }

        return false;
    }
}
