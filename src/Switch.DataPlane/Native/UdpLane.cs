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
    private int _closed;

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

            // Marks of congestion on the way; without it they are not seen.
            bool v4 = listen.Family == LibC.AF_INET;
            _ = LibC.setsockopt(fd, v4 ? LibC.IPPROTO_IP : LibC.IPPROTO_IPV6,
                v4 ? LibC.IP_RECVTOS : LibC.IPV6_RECVTCLASS, ref on, 4);
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
    public bool Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass = 0)
    {
        if (trafficClass != 0)
            return SendMessage(datagram, 0, to, trafficClass);
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
    /// <param name="trafficClass">Of the IP headers: DSCP and ECN.</param>
    public bool SendRun(ReadOnlySpan<byte> run, int size, SocketAddress to, byte trafficClass = 0) =>
        SendMessage(run, size, to, trafficClass);

    /// <summary>Receives one datagram or run; a negative result means that none is waiting.</summary>
    /// <param name="buffer">Takes it; at least <see cref="MaxRunBytes"/>, because what does not fit is lost.</param>
    /// <param name="from">At least <see cref="SocketAddress.MaxBytes"/>; takes the sender's address.</param>
    /// <param name="size">Bytes of each datagram in the run; the last may be shorter.</param>
    /// <param name="trafficClass">Of their IP headers; the kernel makes a run of equal ones only.</param>
    // SAFETY: what the header points to is fixed, or on this stack, until the call returns; the lengths are theirs.
    public unsafe int Receive(Span<byte> buffer, Span<byte> from, out int size, out byte trafficClass)
    {
        const int most = 3;
        AncillaryNumber* control = stackalloc AncillaryNumber[most];
        fixed (byte* address = from, bytes = buffer)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)buffer.Length };
            var message = new MessageHeader
            {
                Name = address,
                NameLength = (uint)from.Length,
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)(most * sizeof(AncillaryNumber)),
            };
            int length = (int)LibC.recvmsg(Fd, ref message, 0);
            (size, trafficClass) = (Math.Max(length, 0), 0);
            for (int i = 0; length >= 0 && i < (int)message.ControlLength / sizeof(AncillaryNumber); i++)
            {
                if (control[i] is { Level: LibC.SOL_UDP, Type: LibC.UDP_GRO, Number: > 0 })
                    size = control[i].Number;
                else if (control[i] is { Level: LibC.IPPROTO_IP, Type: LibC.IP_TOS }
                    or { Level: LibC.IPPROTO_IPV6, Type: LibC.IPV6_TCLASS })
                {
                    // IPv4 gives one byte; what is behind it is not set.
                    trafficClass = (byte)control[i].Number;
                }
            }

            return length;
        }
    }

    // SAFETY: as above.
    private unsafe bool SendMessage(ReadOnlySpan<byte> bytes, int size, SocketAddress to, byte trafficClass)
    {
        AncillaryNumber* control = stackalloc AncillaryNumber[2];
        int count = 0;
        if (size > 0)
            control[count++] = new AncillaryNumber(LibC.SOL_UDP, LibC.UDP_SEGMENT, sizeof(ushort), size);
        bool v4 = to.Family == LibC.AF_INET;
        if (trafficClass != 0)
        {
            control[count++] = v4
                ? new AncillaryNumber(LibC.IPPROTO_IP, LibC.IP_TOS, sizeof(int), trafficClass)
                : new AncillaryNumber(LibC.IPPROTO_IPV6, LibC.IPV6_TCLASS, sizeof(int), trafficClass);
        }

        fixed (byte* address = to.Bytes, first = bytes)
        {
            var vector = new IoVector { Base = first, Length = (nuint)bytes.Length };
            var message = new MessageHeader
            {
                Name = address,
                NameLength = (uint)to.Bytes.Length,
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)(count * sizeof(AncillaryNumber)),
            };
            return LibC.sendmsg(Fd, message, 0) >= 0;
        }
    }

    public void Dispose()
    {
        // Closed again, the number would be somebody else's.
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _ = LibC.close(Fd);
    }
}
