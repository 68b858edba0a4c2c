using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>Connections: <c>libvirt-host.h</c>. Names and argument order as in C.</summary>
// SAFETY: declarations only; the pointers are in the generated marshalling of strings, which live for one call.
internal static unsafe partial class NativeConnect
{
    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virInitialize();

    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ConnectHandle virConnectOpen(string name);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectClose(nint connection);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectSetKeepAlive(ConnectHandle connection, int interval, uint count);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectIsAlive(ConnectHandle connection);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectGetLibVersion(ConnectHandle connection, out nuint version);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectGetVersion(ConnectHandle connection, out nuint version);

    /// <summary>The result is owned by libvirt and lives as long as the connection: never freed.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial nint virConnectGetType(ConnectHandle connection);

    /// <summary>The caller frees the result.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial nint virConnectGetHostname(ConnectHandle connection);

    /// <summary>The caller frees the result.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial nint virConnectGetCapabilities(ConnectHandle connection);

    /// <summary>The caller frees the result.</summary>
    [LibraryImport(NativeLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint virConnectGetDomainCapabilities(
        ConnectHandle connection, string? emulator, string? arch, string? machine, string? virtType, uint flags);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virNodeGetInfo(ConnectHandle connection, out NodeInfo info);
}

/// <summary><c>virNodeInfo</c>: memory in KiB, sizes fixed by the ABI (32 + 8 + 6 * 4 = 64 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: the layout is virNodeInfo's, to the byte, so libvirt writes within it.
internal unsafe struct NodeInfo
{
    // SAFETY: an inline array of the struct's own memory; libvirt writes a terminated string into it.
    internal fixed byte Model[32];
    internal nuint MemoryKib;
    internal uint Cpus;
    internal uint Mhz;
    internal uint Nodes;
    internal uint Sockets;
    internal uint Cores;
    internal uint Threads;
}
