using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VioActors.Bench.Overlay;

/// <summary>
/// The relay's end of a TAP. The interface goes with it.
/// </summary>
internal sealed class DelayTap : IDisposable
{
    private DelayTap(int fd) => Fd = fd;

    /// <summary>The descriptor; owned by this object.</summary>
    public int Fd { get; }

    /// <summary>Makes it in the namespace of the calling thread.</summary>
    public static DelayTap Open(string name)
    {
        var fd = OverlayNative.open(
            "/dev/net/tun", OverlayNative.O_RDWR | OverlayNative.O_NONBLOCK | OverlayNative.O_CLOEXEC);
        if (fd < 0) throw new BenchException($"/dev/net/tun: {Marshal.GetLastPInvokeErrorMessage()}");
        var tap = new DelayTap(fd);
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        Encoding.ASCII.GetBytes(name, request);
        BinaryPrimitives.WriteUInt16LittleEndian(request[16..],
            OverlayNative.IFF_TAP | OverlayNative.IFF_NO_PI | OverlayNative.IFF_VNET_HDR);
        if (OverlayNative.ioctl(fd, OverlayNative.TUNSETIFF, ref MemoryMarshal.GetReference(request)) >= 0) return tap;
        var reason = Marshal.GetLastPInvokeErrorMessage();
        tap.Dispose();
        throw new BenchException($"TAP {name}: {reason}");
    }

    /// <summary>
    /// Whether the kernel hands over super-frames, as between the ends of a veth; else what would be on a wire.
    /// </summary>
    public bool Whole
    {
        set
        {
            const nuint tcp = OverlayNative.TcpOffloads;
            if (!value) _ = OverlayNative.ioctl(Fd, OverlayNative.TUNSETOFFLOAD, 0);
            else if (OverlayNative.ioctl(Fd, OverlayNative.TUNSETOFFLOAD, tcp | OverlayNative.UdpOffloads) < 0)
                _ = OverlayNative.ioctl(Fd, OverlayNative.TUNSETOFFLOAD, tcp);
        }
    }

    /// <summary>Reads one frame behind its virtio header; negative when none waits.</summary>
    public int Read(Span<byte> frame) =>
        (int)OverlayNative.read(Fd, ref MemoryMarshal.GetReference(frame), (nuint)frame.Length);

    /// <summary>Writes one frame behind its header; what the kernel refuses is lost, as on a wire.</summary>
    public void Write(ReadOnlySpan<byte> frame) =>
        _ = OverlayNative.write(Fd, ref MemoryMarshal.GetReference(frame), (nuint)frame.Length);

    /// <summary>Waits until a frame can be read, or for a time.</summary>
    public void Wait(TimeSpan most) => OverlayNative.Sleep(most, Fd);

    /// <inheritdoc/>
    public void Dispose() => _ = OverlayNative.close(Fd);
}
