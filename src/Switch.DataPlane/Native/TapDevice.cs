using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// One TAP of ours: IFF_TAP, no packet information, virtio header of 12 bytes. The kernel may hand over TCP frames of
/// up to 64 KB that are not cut yet, and frames whose checksum is not complete; they cross the tunnel as they are, and
/// the kernel of the other host does both where its port needs it. Not persistent: the interface vanishes when its
/// descriptor is closed or the process dies. The one that is made for a hypervisor is persistent and has no descriptor
/// here.
/// </summary>
internal sealed class TapDevice : IFrameSink, IDisposable
{
    private const nuint TUNSETIFF = 0x400454CA;
    private const nuint TUNSETPERSIST = 0x400454CB;
    private const nuint TUNSETOFFLOAD = 0x400454D0;
    private const nuint TUNSETVNETHDRSZ = 0x400454D8;
    private const nuint TUN_F_CSUM = 1;
    private const nuint TUN_F_TSO4 = 2;
    private const nuint TUN_F_TSO6 = 4;
    private const nuint TUN_F_TSO_ECN = 8;
    private const ushort IFF_TAP = 0x0002;
    private const ushort IFF_MULTI_QUEUE = 0x0100;
    private const ushort IFF_NO_PI = 0x1000;
    private const ushort IFF_VNET_HDR = 0x4000;
    private int _closed;

    private TapDevice(int fd, string name)
    {
        Fd = fd;
        Name = name;
    }

    /// <summary>The descriptor; owned by this object.</summary>
    public int Fd { get; }

    public string Name { get; }

    /// <summary>Creates the interface in the network namespace of the calling thread; it is still down.</summary>
    /// <param name="name">Of the interface.</param>
    /// <param name="multiQueue">
    /// True where several are opened with this name: each is a queue of the one interface, with flows of its own. The
    /// kernel gives a flow's frames to the queue that last wrote a frame of it.
    /// </param>
    /// <exception cref="SwitchIoException">The name is taken (EBUSY) or CAP_NET_ADMIN is missing.</exception>
    public static TapDevice Open(string name, bool multiQueue = false)
    {
        TapDevice tap = Attach(name, multiQueue ? IFF_MULTI_QUEUE : (ushort)0);
        try
        {
            Span<byte> size = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(size, Limits.VnetHeaderBytes);
            if (LibC.ioctl(tap.Fd, TUNSETVNETHDRSZ, ref MemoryMarshal.GetReference(size)) < 0)
                throw LibC.Failure($"set the virtio header size of {name}");
            if (LibC.ioctl(tap.Fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN) < 0)
                throw LibC.Failure($"set the offloads of {name}");
            return tap;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    /// <summary>Creates an interface that stays, for another program to open; it is down.</summary>
    /// <exception cref="SwitchIoException">The name is taken (EBUSY) or CAP_NET_ADMIN is missing.</exception>
    public static void CreatePersistent(string name)
    {
        using TapDevice tap = Attach(name, flags: 0);
        if (LibC.ioctl(tap.Fd, TUNSETPERSIST, 1) < 0)
            throw LibC.Failure($"keep TAP {name}");
    }

    private static TapDevice Attach(string name, ushort flags)
    {
        InterfaceName.Require(name);
        int fd = LibC.open("/dev/net/tun", LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (fd < 0)
            throw LibC.Failure("open /dev/net/tun");
        var tap = new TapDevice(fd, name);
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        Encoding.ASCII.GetBytes(name, request);
        BinaryPrimitives.WriteUInt16LittleEndian(request[16..], (ushort)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | flags));
        if (LibC.ioctl(fd, TUNSETIFF, ref MemoryMarshal.GetReference(request)) >= 0)
            return tap;
        SwitchIoException failure = LibC.Failure($"create TAP {name}");
        tap.Dispose();
        throw failure;
    }

    /// <summary>Reads one frame behind its virtio header; negative when none waits.</summary>
    public int Read(Span<byte> superFrame) =>
        (int)LibC.read(Fd, ref MemoryMarshal.GetReference(superFrame), (nuint)superFrame.Length);

    /// <summary>Writes one frame behind its virtio header; false when the kernel refused it.</summary>
    public bool Write(ReadOnlySpan<byte> superFrame) =>
        LibC.write(Fd, ref MemoryMarshal.GetReference(superFrame), (nuint)superFrame.Length) == superFrame.Length;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _ = LibC.close(Fd);
    }
}

/// <summary>
/// Names of interfaces: 1 to 15 characters of <c>a-z0-9</c>, checked before they reach a path or a program.
/// </summary>
internal static class InterfaceName
{
    public static bool IsValid(string? name) =>
        name is { Length: >= 1 and <= Limits.MaxInterfaceNameChars }
            && name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9');

    public static void Require(string name)
    {
        if (!IsValid(name))
            throw new ArgumentException(
                $"Interface name '{name}' must be 1 to {Limits.MaxInterfaceNameChars} characters of a-z and 0-9.",
                    nameof(name));
    }
}
