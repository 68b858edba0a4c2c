using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>Memory, scheduler and statistics: <c>libvirt-domain.h</c>. Names and argument order as in C.</summary>
// SAFETY: declarations only, as in the C header; who passes a pointer says why it is valid and who frees it.
internal static unsafe partial class NativeResources
{
    /// <summary><c>VIR_DOMAIN_AFFECT_LIVE</c>.</summary>
    internal const uint AffectLive = 1;

    /// <summary><c>VIR_DOMAIN_MEMORY_STAT_NR</c> of libvirt 9, with room for newer ones.</summary>
    internal const int MemoryStatSlots = 32;

    /// <summary><c>VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT</c>: a busy domain gives what it can at once.</summary>
    internal const uint NoWait = 1u << 29;

    /// <summary>Every group of statistics that libvirt knows.</summary>
    internal const uint AllStatistics = 0;

    /// <summary><c>VIR_DOMAIN_STATS_</c> STATE, CPU_TOTAL, BALLOON, VCPU and INTERFACE.</summary>
    internal const uint LoadStatistics = 1 | 2 | 4 | 8 | 16;

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainSetMemoryStatsPeriod(DomainHandle domain, int seconds, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainSetMemoryFlags(DomainHandle domain, nuint kib, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainMemoryStats(DomainHandle domain, MemoryStat* stats, uint count, uint flags);

    /// <summary>The caller frees the result.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial nint virDomainGetSchedulerType(DomainHandle domain, out int parameters);

    /// <summary>The form without flags gives numbers only, so there are no strings to free.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainGetSchedulerParameters(
        DomainHandle domain, TypedParameter* parameters, ref int count);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainSetSchedulerParametersFlags(
        DomainHandle domain, TypedParameter* parameters, int count, uint flags);

    /// <summary>The list belongs to the caller: <see cref="virDomainStatsRecordListFree"/>.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectGetAllDomainStats(
        ConnectHandle connection, uint stats, out StatsRecord** records, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial void virDomainStatsRecordListFree(StatsRecord** records);
}

/// <summary><c>virDomainMemoryStatStruct</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemoryStat
{
    internal int Tag;
    internal ulong Value;
}

/// <summary><c>virDomainStatsRecord</c>: everything in it is owned by the list it came in.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: the layout is virDomainStatsRecord's; libvirt makes these records, we only read them.
internal unsafe struct StatsRecord
{
    internal nint Domain;

    // SAFETY: points at Count parameters that live until the list is freed.
    internal TypedParameter* Parameters;
    internal int Count;
}
