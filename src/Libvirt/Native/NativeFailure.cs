using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>What is being done to which domain: goes into every exception.</summary>
internal readonly record struct CallName(string Operation, Guid? Domain);

/// <summary>Turns a failed call into the one exception type, on the thread that made the call.</summary>
// SAFETY: the one pointer is the thread's error record, read before this thread makes another libvirt call.
internal static unsafe class NativeFailure
{
    /// <summary>Returns the result of a call whose failures are negative.</summary>
    internal static int Check(int result, CallName call) => result < 0 ? throw Last(call) : result;

    /// <summary>Returns a handle that is valid.</summary>
    internal static T Check<T>(T handle, CallName call) where T : SafeHandle
    {
        if (!handle.IsInvalid)
            return handle;
        var failure = Last(call);
        handle.Dispose();
        throw failure;
    }

    /// <summary>The calling thread's last error as an exception.</summary>
    internal static LibvirtException Last(CallName call)
    {
        // SAFETY: the record is thread-local and stays valid until this thread's next libvirt call.
        var error = NativeError.virGetLastError();
        if (error is null)
            return new LibvirtException(LibvirtFailure.Native, call, "libvirt reported no reason");
        var message = Marshal.PtrToStringUTF8(error->Message) ?? "libvirt reported no reason";
        var failure = new LibvirtException(LibvirtFailure.Native, call, message, error->Code, error->Domain);
        NativeError.virResetLastError();
        return failure;
    }
}
