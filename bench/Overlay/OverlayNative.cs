using System.Runtime.InteropServices;

namespace VioActors.Bench.Overlay;

/// <summary>The system calls that the measuring itself needs and .NET does not have, named as in C.</summary>
internal static partial class OverlayNative
{
    public const int O_RDWR = 2;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const nuint TUNSETIFF = 0x400454CA;
    public const ushort IFF_TAP = 0x0002;
    public const ushort IFF_NO_PI = 0x1000;
    public const ushort IFF_VNET_HDR = 0x4000;
    public const nuint TUNSETOFFLOAD = 0x400454D0;
    public const short POLLIN = 1;

    /// <summary>TUN_F_CSUM, TSO4, TSO6 and TSO_ECN.</summary>
    public const nuint TcpOffloads = 0xF;

    /// <summary>TUN_F_USO4 and USO6, which must come together; since Linux 6.2.</summary>
    public const nuint UdpOffloads = 0x60;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, ref byte argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, nuint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, ref byte buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, ref byte buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ppoll(ref PollFd fds, nuint count, ref TimeSpec timeout, nint signalMask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, int id, int nice);

    /// <summary>Waits for a time, or until a descriptor can be read; a negative descriptor never can.</summary>
    public static void Sleep(TimeSpan most, int fd = -1)
    {
        var poll = new PollFd { Fd = fd, Events = POLLIN };
        var time = new TimeSpec
        {
            Seconds = most.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = most.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };
        _ = ppoll(ref poll, 1, ref time, 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
