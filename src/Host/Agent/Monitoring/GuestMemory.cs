using VioActors.Libvirt;

namespace VioActors.Daemon.Agent.Monitoring;

/// <summary>
/// Memory that guests use. What a guest says is a second or more older than the size of its balloon: while that
/// changes, size less usable memory counts what it was just given as used. So only figures of one report are compared,
/// and what the guest's kernel keeps beyond them is looked at while the balloon stands still. Not thread safe.
/// </summary>
internal sealed class GuestMemory
{
    // A guest that hangs leaves its last figures behind; they say nothing of now.
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(15);

    private readonly Dictionary<Guid, Seen> _seen = [];

    /// <summary>Whether a guest said lately what it has.</summary>
    public static bool IsFresh(DomainStatistics one, DateTimeOffset now) =>
        one.BalloonUpdatedAt is { } at && now - at < Stale;

    /// <summary>Memory in use, in MiB; null when the guest does not say.</summary>
    public double? UsedMiB(DomainStatistics one, DateTimeOffset now)
    {
        if (!IsFresh(one, now) || one.BalloonUsable is not { } usable) return null;
        var size = one.BalloonCurrent ?? one.BalloonMaximum ?? 0;
        var own = one.BalloonAvailable ?? size;
        var before = _seen.GetValueOrDefault(one.Id);
        var stands = before is null || (before.Size == size && one.BalloonUpdatedAt > before.At);
        var kept = stands ? size - own : before!.Kept;
        _seen[one.Id] = new Seen(size, one.BalloonUpdatedAt!.Value, kept);
        return Math.Max(0, own - usable + kept) / (double)(1 << 20);
    }

    /// <summary>Forgets all but these.</summary>
    public void Keep(IReadOnlySet<Guid> running)
    {
        foreach (var gone in _seen.Keys.Where(id => !running.Contains(id)).ToList()) _seen.Remove(gone);
    }

    private sealed record Seen(long Size, DateTimeOffset At, long Kept);
}
