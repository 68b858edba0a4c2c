using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>The event loop and callbacks: <c>libvirt-event.h</c>, <c>libvirt-domain.h</c>,
/// <c>libvirt-host.h</c>.</summary>
// SAFETY: declarations only, as in the C header; who passes a function says why its signature is the right one.
internal static unsafe partial class NativeEvents
{
    /// <summary><c>VIR_DOMAIN_EVENT_ID_LIFECYCLE</c>.</summary>
    internal const int Lifecycle = 0;

    /// <summary><c>VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE</c>.</summary>
    internal const int BalloonChange = 13;

    /// <summary><c>VIR_DOMAIN_EVENT_ID_JOB_COMPLETED</c>.</summary>
    internal const int JobCompleted = 21;

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virEventRegisterDefaultImpl();

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virEventRunDefaultImpl();

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virEventAddTimeout(
        int milliseconds, delegate* unmanaged[Cdecl]<int, nint, void> callback, nint opaque, nint free);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectRegisterCloseCallback(
        ConnectHandle connection, delegate* unmanaged[Cdecl]<nint, int, nint, void> callback, nint opaque, nint free);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectUnregisterCloseCallback(
        ConnectHandle connection, delegate* unmanaged[Cdecl]<nint, int, nint, void> callback);

    /// <summary>A null domain means all domains; the real signature of the callback depends on the event id.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectDomainEventRegisterAny(
        ConnectHandle connection, nint domain, int eventId, void* callback, nint opaque, nint free);

    [LibraryImport(NativeLibrary.Name)]
    internal static partial int virConnectDomainEventDeregisterAny(ConnectHandle connection, int callbackId);
}
