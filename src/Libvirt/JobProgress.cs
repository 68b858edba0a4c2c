using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>Figures of a migration job, running or completed. Bytes, and times as spans; 0 where libvirt says
/// nothing.</summary>
/// <param name="Kind">Whether a job runs.</param>
/// <param name="DataTotal">Memory and disk to copy; grows while the guest writes.</param>
/// <param name="DataProcessed">Copied so far.</param>
/// <param name="DataRemaining">Still to copy.</param>
/// <param name="MemoryProcessed">Memory copied so far.</param>
/// <param name="MemoryRemaining">Memory still to copy.</param>
/// <param name="DiskTotal">Disk to copy.</param>
/// <param name="DiskProcessed">Disk copied so far.</param>
/// <param name="DirtyPagesPerSecond">How fast the guest dirties pages.</param>
/// <param name="Iteration">Rounds over the memory so far.</param>
/// <param name="Elapsed">Time since the job began.</param>
/// <param name="Downtime">Pause of the guest: expected while running, measured when completed.</param>
public sealed record JobProgress(
    JobKind Kind, long DataTotal, long DataProcessed, long DataRemaining, long MemoryProcessed, long MemoryRemaining,
    long DiskTotal, long DiskProcessed, long DirtyPagesPerSecond, long Iteration, TimeSpan Elapsed, TimeSpan Downtime)
{
    /// <summary>Share copied, 0..1; 0 until the first figures arrive. May fall while the guest writes.</summary>
    public double Fraction => DataTotal <= 0 ? 0 : Math.Clamp(1 - (double)DataRemaining / DataTotal, 0, 1);

    internal static JobProgress From(JobKind kind, TypedValues values)
    {
        return new JobProgress(kind, Get("data_total"), Get("data_processed"), Get("data_remaining"),
            Get("memory_processed"), Get("memory_remaining"), Get("disk_total"), Get("disk_processed"),
            Get("memory_dirty_rate"), Get("memory_iteration"),
            TimeSpan.FromMilliseconds(Get("time_elapsed")), TimeSpan.FromMilliseconds(Get("downtime")));

        long Get(string name) => values.Number(name) ?? 0;
    }
}

/// <summary><c>virDomainJobType</c>.</summary>
public enum JobKind
{
    /// <summary>No job.</summary>
    None = 0,

    /// <summary>Runs, with an end in sight.</summary>
    Bounded = 1,

    /// <summary>Runs; how long depends on the guest.</summary>
    Unbounded = 2,

    /// <summary>Finished.</summary>
    Completed = 3,

    /// <summary>Failed.</summary>
    Failed = 4,

    /// <summary>Aborted.</summary>
    Cancelled = 5,
}
