using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>Domains and their life: <c>libvirt-domain.h</c>. Names and argument order as in C.</summary>
// SAFETY: declarations only, as in the C header; who passes a pointer says why it is valid and who frees it.
internal static unsafe partial class NativeDomain
{
    /// <summary><c>VIR_DOMAIN_START_PAUSED</c>.</summary>
    internal const uint StartPaused = 1;

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial DomainHandle virDomainCreateXML(ConnectHandle connection, string xml, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial DomainHandle virDomainLookupByUUID(ConnectHandle connection, byte* uuid);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainFree(nint domain);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainGetUUID(nint domain, byte* uuid);

    /// <summary>The result is owned by the domain handle: never freed.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial nint virDomainGetName(nint domain);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainGetState(nint domain, out int state, out int reason, uint flags);

    /// <summary>The array and each handle in it belong to the caller.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectListAllDomains(ConnectHandle connection, out nint* domains, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainDestroyFlags(DomainHandle domain, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainShutdownFlags(DomainHandle domain, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainSuspend(DomainHandle domain);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virDomainResume(DomainHandle domain);

    /// <summary>The caller frees the result.</summary>
    /// <summary>VIR_DOMAIN_XML_MIGRATABLE.</summary>
    internal const uint XmlMigratable = 8;

    [LibraryImport(NativeLibrary.Name)]
    internal static partial nint virDomainGetXMLDesc(DomainHandle domain, uint flags);
}
