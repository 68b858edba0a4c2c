using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>What <see cref="VhostChannel.TryReceive"/> found.</summary>
internal enum ChannelState
{
    Empty,
    Message,
    Closed,
    Nonsense,
}

/// <summary>
/// Messages of the vhost-user protocol on a socket, one at a time, with the descriptors that came with them. Never
/// waits: half a message stays until the rest comes.
/// </summary>
internal sealed class VhostChannel(UnixStream socket) : IDisposable
{
    private readonly byte[] _message =
        GC.AllocateUninitializedArray<byte>(VhostProtocol.HeaderBytes + VhostProtocol.MaxPayloadBytes, pinned: true);
    private readonly int[] _descriptors = new int[DescriptorPassing.Max];
    private int _have;
    private int _count;

    public int Fd => socket.Fd;

    public VhostRequest Request => (VhostRequest)BinaryPrimitives.ReadUInt32LittleEndian(_message);

    public bool NeedsReply => (Flags & VhostProtocol.NeedsReply) != 0;

    public ReadOnlySpan<byte> Payload => _message.AsSpan(VhostProtocol.HeaderBytes, PayloadBytes);

    /// <summary>Descriptors of the message that nobody took yet.</summary>
    public int Descriptors => _count;

    /// <summary>Reads on; after a message the next call drops it and closes what was not taken of it.</summary>
    public ChannelState TryReceive()
    {
        if (_have >= VhostProtocol.HeaderBytes && _have == VhostProtocol.HeaderBytes + PayloadBytes)
            Drop();
        Span<int> got = stackalloc int[DescriptorPassing.Max];
        while (true)
        {
            int want = _have < VhostProtocol.HeaderBytes
                ? VhostProtocol.HeaderBytes : VhostProtocol.HeaderBytes + PayloadBytes;
            if (want > _message.Length)
                return ChannelState.Nonsense;
            if (_have == want)
            {
                bool isOurs = (Flags & (VhostProtocol.VersionMask | VhostProtocol.IsReply)) == VhostProtocol.Version;
                return isOurs ? ChannelState.Message : ChannelState.Nonsense;
            }

            int read = DescriptorPassing.Receive(socket, _message.AsSpan(_have, want - _have), got, out int count);
            if (count != 0 && !Keep(got, count))
                return ChannelState.Nonsense;
            if (read < 0 && LibC.Errno is LibC.EAGAIN or LibC.EINTR)
                return ChannelState.Empty;
            if (read <= 0)
                return ChannelState.Closed;
            _have += read;
        }
    }

    /// <summary>The next descriptor of the message, which is the caller's then; negative when there is none.</summary>
    public int TakeDescriptor()
    {
        if (_count == 0)
            return -1;
        int first = _descriptors[0];
        _descriptors.AsSpan(1, --_count).CopyTo(_descriptors);
        return first;
    }

    /// <summary>Answers the message; false when the other side does not take it, which ends the connection.</summary>
    public bool Reply(ReadOnlySpan<byte> payload)
    {
        Span<byte> reply = stackalloc byte[VhostProtocol.HeaderBytes + 16];
        BinaryPrimitives.WriteUInt32LittleEndian(reply, (uint)Request);
        BinaryPrimitives.WriteUInt32LittleEndian(reply[4..], VhostProtocol.Version | VhostProtocol.IsReply);
        BinaryPrimitives.WriteInt32LittleEndian(reply[8..], payload.Length);
        payload.CopyTo(reply[VhostProtocol.HeaderBytes..]);
        return DescriptorPassing.Send(socket, reply[..(VhostProtocol.HeaderBytes + payload.Length)], []);
    }

    public void Dispose()
    {
        Drop();
        socket.Dispose();
    }

    private uint Flags => BinaryPrimitives.ReadUInt32LittleEndian(_message.AsSpan(4));

    // One that no int holds is larger than any buffer too.
    private int PayloadBytes => (int)Math.Min(
        BinaryPrimitives.ReadUInt32LittleEndian(_message.AsSpan(8)), VhostProtocol.MaxPayloadBytes + 1);

    private bool Keep(ReadOnlySpan<int> got, int count)
    {
        bool fits = count > 0 && _count + count <= _descriptors.Length;
        for (int i = 0; i < count; i++)
        {
            if (fits)
                _descriptors[_count++] = got[i];
            else
                _ = LibC.close(got[i]);
        }

        return fits;
    }

    private void Drop()
    {
        for (int i = 0; i < _count; i++)
            _ = LibC.close(_descriptors[i]);
        (_have, _count) = (0, 0);
    }
}
