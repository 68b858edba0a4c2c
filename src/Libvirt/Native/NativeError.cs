using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>The last error of the calling thread: <c>virterror.h</c>. Must be read on the thread that made the
/// call.</summary>
// SAFETY: declarations only, as in the C header; the error record stays libvirt's and is never freed here.
internal static unsafe partial class NativeError
{
    /// <summary>Owned by libvirt, thread-local, valid until the thread's next call.</summary>
    [LibraryImport(NativeLibrary.Name)]
    internal static partial ErrorRecord* virGetLastError();

    [LibraryImport(NativeLibrary.Name)]
    internal static partial void virResetLastError();

    [LibraryImport(NativeLibrary.Name)]
    internal static partial void virSetErrorFunc(nint data, delegate* unmanaged[Cdecl]<nint, nint, void> handler);
}

/// <summary>The head of <c>virError</c>; we never allocate one, so the fields behind the message are not
/// declared.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ErrorRecord
{
    internal int Code;
    internal int Domain;
    internal nint Message;
}
