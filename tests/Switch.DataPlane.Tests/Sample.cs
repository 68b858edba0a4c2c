using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Builders of frames for tests.</summary>
internal static class Sample
{
    public const string Mac1 = "02:00:00:00:00:01";
    public const string Mac2 = "02:00:00:00:00:02";
    public const string Mac3 = "02:00:00:00:00:03";
    public const string Ip1 = "10.1.0.1";
    public const string Ip2 = "10.1.0.2";
    public const string Ip3 = "10.1.0.3";

    public static MacAddress Mac(string text) =>
        MacAddress.TryParse(text, out MacAddress mac) ? mac : throw new FormatException(text);

    public static Ipv4 Ip(string text) => Ipv4.TryParse(text, out Ipv4 ip) ? ip : throw new FormatException(text);

    public static NodePlan Node(string host, string mac, string ip, string? preBound = null, ulong sequence = 1) =>
        new("n" + ip, Mac(mac), Ip(ip), host, preBound, sequence, IsLocalProber: false);

    public static byte[] Super(byte[] frame) => [.. new byte[Limits.VnetHeaderBytes], .. frame];

    public static byte[] Packet(string toMac, string fromMac, string fromIp, string toIp, int payload = 100)
    {
        byte[] frame = new byte[14 + 20 + payload];
        Mac(toMac).Write(frame);
        Mac(fromMac).Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        frame[14] = 0x45;
        frame[23] = 253;
        Ip(fromIp).Write(frame.AsSpan(26));
        Ip(toIp).Write(frame.AsSpan(30));
        for (int i = 34; i < frame.Length; i++)
            frame[i] = (byte)(i * 7);
        return frame;
    }

    public static byte[] Arp(
        ushort operation, string fromMac, string senderIp, string targetIp, string? senderMac = null)
    {
        byte[] frame = new byte[FrameWriter.ArpBytes];
        FrameWriter.Arp(frame, operation, MacAddress.Broadcast, Mac(fromMac), Ip0(senderIp), default, Ip0(targetIp));
        if (senderMac is not null)
            Mac(senderMac).Write(frame.AsSpan(22));
        return frame;
    }

    /// <summary>What QEMU sends where a machine resumes.</summary>
    public static byte[] Rarp(string mac)
    {
        byte[] frame = new byte[60];
        FrameWriter.Arp(frame, 3, MacAddress.Broadcast, Mac(mac), default, Mac(mac), default);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), FrameView.TypeRarp);
        return frame;
    }

    private static Ipv4 Ip0(string text) => text == "0.0.0.0" ? default : Ip(text);
}
