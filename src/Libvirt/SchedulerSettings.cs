namespace VioActors.Libvirt;

/// <summary>CPU limits of a running domain. Null leaves a value as it is; when read back, null means that the host has
/// no
/// such knob.</summary>
/// <param name="CpuShares">Weight in the units of the host's cgroup version: 2..262144 on v1 (default 1024), 1..10000
/// on
/// v2 (default 100).</param>
/// <param name="VcpuQuotaMicroseconds">CPU time per vCPU and period: 1000 or more, or -1 for no limit.</param>
/// <param name="VcpuPeriodMicroseconds">Length of the period: 1000 .. 1000000.</param>
public sealed record SchedulerSettings(
    long? CpuShares = null, long? VcpuQuotaMicroseconds = null, long? VcpuPeriodMicroseconds = null);

/// <summary>Memory of a running domain in bytes; null where neither guest nor host reported it.</summary>
/// <param name="Actual">The balloon's size: what the guest confirmed it has.</param>
/// <param name="Unused">Free in the guest, caches not counted.</param>
/// <param name="Available">Total as the guest sees it (MemTotal).</param>
/// <param name="Usable">What the guest could give up without swapping (MemAvailable).</param>
/// <param name="Resident">The QEMU process's resident memory; not a measure of what was reclaimed.</param>
/// <param name="DiskCaches">The guest's page cache.</param>
/// <param name="UpdatedAt">When the guest last reported; null when it never did (set a statistics period).</param>
public sealed record MemoryStatistics(long? Actual, long? Unused, long? Available, long? Usable, long? Resident,
    long? DiskCaches, DateTimeOffset? UpdatedAt);
