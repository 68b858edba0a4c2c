using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>Migration and its job: <c>libvirt-domain.h</c>. Names and argument order as in C.</summary>
// SAFETY: declarations only, as in the C header; who passes a pointer says why it is valid and who frees it.
internal static unsafe partial class NativeMigration
{
    /// <summary><c>VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED</c>.</summary>
    internal const uint CompletedStats = 3;

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int virDomainMigrateToURI3(
        DomainHandle domain, string destination, TypedParameter* parameters, uint count, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainGetJobStats(
        DomainHandle domain, out int type, out TypedParameter* parameters, out int count, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainAbortJob(DomainHandle domain);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainMigrateSetMaxDowntime(DomainHandle domain, ulong milliseconds, uint flags);
}
