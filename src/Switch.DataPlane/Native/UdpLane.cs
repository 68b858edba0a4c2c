using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The UDP socket of one lane: non-blocking, large buffers, never fragments are set (the kernel may fragment).
/// </summary>
internal sealed class UdpLane : IDisposable
{
    private const int BufferBytes = 4 * 1024 * 1024;

    private UdpLane(int fd, int port)
    {
        Fd = fd;
        Port = port;
    }

    /// <summary>The descriptor; owned by this object.</summary>
    public int Fd { get; }

    /// <summary>The bound port; also when the option asked for port 0.</summary>
    public int Port { get; }

    /// <summary>Opens and binds in the network namespace of the calling thread.</summary>
    /// <exception cref="SwitchIoException">The address is in use or not of this host.</exception>
    public static UdpLane Open(SocketAddress listen)
    {
        int fd = LibC.socket(listen.Family, LibC.SOCK_DGRAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0);
        if (fd < 0)
            throw LibC.Failure($"socket for {listen.EndPoint}");
        try
        {
            // FORCE needs CAP_NET_ADMIN and passes rmem_max; without it the plain option gives what is allowed.
            int size = BufferBytes;
            if (LibC.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, ref size, 4) < 0)
                _ = LibC.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUF, ref size, 4);
            if (LibC.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, ref size, 4) < 0)
                _ = LibC.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_SNDBUF, ref size, 4);

            // A wrong MTU option then costs fragments, not a black hole.
            int dont = LibC.IP_PMTUDISC_DONT;
            _ = LibC.setsockopt(fd, LibC.IPPROTO_IP, LibC.IP_MTU_DISCOVER, ref dont, 4);
            byte[] address = listen.Bytes;
            if (LibC.bind(fd, ref address[0], (uint)address.Length) < 0)
                throw LibC.Failure($"bind {listen.EndPoint}");
            Span<byte> bound = stackalloc byte[SocketAddress.MaxBytes];
            uint length = SocketAddress.MaxBytes;
            if (LibC.getsockname(fd, ref MemoryMarshal.GetReference(bound), ref length) < 0)
                throw LibC.Failure($"getsockname {listen.EndPoint}");
            return new UdpLane(fd, SocketAddress.PortOf(bound));
        }
        catch
        {
            _ = LibC.close(fd);
            throw;
        }
    }

    /// <summary>Sends one datagram; false when the kernel did not take it (errno tells why).</summary>
    public bool Send(ReadOnlySpan<byte> datagram, SocketAddress to)
    {
        byte[] address = to.Bytes;
        return LibC.sendto(Fd, ref MemoryMarshal.GetReference(datagram), (nuint)datagram.Length, 0,
            ref address[0], (uint)address.Length) >= 0;
    }

    /// <summary>Receives one datagram; a negative result means that none is waiting.</summary>
    /// <param name="buffer">Takes the datagram; a longer one is cut and then fails its authentication.</param>
    /// <param name="from">At least <see cref="SocketAddress.MaxBytes"/>; takes the sender's address.</param>
    public int Receive(Span<byte> buffer, Span<byte> from)
    {
        uint length = (uint)from.Length;
        return (int)LibC.recvfrom(Fd, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, 0,
            ref MemoryMarshal.GetReference(from), ref length);
    }

    public void Dispose() => _ = LibC.close(Fd);
}
