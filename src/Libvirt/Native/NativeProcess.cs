using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>What the C library says about child processes; names as there.</summary>
internal static partial class NativeProcess
{
    internal const int SetChildSubreaper = 36;
    internal const int AllChildren = 0;
    internal const int NoHang = 1;
    internal const int Exited = 4;
    internal const int NoWait = 0x01000000;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    // SAFETY: the caller passes a whole siginfo_t; the kernel writes it during the call only.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitid(int idType, int id, out SignalInfo info, int options);

    // SAFETY: the caller passes one int; the kernel writes it during the call only.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, out int status, int options);

    /// <summary><c>siginfo_t</c> of SIGCHLD: 128 bytes, the pid after three ints and their padding.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct SignalInfo
    {
        /// <summary>Zero when no child has ended.</summary>
        [FieldOffset(16)]
        internal int Pid;
    }
}
