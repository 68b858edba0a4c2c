using VioActors.Contracts;

namespace VioActors.Actors.Host.Monitoring;

/// <summary>One reading of a host. Times and bytes are totals that grow until the host starts anew.</summary>
/// <param name="Cores">Cores it has; more than 0.</param>
/// <param name="Used">CPU time used by everything, over all cores.</param>
/// <param name="Stolen">CPU time that a hypervisor below took away.</param>
/// <param name="RunQueue">Threads that run or want to, now.</param>
/// <param name="MemoryMiB">Memory it has, MiB.</param>
/// <param name="MemoryAvailableMiB">Memory it could give without swapping, MiB.</param>
/// <param name="SwapUsedMiB">Swap in use, MiB.</param>
/// <param name="ReceivedBytes">Received by its interfaces.</param>
/// <param name="SentBytes">Sent by them.</param>
public sealed record HostCounters(
    double Cores, TimeSpan Used, TimeSpan Stolen, double RunQueue, long MemoryMiB, long MemoryAvailableMiB,
    long SwapUsedMiB, long ReceivedBytes, long SentBytes);

/// <summary>One reading of a node. Times and bytes are totals that grow until its machine starts anew.</summary>
/// <param name="Node">The node.</param>
/// <param name="Vcpus">Virtual CPUs it has; 1 or more.</param>
/// <param name="Used">CPU time its virtual CPUs used.</param>
/// <param name="Waited">Time they were ready to run and did not; null where the host does not say.</param>
/// <param name="Throttled">Time its quota withheld; null where the host does not say.</param>
/// <param name="QuotaPercent">Hard limit in force, in percent of one core; null is none.</param>
/// <param name="Weight">Its weight in force; null where the host does not say.</param>
/// <param name="MemoryMiB">Memory the guest has now, MiB.</param>
/// <param name="MemoryUsedMiB">What it could not give up, MiB; null from a guest that does not say.</param>
/// <param name="SwappedBytes">Swapped in and out by the guest; null from one that does not say.</param>
/// <param name="ReceivedBytes">Received by the node.</param>
/// <param name="SentBytes">Sent by it.</param>
public sealed record NodeCounters(
    NodeId Node, int Vcpus, TimeSpan Used, TimeSpan? Waited, TimeSpan? Throttled, int? QuotaPercent, int? Weight,
    int MemoryMiB, double? MemoryUsedMiB, long? SwappedBytes, long ReceivedBytes, long SentBytes);
