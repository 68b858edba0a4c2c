using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VioActors.Bench.Overlay;

/// <summary>
/// UDP packets per second that a path carries. One thread keeps a few hundred under way: no fewer, and no more than
/// the queues hold, for then dropping would cost the time of carrying. It hands the kernel 64 at once, which the kernel
/// takes apart before they reach the interface: an overlay meets single packets, but sending them costs little. Nobody
/// reads them: the kernel counts what reaches the full socket. So the bare link is far above any overlay.
/// </summary>
internal sealed class PacketRate(Underlay under)
{
    private const int Port = 9402;
    private const int MostAtOnce = 64;
    private const int MostBytes = 65_507;
    private const int MostUnderWay = 256;
    private const int AllSegments = 65_535;
    private const int SolUdp = 17;
    private const int UdpSegment = 103;
    private const int SolSocket = 1;
    private const int SoMemInfo = 55;
    private const int MemInfoDrops = 8;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Pause = TimeSpan.FromMicroseconds(20);
    // Older ones were dropped on their way.
    private static readonly TimeSpan LongestWay = TimeSpan.FromMilliseconds(5);

    /// <summary>Sends for a time; gives packets that arrived per second.</summary>
    /// <param name="system">The path.</param>
    /// <param name="bytes">Payload of a packet; it must fit the path's MTU.</param>
    /// <param name="length">For how long.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<double> RunAsync(OverlaySystem system, int bytes, TimeSpan length, CancellationToken cancel)
    {
        using var receiver = await PathSocket.OpenAsync(system.Far, system.Near, Port);
        using var sender = await PathSocket.OpenAsync(system.Near, system.Far, Port);
        receiver.ReceiveBufferSize = 1;
        await SetSegmentsAsync(system, 1, cancel);
        try
        {
            return await NamespaceThread.RunAsync(
                system.Near.Space, () => Send(sender, receiver, bytes, length, cancel));
        }
        finally
        {
            await SetSegmentsAsync(system, AllSegments, CancellationToken.None);
            cancel.ThrowIfCancellationRequested();
        }
    }

    // With one, whatever the interface's driver could take at once is taken apart before it.
    private Task SetSegmentsAsync(OverlaySystem system, int most, CancellationToken cancel) =>
        under.IpAsync($"-n {system.Near.Space} link set {system.Near.Device} gso_max_segs {most}", cancel);

    private double Send(Socket socket, Socket receiver, int bytes, TimeSpan length, CancellationToken cancel)
    {
        socket.SetRawSocketOption(SolUdp, UdpSegment, BitConverter.GetBytes(bytes));
        var count = Math.Min(MostAtOnce, MostBytes / bytes);
        var packets = new byte[bytes * count];
        var flow = new PacketFlow(under.Time, LongestWay, MostUnderWay);
        var (started, begun, before) = (under.Time.GetTimestamp(), 0L, 0L);
        while (!cancel.IsCancellationRequested)
        {
            var passed = under.Time.GetElapsedTime(started);
            flow.Arrived(Dropped(receiver));
            if (begun == 0 && passed >= WarmUp) (begun, before) = (under.Time.GetTimestamp(), flow.Received);
            if (passed >= WarmUp + length) break;
            if (!flow.HasRoomFor(count))
            {
                OverlayNative.Sleep(Pause);
                continue;
            }

            socket.Send(packets, SocketFlags.None, out var error);
            if (error != SocketError.Success) throw new BenchException($"sending packets: {error}");
            flow.Sent(count);
        }

        return (flow.Received - before) / under.Time.GetElapsedTime(begun).TotalSeconds;
    }

    // The socket is full after its first packet.
    private static uint Dropped(Socket receiver)
    {
        Span<byte> info = stackalloc byte[(MemInfoDrops + 1) * sizeof(uint)];
        receiver.GetRawSocketOption(SolSocket, SoMemInfo, info);
        return MemoryMarshal.Cast<byte, uint>(info)[MemInfoDrops];
    }
}
