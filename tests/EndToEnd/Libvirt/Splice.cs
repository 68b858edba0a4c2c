using System.Net.Sockets;

namespace VioActors.EndToEnd.Libvirt;

/// <summary>Listens on one unix socket and copies each connection's bytes to and from another: what the two agents do
/// over
/// TLS.</summary>
internal sealed class Splice : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly string target;
    private readonly Task accepting;
    private long bytes;

    internal Splice(string path, string target)
    {
        this.target = target;
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        accepting = AcceptAsync();
    }

    /// <summary>Bytes copied towards the target.</summary>
    internal long Bytes => Interlocked.Read(ref bytes);

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
                running.Add(ServeAsync(await listener.AcceptAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (near)
        {
            try
            {
                await far.ConnectAsync(new UnixDomainSocketEndPoint(target), stop.Token);
                await Task.WhenAll(CopyAsync(near, far, count: true), CopyAsync(far, near, count: false));
            }
            catch (Exception broken) when (broken is SocketException or OperationCanceledException)
            {
                // Either end went away: closing both passes that on.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool count)
    {
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await from.ReceiveAsync(buffer, stop.Token)) > 0)
        {
            for (var sent = 0; sent < read;)
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), stop.Token);
            if (count)
                Interlocked.Add(ref bytes, read);
        }
        to.Shutdown(SocketShutdown.Send);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        listener.Dispose();
        stop.Dispose();
    }
}
