using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// A hypervisor with one machine, without a machine: listens as QEMU does, speaks vhost-user as QEMU does, and drives
/// the rings as a guest's driver does.
/// </summary>
internal sealed class VhostMachine : IDisposable
{
    public const ulong GuestBase = 0x4000_0000;
    public const ulong UserBase = 0x7F00_0000_0000;
    public const ulong AllFeatures = VhostFeatures.Offered & ~(1UL << 26);
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private UnixStream? _stream;

    /// <param name="path">Where it listens.</param>
    /// <param name="ringSize">Buffers of each ring.</param>
    /// <param name="receiveBytes">Room of each buffer for frames that come.</param>
    public VhostMachine(string path, int ringSize = 256, int receiveBytes = 4096)
    {
        int each = 512 * 1024 + ringSize * Limits.MaxSuperFrameBytes;
        Memory = new SharedMemory((2 * each + 4095) / 4096 * 4096);
        Receive = new MachineRing(Memory, 0, ringSize, receiveBytes);
        Transmit = new MachineRing(
            Memory, (Receive.End + 4095) / 4096 * 4096, ringSize, (Limits.MaxSuperFrameBytes + 15) / 16 * 16);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    public SharedMemory Memory { get; }
    public MachineRing Receive { get; }
    public MachineRing Transmit { get; }

    /// <summary>Whether somebody waits to be accepted.</summary>
    public bool IsCalled => _listener.Poll(0, SelectMode.SelectRead);

    public void Accept()
    {
        _stream?.Dispose();
        Socket accepted = _listener.Accept();
        int copy = dup((int)accepted.Handle);
        accepted.Dispose();
        _ = LibC.fcntl(copy, LibC.F_SETFL, LibC.O_NONBLOCK);
        _stream = UnixStream.Of(copy);
    }

    public void Hang()
    {
        _stream?.Dispose();
        _stream = null;
    }

    /// <summary>All that QEMU says until frames pass; nothing waits for an answer.</summary>
    public void Start(ulong features = AllFeatures)
    {
        Send(VhostRequest.SetOwner, []);
        Send(VhostRequest.SetFeatures, Number(features));
        Send(VhostRequest.SetProtocolFeatures, Number(VhostProtocol.Offered));
        SetMemory();
        foreach (int index in (int[])[0, 1])
            StartRing(index, features);
    }

    public void SetMemory() => Send(VhostRequest.SetMemoryTable, MemoryTable(), Memory.Fd);

    public byte[] MemoryTable() =>
    [
        1, 0, 0, 0, 0, 0, 0, 0, .. Number(GuestBase), .. Number((ulong)Memory.Size), .. Number(UserBase), .. Number(0),
    ];

    public void StartRing(int index, ulong features, ushort first = 0)
    {
        MachineRing ring = index == 0 ? Receive : Transmit;
        ring.HasEventIndex = (features & 1UL << 29) != 0;
        ring.MergesBuffers = (features & 1UL << 15) != 0;
        Send(VhostRequest.SetRingSize, State(index, ring.Size));
        Send(VhostRequest.SetRingBase, State(index, first));
        SetAddresses(index, log: false);
        Send(VhostRequest.SetRingKick, Number((ulong)index), ring.KickFd);
        Send(VhostRequest.SetRingCall, Number((ulong)index), ring.CallFd);
        Send(VhostRequest.SetRingEnable, State(index, 1));
    }

    public void SetAddresses(int index, bool log) => Send(VhostRequest.SetRingAddresses, Addresses(index, log));

    public byte[] Addresses(int index, bool log)
    {
        MachineRing ring = index == 0 ? Receive : Transmit;
        return
        [
            .. State(index, log ? 1 : 0), .. Number(UserBase + (ulong)ring.Descriptors),
            .. Number(UserBase + (ulong)ring.Used), .. Number(UserBase + (ulong)ring.Available),
            .. Number(GuestBase + (ulong)ring.Used),
        ];
    }

    public void Send(VhostRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<int> descriptors) =>
        Send(request, VhostProtocol.Version, payload, descriptors);

    public void Send(
        VhostRequest request, uint flags, ReadOnlySpan<byte> payload, params ReadOnlySpan<int> descriptors)
    {
        byte[] message = new byte[VhostProtocol.HeaderBytes + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)request);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), flags);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), payload.Length);
        payload.CopyTo(message.AsSpan(VhostProtocol.HeaderBytes));
        SendBytes(message, descriptors);
    }

    public bool SendBytes(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors) =>
        DescriptorPassing.Send(_stream!, bytes, descriptors);

    /// <summary>An answer that is there; empty when none is.</summary>
    public (VhostRequest Request, byte[] Payload) Answer()
    {
        byte[] header = new byte[VhostProtocol.HeaderBytes];
        if (_stream!.Read(header) != header.Length)
            return (default, []);
        byte[] payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8))];
        int read = payload.Length == 0 ? 0 : _stream.Read(payload);
        return read == payload.Length
            ? ((VhostRequest)BinaryPrimitives.ReadUInt32LittleEndian(header), payload)
            : throw new InvalidOperationException("half an answer");
    }

    public static byte[] Number(ulong value) => BitConverter.GetBytes(value);

    public static byte[] State(int index, int number) =>
        [.. BitConverter.GetBytes(index), .. BitConverter.GetBytes(number)];

    public void Dispose()
    {
        _stream?.Dispose();
        _listener.Dispose();
        Receive.Dispose();
        Transmit.Dispose();
        Memory.Dispose();
    }

    [DllImport("libc")]
    private static extern int dup(int fd);
}
