using System.Buffers.Binary;
using System.Net.Sockets;

namespace VioActors.Bench.Overlay;

/// <summary>Round trips that one run of pings saw, in microseconds; lost ones are counted.</summary>
internal sealed record RoundTrips(IReadOnlyList<double> Micros, int Sent)
{
    /// <summary>Share of pings that never came back.</summary>
    public double LostShare => Sent == 0 ? 0 : 1 - (double)Micros.Count / Sent;

    /// <summary>Median.</summary>
    public double P50 => Samples.Percentile(Micros, 0.5);

    /// <summary>99th percentile.</summary>
    public double P99 => Samples.Percentile(Micros, 0.99);
}

/// <summary>
/// UDP ping-pong of 64 bytes, one every 1 to 2 ms whether or not the last came back. Both ends are threads of this
/// process inside the namespaces, which block in the kernel; nothing is allocated while they run.
/// </summary>
internal sealed class RttProbe(TimeProvider time)
{
    private const int Port = 9401;
    private const int Bytes = 64;
    private const int WaitMicros = 1000;
    private const int Most = 100_000;
    private static readonly TimeSpan LastReplies = TimeSpan.FromMilliseconds(300);

    /// <summary>Pings for a time.</summary>
    public async Task<RoundTrips> RunAsync(OverlaySystem system, TimeSpan length, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var far = await PathSocket.OpenAsync(system.Far, system.Near, Port);
        using var near = await PathSocket.OpenAsync(system.Near, system.Far, Port);
        var echo = NamespaceThread.RunAsync(system.Far.Space, () => Echo(far, stop.Token));
        var result = await NamespaceThread.RunAsync(system.Near.Space, () => Ping(near, length, cancel));
        await stop.CancelAsync();
        await echo;
        cancel.ThrowIfCancellationRequested();
        return result;
    }

    private static bool Echo(Socket socket, CancellationToken stop)
    {
        var buffer = new byte[Bytes];
        while (!stop.IsCancellationRequested)
        {
            if (!socket.Poll(WaitMicros * 50, SelectMode.SelectRead)) continue;
            var count = socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success) socket.Send(buffer.AsSpan(0, count), SocketFlags.None, out _);
        }

        return true;
    }

    private RoundTrips Ping(Socket socket, TimeSpan length, CancellationToken cancel)
    {
        var buffer = new byte[Bytes];
        var sentAt = new long[Most];
        var micros = new List<double>(Most);
        var (sent, start, last) = (0, time.GetTimestamp(), 0L);
        while (time.GetElapsedTime(start) is var passed && passed < length + LastReplies
            && !cancel.IsCancellationRequested)
        {
            if (passed < length && sent < Most && time.GetElapsedTime(last).TotalMicroseconds >= WaitMicros)
            {
                BinaryPrimitives.WriteInt32LittleEndian(buffer, sent);
                last = sentAt[sent++] = time.GetTimestamp();
                socket.Send(buffer, SocketFlags.None, out _);
            }

            if (!socket.Poll(WaitMicros, SelectMode.SelectRead)) continue;
            var now = time.GetTimestamp();
            if (socket.Receive(buffer, SocketFlags.None, out var error) < sizeof(int) || error != SocketError.Success)
                continue;
            var number = BinaryPrimitives.ReadInt32LittleEndian(buffer);
            if (number < 0 || number >= sent || sentAt[number] == 0) continue;
            micros.Add(time.GetElapsedTime(sentAt[number], now).TotalMicroseconds);
            sentAt[number] = 0;
        }

        return new RoundTrips(micros, sent);
    }
}
