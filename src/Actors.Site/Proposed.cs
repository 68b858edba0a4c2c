using VioActors.Contracts.Sites;

namespace VioActors.Actors.Site;

/// <summary>
/// Room of a host that was proposed and of which the host has not told yet: whoever it was proposed to is about to book
/// it. Only a hint, the host's ledger decides: it goes as the host's free room shrinks, when the host says hello, and
/// after <see cref="Lifetime"/>, in case that nobody came to book it.
/// </summary>
/// <param name="MemoryMiB">Memory, overhead included.</param>
/// <param name="DiskMiB">Disk.</param>
/// <param name="At">When the latest of it was proposed.</param>
public sealed record Proposed(int MemoryMiB, long DiskMiB, DateTimeOffset At)
{
    /// <summary>Longer than a booking is on its way when a long queue waits.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    internal bool Counts(DateTimeOffset now) => now - At < Lifetime;

    internal Proposed More(ProposedRoom room, DateTimeOffset at) =>
        new(MemoryMiB + room.MemoryMiB, DiskMiB + room.DiskMiB, at);

    /// <summary>What is left of it after the host told anew; null for nothing.</summary>
    internal Proposed? After(HostCapacity? before, HostCapacity now)
    {
        if (before is not { Available: true } || !now.Available) return null;
        var left = this with
        {
            MemoryMiB = Math.Max(0, MemoryMiB - Math.Max(0, before.FreeMemoryMiB - now.FreeMemoryMiB)),
            DiskMiB = Math.Max(0, DiskMiB - Math.Max(0, before.FreeDiskMiB - now.FreeDiskMiB)),
        };
        return left is { MemoryMiB: 0, DiskMiB: 0 } ? null : left;
    }
}
