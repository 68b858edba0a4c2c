using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>Bytes together with descriptors over a unix socket (SCM_RIGHTS).</summary>
internal static class DescriptorPassing
{
    /// <summary>Most descriptors with one message.</summary>
    public const int Max = 8;

    private const int HeaderBytes = 16;

    /// <summary>
    /// Receives bytes, and descriptors that came with the first of them; those belong to the caller then.
    /// </summary>
    /// <param name="socket">From where.</param>
    /// <param name="to">As many bytes as are wanted.</param>
    /// <param name="descriptors">Room for <see cref="Max"/>.</param>
    /// <param name="count">How many came; negative when there were more, which are closed.</param>
    /// <returns>Bytes; 0 at the end; negative when none wait (errno tells).</returns>
    // SAFETY: what the header points to is fixed, or on this stack, until the call returns; lengths are those.
    public static unsafe int Receive(UnixStream socket, Span<byte> to, Span<int> descriptors, out int count)
    {
        Span<byte> control = stackalloc byte[HeaderBytes + 4 * Max];
        fixed (byte* bytes = to, rights = control)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)to.Length };
            var message = new MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = rights,
                ControlLength = (nuint)control.Length,
            };
            int length = (int)LibC.recvmsg(socket.Fd, ref message, LibC.MSG_CMSG_CLOEXEC);
            count = 0;
            if (length < 0 || message.ControlLength < HeaderBytes
                || MemoryMarshal.Read<long>(control[8..]) != (LibC.SOL_SOCKET | (long)LibC.SCM_RIGHTS << 32))
            {
                return length;
            }

            int got = (int)((MemoryMarshal.Read<long>(control) - HeaderBytes) / 4);
            for (int i = 0; i < got; i++)
                descriptors[i] = MemoryMarshal.Read<int>(control[(HeaderBytes + 4 * i)..]);
            count = got;
            if ((message.Flags & LibC.MSG_CTRUNC) == 0)
                return length;
            for (int i = 0; i < got; i++)
                _ = LibC.close(descriptors[i]);
            count = -1;
            return length;
        }
    }

    /// <summary>Sends bytes with descriptors, which stay the caller's; false when not all bytes were taken.</summary>
    // SAFETY: as above.
    public static unsafe bool Send(UnixStream socket, ReadOnlySpan<byte> from, ReadOnlySpan<int> descriptors)
    {
        Span<byte> control = stackalloc byte[HeaderBytes + 4 * Max];
        MemoryMarshal.Write(control, (long)(HeaderBytes + 4 * descriptors.Length));
        MemoryMarshal.Write(control[8..], LibC.SOL_SOCKET | (long)LibC.SCM_RIGHTS << 32);
        MemoryMarshal.AsBytes(descriptors).CopyTo(control[HeaderBytes..]);
        fixed (byte* bytes = from, rights = control)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)from.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                message.Control = rights;
                message.ControlLength = (nuint)(HeaderBytes + (4 * descriptors.Length + 7) / 8 * 8);
            }

            return LibC.sendmsg(socket.Fd, in message, LibC.MSG_NOSIGNAL) == from.Length;
        }
    }
}
