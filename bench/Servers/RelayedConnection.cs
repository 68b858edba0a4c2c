using System.Net;
using System.Net.Sockets;

namespace VioActors.Bench.Servers;

/// <summary>One connection through a <see cref="Relay"/>.</summary>
internal sealed class RelayedConnection(Socket client)
{
    private const int BufferSize = 16 * 1024;

    private volatile Socket? _database;
    private volatile bool _isReset;

    /// <summary>Whether the database has answered and the answer waits at the gate.</summary>
    public bool HoldsAnswer { get; private set; }

    /// <summary>Passes octets on until either side ends.</summary>
    public async Task RunAsync(Relay relay, TimeProvider time, CancellationToken cancel)
    {
        var database = _database = SocketTo(relay.Target);
        await database.ConnectAsync(relay.Target, cancel);
        // Reset before there was something to reset.
        if (_isReset) Reset();
        await await Task.WhenAny(
            PumpAsync(client, database, relay, relay.ToDatabase, time, cancel),
            PumpAsync(database, client, relay, relay.FromDatabase, time, cancel));
    }

    /// <summary>Both sides see a reset.</summary>
    public void Reset()
    {
        _isReset = true;
        foreach (var side in new[] { client, _database })
        {
            if (side is null) continue;
            if (side.AddressFamily == AddressFamily.InterNetwork && side.SafeHandle is { IsClosed: false })
                side.LingerState = new LingerOption(true, 0);
            side.Dispose();
        }
    }

    private static Socket SocketTo(EndPoint target) => target.AddressFamily == AddressFamily.Unix
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    // An end waits at the gate as octets do: through a silent network nobody hears that the other side is gone.
    private async Task PumpAsync(
        Socket from, Socket to, Relay relay, Gate gate, TimeProvider time, CancellationToken cancel)
    {
        var buffer = new byte[BufferSize];
        int count;
        do
        {
            count = await from.ReceiveAsync(buffer, cancel);
            if (relay.Delay is var delay && delay > TimeSpan.Zero) await Task.Delay(delay, time, cancel);
            var isAnswer = gate == relay.FromDatabase && count > 0;
            if (isAnswer) HoldsAnswer = !gate.Opened.IsCompleted;
            await gate.Opened.WaitAsync(cancel);
            if (isAnswer) HoldsAnswer = false;
            for (var sent = 0; sent < count;)
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancel);
        }
        while (count > 0);
    }
}
