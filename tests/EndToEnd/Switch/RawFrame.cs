using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>Sends one frame from inside a guest, as its hypervisor or a hostile guest would.</summary>
internal static class RawFrame
{
    private const int AF_PACKET = 17;
    private const int SOCK_RAW = 3;

    public static void Send(string networkNamespace, string device, byte[] frame)
    {
        Exception? failure = null;
        Thread thread = NetworkNamespace.Start("raw-frame", "/run/netns/" + networkNamespace, () =>
        {
            int fd = LibC.socket(AF_PACKET, SOCK_RAW, 0);
            Span<byte> address = stackalloc byte[20];
            address.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(address, AF_PACKET);
            BinaryPrimitives.WriteUInt32LittleEndian(address[4..], LibC.if_nametoindex(device));
            if (LibC.sendto(fd, ref frame[0], (nuint)frame.Length, 0, ref MemoryMarshal.GetReference(address), 20) < 0)
                failure = LibC.Failure($"send a raw frame on {device}");
            _ = LibC.close(fd);
        });
        thread.Join();
        if (failure is not null)
            throw failure;
    }

    /// <summary>What QEMU sends for a machine that resumed.</summary>
    public static byte[] Rarp(string mac)
    {
        Assert.True(MacAddress.TryParse(mac, out MacAddress address));
        byte[] frame = new byte[60];
        FrameWriter.Arp(frame, 3, MacAddress.Broadcast, address, default, address, default);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), FrameView.TypeRarp);
        return frame;
    }
}
