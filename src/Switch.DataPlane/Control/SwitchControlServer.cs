using System.Net.Sockets;

namespace VioActors.Switch.DataPlane;

/// <summary>What the control server asks of the daemon.</summary>
internal interface IControlRequests
{
    /// <summary>Handles a request; the answer may take as long as the request says.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="stop">Ends a probe or a ping before its time; it is answered all the same.</param>
    Task<ControlMessage> HandleAsync(ControlMessage request, CancellationToken stop);
}

/// <summary>
/// The control protocol's server on a unix stream socket of mode 0600. Each connection starts with a hello of both
/// sides and then carries requests, see <see cref="ControlSession"/>; garbage ends the connection and nothing else.
/// </summary>
internal sealed class SwitchControlServer(string path, IControlRequests requests, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private int _connections;
    private Task? _accepting;

    /// <summary>Opens the socket.</summary>
    /// <exception cref="InvalidOperationException">A living switchd answers there.</exception>
    public void Start()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("The switch needs Linux.");
        RemoveStaleSocket();
        _listener.Bind(new UnixDomainSocketEndPoint(path));

        // Nobody can connect before Listen, so there is no moment with wider rights.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen(Limits.MaxControlConnections);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        if (_accepting is not null)
        {
            await _accepting.ConfigureAwait(false);
            File.Delete(path);
        }
    }

    private void RemoveStaleSocket()
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new InvalidOperationException($"Another switchd answers at {path}; stop it or choose another path.");
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                if (_stop.IsCancellationRequested)
                    return;
                continue;
            }

            if (Interlocked.Increment(ref _connections) > Limits.MaxControlConnections)
            {
                Interlocked.Decrement(ref _connections);
                socket.Dispose();
                continue;
            }

            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new ControlStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            if (await GreetAsync(stream).ConfigureAwait(false))
                await new ControlSession(stream, requests).RunAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            await TryRefuseAsync(stream, e.Message).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side left, or this daemon stops: the connection ends.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<bool> GreetAsync(ControlStream stream)
    {
        using var timeout = new CancellationTokenSource(HelloTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        ControlMessage? first = await stream.ReadAsync(linked.Token).ConfigureAwait(false);
        if (first is not ControlHello hello)
            throw new InvalidDataException("The first message must be a hello.");
        await stream.WriteAsync(
            ControlHello.Of(InitMessage.ThisBuild), linked.Token).ConfigureAwait(false);
        if (hello.MaxVersion >= ControlHello.Oldest && hello.MinVersion <= ControlHello.Newest)
            return true;
        await stream.WriteAsync(new ControlError("version",
            $"this switchd speaks control versions {ControlHello.Oldest} to {ControlHello.Newest}, "
            + $"the caller {hello.MinVersion} to "
            + $"{hello.MaxVersion}; update the older one"), linked.Token).ConfigureAwait(false);
        return false;
    }

    private static async Task TryRefuseAsync(ControlStream stream, string reason)
    {
        try
        {
            using var limit = new CancellationTokenSource(HelloTimeout);
            await stream.WriteAsync(new ControlError("bad-message", reason), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The sender of garbage does not wait for an answer.
        }
    }
}
