using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>Strings that libvirt allocates with malloc and gives away.</summary>
// SAFETY: the pointer is a malloc'ed string that libvirt gave away; it is copied, then freed once.
internal static unsafe class NativeText
{
    /// <summary>Copies and frees such a string; null (the call failed) becomes an exception.</summary>
    internal static string Take(nint text, CallName call)
    {
        if (text == 0)
            throw NativeFailure.Last(call);
        try
        {
            return Marshal.PtrToStringUTF8(text)!;
        }
        finally
        {
            // SAFETY: libvirt gave us this malloc'ed string and we free it once; NativeMemory.Free is C's free.
            NativeMemory.Free((void*)text);
        }
    }
}
