using System.Net.Security;
using System.Net.Sockets;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>
/// Copies octets both ways between a unix socket of this host and the TLS connection to the other host. The end of one
/// direction is passed on and the other goes on; a failure ends both. At most one buffer per direction is in flight.
/// </summary>
internal static class Splice
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Copies until both directions have ended. Owns neither end.</summary>
    /// <param name="local">This host's end.</param>
    /// <param name="remote">The other host's end.</param>
    /// <param name="cancel">Ends both directions.</param>
    /// <param name="inward">Copies what comes from the other host; null copies all of it.</param>
    /// <exception cref="IOException">One end broke.</exception>
    public static async Task RunAsync(
        Socket local, SslStream remote, CancellationToken cancel,
        Func<Stream, Stream, CancellationToken, Task>? inward = null)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var stream = new NetworkStream(local, ownsSocket: false);
        var out_ = EndingAsync(CopyAsync(stream, remote, failed.Token), remote.ShutdownAsync, failed);
        var in_ = EndingAsync(
            (inward ?? CopyAsync)(remote, stream, failed.Token), () => EndAsync(local), failed);
        await Task.WhenAll(out_, in_);
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancel)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, cancel) is > 0 and var count)
            await to.WriteAsync(buffer.AsMemory(0, count), cancel);
    }

    private static Task EndAsync(Socket local)
    {
        try
        {
            local.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is gone already: then nobody waits for the end.
        }
        return Task.CompletedTask;
    }

    private static async Task EndingAsync(Task copy, Func<Task> end, CancellationTokenSource failed)
    {
        try
        {
            await copy;
            await end();
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }
}
