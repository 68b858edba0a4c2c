using System.Collections.Immutable;

namespace VioActors.Contracts.Agents;

/// <summary>What an agent measured lately; its answer to <c>samples</c>. Never an event, never stored.</summary>
/// <param name="Now">The agent's clock at the answer: the times below are of the same clock.</param>
/// <param name="Host">The whole host, oldest first; at most <see cref="Most"/>.</param>
/// <param name="Nodes">Its nodes.</param>
public sealed record HostSamples(
    DateTimeOffset Now, ImmutableArray<HostSample> Host, ImmutableArray<NodeSamples> Nodes)
{
    /// <summary>Most samples kept of the host and of each node; the oldest go first.</summary>
    public const int Most = 120;
}

/// <summary>One node's samples, oldest first; at most <see cref="HostSamples.Most"/>.</summary>
/// <param name="Node">The node.</param>
/// <param name="Newest">The samples.</param>
public sealed record NodeSamples(NodeId Node, ImmutableArray<NodeSample> Newest);

/// <summary>A host over the time since the sample before it.</summary>
/// <param name="At">End of that time, by the host's clock.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="Cores">Cores the host has.</param>
/// <param name="CpuUsedCores">CPU used by everything on it, in cores (mean).</param>
/// <param name="CpuStolenCores">CPU that a hypervisor below took away, in cores (mean).</param>
/// <param name="RunQueue">Threads that run or want to, at the end.</param>
/// <param name="MemoryMiB">Memory it has, MiB.</param>
/// <param name="MemoryAvailableMiB">Memory it could give without swapping, MiB.</param>
/// <param name="SwapUsedMiB">Swap in use, MiB.</param>
/// <param name="ReceivedBytesPerSecond">Received by its interfaces, loopback excluded.</param>
/// <param name="SentBytesPerSecond">Sent by them.</param>
public sealed record HostSample(
    DateTimeOffset At, double Seconds, double Cores, double CpuUsedCores, double CpuStolenCores, double RunQueue,
    long MemoryMiB, long MemoryAvailableMiB, long SwapUsedMiB, double ReceivedBytesPerSecond,
    double SentBytesPerSecond);

/// <summary>A node over the time since the sample before it.</summary>
/// <param name="At">End of that time, by the host's clock.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="CpuUsedCores">CPU used by its virtual CPUs, in cores (mean).</param>
/// <param name="CpuPeakCores">Highest use within that time, in cores; the mean when it was looked at once.</param>
/// <param name="CpuWaitedCores">CPU wanted but not given (run delay of its virtual CPUs), in cores.</param>
/// <param name="CpuThrottledCores">Of that, withheld by its quota, in cores; 0 where the host does not say.</param>
/// <param name="CpuQuotaPercent">Hard limit in force, in percent of one core; null is none.</param>
/// <param name="CpuWeight">Its weight in force; null where the host does not say.</param>
/// <param name="MemoryMiB">Memory the guest has now (its balloon's size), MiB.</param>
/// <param name="MemoryUsedMiB">
/// What the guest could not give up without swapping (peak), MiB; null from a guest without balloon statistics.
/// </param>
/// <param name="SwapBytesPerSecond">Swapped in and out by the guest; null when it does not say.</param>
/// <param name="ReceivedBytesPerSecond">Received by the node.</param>
/// <param name="SentBytesPerSecond">Sent by it.</param>
public sealed record NodeSample(
    DateTimeOffset At, double Seconds, double CpuUsedCores, double CpuPeakCores, double CpuWaitedCores,
    double CpuThrottledCores, int? CpuQuotaPercent, int? CpuWeight, int MemoryMiB, double? MemoryUsedMiB,
    double? SwapBytesPerSecond, double ReceivedBytesPerSecond, double SentBytesPerSecond);
