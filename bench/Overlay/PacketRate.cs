using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VioActors.Bench.Overlay;

/// <summary>
/// UDP packets per second that arrive when one thread sends as fast as it can, 64 for each system call. Nobody reads
/// them: the kernel counts what reaches the full socket, so that counting costs next to nothing and the sender is what
/// limits the bare link.
/// </summary>
internal sealed class PacketRate(TimeProvider time)
{
    private const int Port = 9402;
    private const int Batch = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>Sends for a time; gives packets that arrived per second.</summary>
    public async Task<double> RunAsync(OverlaySystem system, int bytes, TimeSpan length, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var sending = NamespaceThread.RunAsync(system.Near.Space, () => Send(system, bytes, stop.Token));
        try
        {
            return await NamespaceThread.RunAsync(system.Far.Space, () => Count(system, length, stop.Token));
        }
        finally
        {
            await stop.CancelAsync();
            await sending;
            cancel.ThrowIfCancellationRequested();
        }
    }

    private double Count(OverlaySystem system, TimeSpan length, CancellationToken stop)
    {
        using var socket = Bound(system.Far, system.Near);
        socket.ReceiveBufferSize = 1;
        stop.WaitHandle.WaitOne(WarmUp);
        var (before, started) = (Arrived(), time.GetTimestamp());
        stop.WaitHandle.WaitOne(length);
        return (Arrived() - before) / time.GetElapsedTime(started).TotalSeconds;
    }

    // What the full socket dropped; the few that it holds came before the count began.
    private static long Arrived()
    {
        var port = $":{Port:X4}";
        foreach (var line in File.ReadLines("/proc/thread-self/net/udp"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 2 && fields[1].EndsWith(port, StringComparison.Ordinal))
                return long.Parse(fields[^1], CultureInfo.InvariantCulture);
        }

        throw new BenchException("the receiving socket is not in the kernel's list");
    }

    private static bool Send(OverlaySystem system, int bytes, CancellationToken stop)
    {
        using var socket = Bound(system.Near, system.Far);
        var payload = GC.AllocateArray<byte>(bytes, pinned: true);
        var vector = GC.AllocateArray<OverlayNative.IoVector>(1, pinned: true);
        vector[0].Base = Marshal.UnsafeAddrOfPinnedArrayElement(payload, 0);
        vector[0].Length = (nuint)bytes;
        var messages = new OverlayNative.MmsgHeader[Batch];
        Array.Fill(messages, new OverlayNative.MmsgHeader
        {
            Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(vector, 0),
            VectorCount = 1,
        });
        var fd = (int)socket.SafeHandle.DangerousGetHandle();
        // A refused batch is sent again: the receiver may not be bound yet.
        while (!stop.IsCancellationRequested) _ = OverlayNative.sendmmsg(fd, ref messages[0], Batch, 0);
        GC.KeepAlive(payload);
        GC.KeepAlive(vector);
        return true;
    }

    private static Socket Bound(PathEnd own, PathEnd other)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(own.Address), Port));
        socket.Connect(new IPEndPoint(IPAddress.Parse(other.Address), Port));
        return socket;
    }
}
