using VioActors.Contracts;
using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>What is left of a host while a placement is tried. Lives inside one turn.</summary>
/// <param name="member">The host as the site knows it.</param>
/// <param name="avoided">Not wanted, or it refused just now.</param>
/// <param name="present">Nodes of the environment that it has already.</param>
/// <param name="proposed">What was just proposed to others; null for nothing.</param>
internal sealed class Room(SiteMember member, bool avoided, int present, Proposed? proposed)
{
    internal HostId Host { get; } = member.Host;

    internal string Name { get; } = member.Name;

    internal HostCapacity? Capacity { get; } = member.Capacity;

    internal bool Avoided { get; } = avoided;

    internal bool Drains { get; } = member.Drains;

    internal bool Usable { get; } = member is { Capacity.Available: true, Drains: false } && !avoided;

    /// <summary>Memory that others are about to book, MiB; it is not free here.</summary>
    internal int ProposedMiB { get; } = proposed?.MemoryMiB ?? 0;

    internal int Nodes { get; private set; } = present;

    internal int FreeMemoryMiB { get; private set; } =
        (member.Capacity?.FreeMemoryMiB ?? 0) - (proposed?.MemoryMiB ?? 0);

    internal long FreeDiskMiB { get; private set; } = (member.Capacity?.FreeDiskMiB ?? 0) - (proposed?.DiskMiB ?? 0);

    internal bool Holds(PlacementNeed need) =>
        Usable && (need.HostName is null || need.HostName == Name)
        && Placement.Whole(need) <= FreeMemoryMiB && need.DiskMiB <= FreeDiskMiB;

    /// <summary>Takes what a node needs, or with -1 gives it back.</summary>
    internal void Take(PlacementNeed need, int sign)
    {
        Nodes += sign;
        FreeMemoryMiB -= sign * Placement.Whole(need);
        FreeDiskMiB -= sign * need.DiskMiB;
    }
}
