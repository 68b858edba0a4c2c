using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The UDP socket of one lane: non-blocking, large buffers, the kernel may fragment. Equal
/// datagrams go out and come in as one run where the kernel can do it (UDP GSO since 4.18, UDP GRO since 5.0).
/// </summary>
internal sealed class UdpLane : IDisposable
{
    /// <summary>Most bytes of a run that the kernel hands over.</summary>
    public const int MaxRunBytes = 65_536;

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

            // A handshake may be longer than a path carries: the kernel then cuts it. Data is cut by us.
            MayCut(fd, listen.Family, LibC.IP_PMTUDISC_DONT);

            // Without it each datagram comes alone.
            int on = 1;
            _ = LibC.setsockopt(fd, LibC.SOL_UDP, LibC.UDP_GRO, ref on, 4);
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

    /// <summary>
    /// Sends one datagram that nobody may cut, whatever the kernel believes of the path; false when it did not take it.
    /// </summary>
    public bool SendWhole(ReadOnlySpan<byte> datagram, SocketAddress to)
    {
        MayCut(Fd, to.Family, LibC.IP_PMTUDISC_PROBE);
        bool sent = Send(datagram, to);
        MayCut(Fd, to.Family, LibC.IP_PMTUDISC_DONT);
        return sent;
    }

    private static void MayCut(int fd, int family, int how)
    {
        bool v4 = family == LibC.AF_INET;
        _ = LibC.setsockopt(fd, v4 ? LibC.IPPROTO_IP : LibC.IPPROTO_IPV6,
            v4 ? LibC.IP_MTU_DISCOVER : LibC.IPV6_MTU_DISCOVER, ref how, 4);
    }

    /// <summary>Sends one datagram; false when the kernel did not take it (errno tells why).</summary>
    public bool Send(ReadOnlySpan<byte> datagram, SocketAddress to)
    {
        byte[] address = to.Bytes;
        return LibC.sendto(Fd, ref MemoryMarshal.GetReference(datagram), (nuint)datagram.Length, 0,
            ref address[0], (uint)address.Length) >= 0;
    }

    /// <summary>
    /// Sends several datagrams to one address; false when the kernel did not take them (errno tells why).
    /// </summary>
    /// <param name="run">The datagrams, one behind the other; 65,000 bytes and 64 datagrams at most.</param>
    /// <param name="size">Bytes of each; the last may be shorter.</param>
    /// <param name="to">Where to.</param>
    // SAFETY: what the header points to is fixed, or on this stack, until the call returns.
    public unsafe bool SendRun(ReadOnlySpan<byte> run, int size, SocketAddress to)
    {
        fixed (byte* address = to.Bytes, bytes = run)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)run.Length };
            var control = new ControlMessage16 { Length = 18, Level = LibC.SOL_UDP, Type = LibC.UDP_SEGMENT };
            control.Size = (ushort)size;
            var message = new MessageHeader
            {
                Name = address,
                NameLength = (uint)to.Bytes.Length,
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(ControlMessage16),
            };
            return LibC.sendmsg(Fd, message, 0) >= 0;
        }
    }

    /// <summary>Receives one datagram or run; a negative result means that none is waiting.</summary>
    /// <param name="buffer">Takes it; at least <see cref="MaxRunBytes"/>, because what does not fit is lost.</param>
    /// <param name="from">At least <see cref="SocketAddress.MaxBytes"/>; takes the sender's address.</param>
    /// <param name="size">Bytes of each datagram in the run; the last may be shorter.</param>
    // SAFETY: as above; the lengths given are those of the spans.
    public unsafe int Receive(Span<byte> buffer, Span<byte> from, out int size)
    {
        fixed (byte* address = from, bytes = buffer)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)buffer.Length };
            ControlMessage16 control = default;
            var message = new MessageHeader
            {
                Name = address,
                NameLength = (uint)from.Length,
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(ControlMessage16),
            };
            int length = (int)LibC.recvmsg(Fd, ref message, 0);
            bool isRun = message.ControlLength > 0 && control is { Level: LibC.SOL_UDP, Type: LibC.UDP_GRO };
            size = isRun && control.Size > 0 ? control.Size : Math.Max(length, 0);
            return length;
        }
    }

    public void Dispose() => _ = LibC.close(Fd);
}
