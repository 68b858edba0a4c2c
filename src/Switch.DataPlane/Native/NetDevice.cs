using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Interface calls that need no program: bridges, flags and /proc settings, in the calling thread's namespace.
/// </summary>
internal static class NetDevice
{
    private const nuint SIOCGIFFLAGS = 0x8913;
    private const nuint SIOCSIFFLAGS = 0x8914;
    private const nuint SIOCSIFADDR = 0x8916;
    private const nuint SIOCSIFNETMASK = 0x891C;
    private const nuint SIOCSIFMTU = 0x8922;
    private const nuint SIOCSIFHWADDR = 0x8924;
    private const ushort ARPHRD_ETHER = 1;
    private const nuint SIOCBRADDBR = 0x89A0;
    private const nuint SIOCBRADDIF = 0x89A2;
    private const ushort IFF_UP = 1;

    public static bool Exists(string name) => LibC.if_nametoindex(name) != 0;

    /// <summary>Creates a bridge; true when it is new, false when an interface of that name exists already.</summary>
    public static bool AddBridge(string name)
    {
        Span<byte> request = Request(stackalloc byte[40], name);
        if (Call(SIOCBRADDBR, request) >= 0)
            return true;
        return LibC.Errno == LibC.EEXIST ? false : throw LibC.Failure($"create bridge {name}");
    }

    /// <summary>Plugs an interface into a bridge.</summary>
    public static void AddMember(string bridge, string member)
    {
        Span<byte> request = Request(stackalloc byte[40], bridge);
        BinaryPrimitives.WriteUInt32LittleEndian(request[16..], LibC.if_nametoindex(member));
        if (Call(SIOCBRADDIF, request) < 0 && LibC.Errno != LibC.EBUSY)
            throw LibC.Failure($"add {member} to bridge {bridge}");
    }

    public static void SetMtu(string name, int mtu)
    {
        Span<byte> request = Request(stackalloc byte[40], name);
        BinaryPrimitives.WriteInt32LittleEndian(request[16..], mtu);
        if (Call(SIOCSIFMTU, request) < 0)
            throw LibC.Failure($"set the MTU of {name} to {mtu}");
    }

    /// <summary>Gives an interface that is down a MAC.</summary>
    public static void SetMac(string name, MacAddress mac)
    {
        Span<byte> request = Request(stackalloc byte[40], name);
        BinaryPrimitives.WriteUInt16LittleEndian(request[16..], ARPHRD_ETHER);
        mac.Write(request[18..]);
        if (Call(SIOCSIFHWADDR, request) < 0)
            throw LibC.Failure($"set the MAC of {name} to {mac}");
    }

    /// <summary>Gives an interface its one IPv4 address, and with it the route to its network.</summary>
    public static void SetAddress(string name, Ipv4 address, int networkBits)
    {
        SetIpv4(SIOCSIFADDR, name, address.Value);
        SetIpv4(SIOCSIFNETMASK, name, uint.MaxValue << (32 - networkBits));
    }

    public static void SetUp(string name, bool up)
    {
        Span<byte> request = Request(stackalloc byte[40], name);
        if (Call(SIOCGIFFLAGS, request) < 0)
            throw LibC.Failure($"read the flags of {name}");
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(request[16..]);
        flags = (ushort)(up ? flags | IFF_UP : flags & ~IFF_UP);
        BinaryPrimitives.WriteUInt16LittleEndian(request[16..], flags);
        if (Call(SIOCSIFFLAGS, request) < 0)
            throw LibC.Failure($"set {name} {(up ? "up" : "down")}");
    }

    /// <summary>Writes one setting under /proc/sys/net; false when this kernel does not have it.</summary>
    public static bool Sysctl(string path, string value)
    {
        string file = "/proc/sys/net/" + path;
        if (!File.Exists(file))
            return false;
        try
        {
            File.WriteAllText(file, value);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether this kernel speaks IPv6 at all.</summary>
    public static bool HasIpv6 => Directory.Exists("/proc/sys/net/ipv6/conf/all");

    /// <summary>Writes one setting under /proc/sys/net unless it has the value already.</summary>
    /// <exception cref="SwitchIoException">It could not be written.</exception>
    public static void Require(string path, string value)
    {
        string file = "/proc/sys/net/" + path;
        try
        {
            if (File.ReadAllText(file).Trim() != value)
                File.WriteAllText(file, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SwitchIoException(
                $"the host cannot be hidden from the node, so its port stays down: {file} cannot be set to {value} "
                + $"({e.Message}); make it writable for CAP_NET_ADMIN", 0);
        }
    }

    private static void SetIpv4(nuint code, string name, uint value)
    {
        Span<byte> request = Request(stackalloc byte[40], name);
        BinaryPrimitives.WriteUInt16LittleEndian(request[16..], LibC.AF_INET);
        BinaryPrimitives.WriteUInt32BigEndian(request[20..], value);
        if (Call(code, request) < 0)
            throw LibC.Failure($"set the address of {name} to {new Ipv4(value)}");
    }

    private static Span<byte> Request(Span<byte> request, string name)
    {
        InterfaceName.Require(name);
        request.Clear();
        Encoding.ASCII.GetBytes(name, request);
        return request;
    }

    private static int Call(nuint code, Span<byte> request)
    {
        int fd = LibC.socket(LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        if (fd < 0)
            throw LibC.Failure("socket for interface settings");
        int result = LibC.ioctl(fd, code, ref MemoryMarshal.GetReference(request));
        int errno = LibC.Errno;
        _ = LibC.close(fd);
        Marshal.SetLastPInvokeError(errno);
        return result;
    }
}
