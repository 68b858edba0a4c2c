using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>
/// Finds a host for every node of a request, or for none. Big nodes first; each on the host with the fewest nodes of
/// its environment, then the most free memory, then the lowest id. When that gets stuck, it goes back and tries the
/// next best host, within <see cref="SiteLimits.PlacementSteps"/>.
/// </summary>
internal static class Placement
{
    internal static PlacementAnswer Answer(IEnumerable<SiteMember> members, ProposePlacement ask)
    {
        var search = new Search(members, ask);
        return search.Run()
            ? new PlacementAnswer(ask.RequestId, search.Chosen, Failure: null)
            : new PlacementAnswer(ask.RequestId, new SortedDictionary<NodeId, HostId>(), search.Explain());
    }

    /// <summary>What is left of a host while a placement is tried. Lives inside one turn.</summary>
    internal sealed class Room(SiteMember member, bool avoided, int present)
    {
        internal HostId Host { get; } = member.Host;
        internal string Name { get; } = member.Name;
        internal HostCapacity? Capacity { get; } = member.Capacity;
        internal bool Avoided { get; } = avoided;
        internal bool Usable { get; } = member.Capacity is { Available: true } && !avoided;
        internal int Nodes { get; private set; } = present;
        internal int FreeMemoryMiB { get; private set; } = member.Capacity?.FreeMemoryMiB ?? 0;
        internal long FreeDiskMiB { get; private set; } = member.Capacity?.FreeDiskMiB ?? 0;

        internal bool Holds(PlacementNeed need) =>
            Usable && (need.HostName is null || need.HostName == Name)
            && Whole(need) <= FreeMemoryMiB && need.DiskMiB <= FreeDiskMiB;

        internal void Take(PlacementNeed need, int sign)
        {
            Nodes += sign;
            FreeMemoryMiB -= sign * Whole(need);
            FreeDiskMiB -= sign * need.DiskMiB;
        }
    }

    /// <summary>Guest memory and its emulator's, MiB.</summary>
    internal static int Whole(PlacementNeed need) => need.MemoryMiB + Overhead.MemoryMiB(need.MemoryMiB);

    private sealed class Search
    {
        private readonly Room[] _rooms;
        private readonly PlacementNeed[] _needs;
        private readonly int _hostLimit;
        private int _stepsLeft;
        private Failure? _why;

        internal Search(IEnumerable<SiteMember> members, ProposePlacement ask)
        {
            _rooms = [.. members.OrderBy(member => member.Host).Select(member => new Room(
                member, ask.Avoid.Contains(member.Host), ask.Present.GetValueOrDefault(member.Host)))];
            // Pinned nodes have no choice and big ones have little: they go before the rest.
            _needs = [.. ask.Needs.OrderBy(need => need.HostName is null).ThenByDescending(Whole)
                .ThenByDescending(need => need.DiskMiB).ThenBy(need => need.NodeName, StringComparer.Ordinal)
                .ThenBy(need => need.Node)];
            _hostLimit = ask.HostLimit ?? int.MaxValue;
            _stepsLeft = Math.Min(SiteLimits.PlacementSteps, SiteLimits.PlacementLooks / Math.Max(1, _rooms.Length));
        }

        internal SortedDictionary<NodeId, HostId> Chosen { get; } = [];

        internal bool Run() => Place(0);

        /// <summary>The shortage of the first dead end: the one that the preferred hosts led to.</summary>
        internal Failure Explain() => _why!;

        private bool Place(int index)
        {
            if (index == _needs.Length)
                return true;
            var need = _needs[index];
            var spans = _rooms.Count(room => room.Nodes > 0);
            var candidates = _rooms.Where(room => room.Holds(need) && (room.Nodes > 0 || spans < _hostLimit))
                .OrderBy(room => room.Nodes).ThenByDescending(room => room.FreeMemoryMiB).ThenBy(room => room.Host)
                .ToArray();
            if (candidates.Length == 0)
                _why ??= Shortage.Of(need, _rooms, index, _hostLimit);
            foreach (var room in candidates)
            {
                if (--_stepsLeft < 0)
                    return false;
                room.Take(need, 1);
                Chosen[need.Node] = room.Host;
                if (Place(index + 1))
                    return true;
                Chosen.Remove(need.Node);
                room.Take(need, -1);
            }
            return false;
        }
    }
}
