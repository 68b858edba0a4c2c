namespace VioActors.Libvirt;

/// <summary>How one live migration is to run, peer to peer from the source's libvirtd; the domain stays
/// transient.</summary>
public sealed class MigrationRequest
{
    /// <summary>The target's libvirtd as the source's libvirtd reaches it, for example
    /// <c>qemu+unix:///system?socket=/run/vio-move/ID/control.sock</c>.</summary>
    public required string DestinationUri { get; init; }

    /// <summary>The memory stream: on the source where QEMU's libvirtd connects, on the target where QEMU listens; the
    /// same path on both, for example <c>unix:///run/vio-move/ID/memory.sock</c>. Null: libvirt chooses a TCP
    /// port.</summary>
    public string? MemoryUri { get; init; }

    /// <summary>The disk stream, likewise; needed with <see cref="Disks"/> when the memory stream is a unix
    /// socket.</summary>
    public string? DisksUri { get; init; }

    /// <summary>Disks (by target, <c>vda</c>) whose overlay is copied onto one of the same size that already exists on
    /// the
    /// target on the same base image; empty when all storage is shared or there is none.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>Domain XML for the target, when paths or bridges differ there; null for the source's.</summary>
    public string? DestinationXml { get; init; }

    /// <summary>Limit for the memory stream and, separately, each disk, in MiB/s. 1 .. 1048576; null for no
    /// limit.</summary>
    public int? BandwidthMiBps { get; init; }

    /// <summary>Longest pause allowed at the end, 1 ms .. 1 min; null for QEMU's own limit (300 ms).</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>Slow the guest's CPUs until its memory can be copied faster than it changes.</summary>
    public bool AutoConverge { get; init; }

    /// <summary>Guest writes wait for the copy, so that a busy disk converges.</summary>
    public bool SynchronousDiskWrites { get; init; }

    /// <summary>Fail when the guest's disk reports an I/O error during the migration; default true.</summary>
    public bool AbortOnError { get; init; } = true;

    /// <summary>After this time the job is aborted and the migration fails. 1 s .. 7 days; default 1 hour.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">At least one value is unusable; the message lists all of them.</exception>
    internal void Validate(string parameter)
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(DestinationUri))
            errors.Add("DestinationUri is empty.");
        if (BandwidthMiBps is < 1 or > 1 << 20)
            errors.Add($"BandwidthMiBps is {BandwidthMiBps}; allowed are 1 .. {1 << 20}.");
        if (MaxDowntime is { } downtime && (downtime.TotalMilliseconds < 1 || downtime.TotalMinutes > 1))
            errors.Add($"MaxDowntime is {downtime.TotalMilliseconds} ms; allowed are 1 .. 60000 ms.");
        if (TimeLimit.TotalSeconds < 1 || TimeLimit.TotalDays > 7)
            errors.Add($"TimeLimit is {TimeLimit.TotalSeconds} s; allowed are 1 s .. 7 days.");
        if (Disks.Count > 64 || Disks.Any(string.IsNullOrWhiteSpace))
            errors.Add("Disks must be at most 64 target names, none empty.");
        if (DisksUri is not null && Disks.Count == 0)
            errors.Add("DisksUri is set but Disks is empty.");
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(" ", errors), parameter);
    }
}
