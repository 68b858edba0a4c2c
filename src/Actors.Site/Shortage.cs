using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>The exact answer to "why is this pending": what a node needs and what each host has.</summary>
internal static class Shortage
{
    private const int HostsNamed = 16;

    /// <param name="need">The node that found no host.</param>
    /// <param name="rooms">All hosts, less what the nodes before it took.</param>
    /// <param name="before">How many nodes of the request were placed before it.</param>
    /// <param name="hostLimit">Most hosts the environment may span.</param>
    /// <param name="marks">Where nodes are that it must be with, or apart from.</param>
    internal static Failure Of(
        PlacementNeed need, IReadOnlyList<Room> rooms, int before, int hostLimit, PlacedMarks marks)
    {
        var relevant = rooms.Where(room => need.HostName is null || room.Name == need.HostName).ToArray();
        var hosts = relevant.Length == 0
            ? need.HostName is null ? "the site has no hosts" : $"the site has no host '{need.HostName}'"
            : string.Join(", ", relevant.Take(HostsNamed).Select(room => Describe(room, need, hostLimit, marks)));
        var more = relevant.Length > HostsNamed ? $", and {relevant.Length - HostsNamed} more hosts lack it too" : "";
        var disk = need.DiskMiB > 0 ? $" and {need.DiskMiB} MiB of disk" : "";
        var after = before > 0 ? $", after {before} other {(before == 1 ? "node" : "nodes")} of the request" : "";
        var where = need.HostName is null ? "" : $" on host '{need.HostName}'";
        return new Failure(
            FailureCode.NoCapacity,
            $"Node '{need.NodeName}' needs {Placement.Whole(need)} MiB of memory ({need.MemoryMiB} and "
                + $"{Overhead.MemoryMiB(need.MemoryMiB)} for its emulator){disk}{where}{after}: {hosts}{more}.",
            need.HostName is null
                ? "Ask for less, delete or move other nodes, or join another host."
                : "Leave the host out of the spec, free room on it, or bring it back.");
    }

    private static string Describe(Room room, PlacementNeed need, int hostLimit, PlacedMarks marks)
    {
        if (room.Capacity is not { } capacity)
            return $"host {room.Name} never connected";
        if (!capacity.Available)
            return $"host {room.Name} is {(capacity.Fenced ? "fenced" : "away")}";
        if (room.Drains)
            return $"host {room.Name} is being emptied";
        if (room.Avoided)
            return $"host {room.Name} was not wanted or refused just now";
        if (marks.Obstacle(need, room.Host) is { } obstacle)
            return $"host {room.Name} {obstacle}";
        if (room.Holds(need))
            return $"host {room.Name} has room but would be one more than the {hostLimit} hosts its subnet allows";
        var disk = need.DiskMiB > room.FreeDiskMiB ? $" and {room.FreeDiskMiB} MiB of disk free" : "";
        var others = room.ProposedMiB > 0 ? $", {room.ProposedMiB} MiB more about to be booked" : "";
        return $"host {room.Name} has {room.FreeMemoryMiB} MiB free of {capacity.MemoryMiB}{others}{disk}";
    }
}
