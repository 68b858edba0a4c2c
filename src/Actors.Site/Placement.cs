using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>
/// Finds a host for every node of a request, or for none. Big nodes first; each on the host with the fewest nodes of
/// its environment, then the most free memory, then the lowest id. When that gets stuck, it goes back and tries the
/// next best host, within <see cref="SiteLimits.PlacementSteps"/>. Room that was just proposed to others does not count
/// as free, so that a queue of requests does not meet on the same hosts. Marks of nodes that go together or apart hold.
/// </summary>
internal static class Placement
{
    internal static PlacementAnswer Answer(SiteState state, ProposePlacement ask, DateTimeOffset now)
    {
        var search = new Search(state, ask, now);
        return search.Run()
            ? new PlacementAnswer(ask.RequestId, search.Chosen, Failure: null)
            : new PlacementAnswer(ask.RequestId, new SortedDictionary<NodeId, HostId>(), search.Explain());
    }

    /// <summary>What an answer takes of each host.</summary>
    internal static IReadOnlyList<ProposedRoom> Rooms(ProposePlacement ask, PlacementAnswer answer) =>
    [
        .. ask.Needs.GroupBy(need => answer.Hosts[need.Node]).OrderBy(needs => needs.Key).Select(needs =>
            new ProposedRoom(needs.Key, needs.Sum(Whole), needs.Sum(need => need.DiskMiB))),
    ];

    /// <summary>Guest memory and its emulator's, MiB.</summary>
    internal static int Whole(PlacementNeed need) => need.MemoryMiB + Overhead.MemoryMiB(need.MemoryMiB);

    private sealed class Search
    {
        private readonly Room[] _rooms;
        private readonly RoomOrder _order;
        private readonly PlacementNeed[] _needs;
        private readonly PlacedMarks _marks;
        private readonly int _hostLimit;
        private int _stepsLeft = SiteLimits.PlacementSteps;
        private Failure? _why;

        internal Search(SiteState state, ProposePlacement ask, DateTimeOffset now)
        {
            var avoided = ask.Avoid.ToHashSet();
            _rooms = new Room[state.Members.Count];
            var next = 0;
            foreach (var (host, member) in state.Members)
                _rooms[next++] = new Room(
                    member, avoided.Contains(host), ask.Present.GetValueOrDefault(host), state.ProposedOn(host, now));
            _order = new RoomOrder(_rooms);
            _marks = new PlacedMarks(ask.Marks ?? []);
            // Pinned nodes have no choice, those that go together and big ones have little: they go before the rest.
            _needs = [.. ask.Needs.OrderBy(need => need.HostName is null)
                .ThenByDescending(need => need.Together, StringComparer.Ordinal).ThenByDescending(Whole)
                .ThenByDescending(need => need.DiskMiB).ThenBy(need => need.NodeName, StringComparer.Ordinal)
                .ThenBy(need => need.Node)];
            _hostLimit = ask.HostLimit ?? int.MaxValue;
        }

        internal SortedDictionary<NodeId, HostId> Chosen { get; } = [];

        internal bool Run() => Place(0);

        /// <summary>The shortage of the first dead end: the one that the preferred hosts led to.</summary>
        internal Failure Explain() => _why!;

        private bool Place(int index)
        {
            if (index == _needs.Length)
                return true;
            var need = Bound(_needs[index]);
            var fits = false;
            for (var room = _order.Next(need, after: null, _hostLimit); room is not null;
                room = _order.Next(need, room, _hostLimit))
            {
                if (_marks.Obstacle(need, room.Host) is not null)
                    continue;
                fits = true;
                if (--_stepsLeft < 0)
                    return false;
                Take(room, need, 1);
                Chosen[need.Node] = room.Host;
                if (Place(index + 1))
                    return true;
                Chosen.Remove(need.Node);
                Take(room, need, -1);
            }

            if (!fits)
                _why ??= Shortage.Of(_needs[index], _rooms, index, _hostLimit, _marks);
            return false;
        }

        /// <summary>Looks only where its mates are, when some are placed.</summary>
        private PlacementNeed Bound(PlacementNeed need) =>
            need.HostName is null && _marks.Bound(need) is { } host
            && Array.Find(_rooms, room => room.Host == host) is { } mates ? need with { HostName = mates.Name } : need;

        private void Take(Room room, PlacementNeed need, int sign)
        {
            _order.Take(room, need, sign);
            _marks.Take(need, room.Host, sign);
        }
    }
}
