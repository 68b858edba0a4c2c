using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VioActors.Switch.DataPlane;

/// <summary>A non-blocking stream socket to a path of this machine. Not thread safe.</summary>
internal sealed class UnixStream : IDisposable
{
    /// <summary>Bytes of a path that fit into a socket's address, with its terminator.</summary>
    public const int MaxPathBytes = 108;

    private bool _isClosed;

    private UnixStream(int fd) => Fd = fd;

    /// <summary>The descriptor; owned by this object.</summary>
    public int Fd { get; }

    /// <summary>Connects, without waiting; null when nobody listens there now (errno tells why).</summary>
    public static UnixStream? TryConnect(string path)
    {
        int fd = LibC.socket(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, 0);
        if (fd < 0)
            return null;
        Span<byte> address = stackalloc byte[2 + MaxPathBytes];
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, LibC.AF_UNIX);
        int length = 2 + Encoding.UTF8.GetBytes(path, address[2..^1]) + 1;
        if (LibC.connect(fd, ref MemoryMarshal.GetReference(address), (uint)length) >= 0)
            return new UnixStream(fd);
        int errno = LibC.Errno;
        _ = LibC.close(fd);
        Marshal.SetLastPInvokeError(errno);
        return null;
    }

    /// <summary>Takes over a connected descriptor.</summary>
    public static UnixStream Of(int fd) => new(fd);

    /// <summary>Bytes read; 0 at the end; negative when none wait or reading failed (errno tells which).</summary>
    public int Read(Span<byte> to) =>
        (int)LibC.read(Fd, ref MemoryMarshal.GetReference(to), (nuint)to.Length);

    /// <summary>Bytes written; negative when there is no room or the other side is gone (errno tells which).</summary>
    public int Write(ReadOnlySpan<byte> bytes) =>
        (int)LibC.send(Fd, ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, LibC.MSG_NOSIGNAL);

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _ = LibC.close(Fd);
    }
}
