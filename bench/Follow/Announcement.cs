using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Follow;

/// <summary>What a hypervisor sends for a machine that resumed: a RARP with its MAC (as QEMU does).</summary>
internal static class Announcement
{
    private const int AF_PACKET = 17;
    private const int SOCK_RAW = 3;
    private const int FrameBytes = 60;
    private const int AddressBytes = 20;

    /// <summary>Sends one in the namespace of the calling thread.</summary>
    /// <exception cref="BenchException">The device is not there.</exception>
    public static void Send(string device, string mac)
    {
        if (!MacAddress.TryParse(mac, out var address)) throw new ArgumentException($"'{mac}' is no MAC", nameof(mac));
        Span<byte> frame = stackalloc byte[FrameBytes], to = stackalloc byte[AddressBytes];
        frame.Clear();
        to.Clear();
        FrameWriter.Rarp(frame, address);
        BinaryPrimitives.WriteUInt16LittleEndian(to, AF_PACKET);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], LibC.if_nametoindex(device));
        var socket = LibC.socket(AF_PACKET, SOCK_RAW, 0);
        var sent = LibC.sendto(
            socket, ref MemoryMarshal.GetReference(frame), FrameBytes, 0, ref MemoryMarshal.GetReference(to),
            AddressBytes);
        var errno = LibC.Errno;
        _ = LibC.close(socket);
        if (sent < 0) throw new BenchException($"announcing {mac} on {device} failed (errno {errno})");
    }
}
