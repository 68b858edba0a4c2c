using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using VioActors.Daemon.Agent.Fabric;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>
/// Takes in the streams of moves that come to this host: mutual TLS with the site's certificates, then the gate, then
/// the local socket of QEMU or, through the filter, of libvirtd. Strangers, wrong ids, garbage and calls that are no
/// part of the move are refused and logged.
/// </summary>
internal sealed class MoveListener(
    IPEndPoint listen, AgentTls tls, MoveGate gate, MovePaths paths, string libvirtSocket, MoveWelcome welcome,
    TimeProvider clock, ILogger log)
{
    private const int MaxConnections = 64;
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _places = new(MaxConnections, MaxConnections);
    private readonly TaskCompletionSource<IPEndPoint> _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the listener accepts, with its address.</summary>
    public Task<IPEndPoint> Bound => _bound.Task;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var listener = new TcpListener(listen);
        listener.Start(MaxConnections);
        _bound.TrySetResult((IPEndPoint)listener.LocalEndpoint);
        while (true)
        {
            await _places.WaitAsync(cancel);
            Socket? socket = null;
            try
            {
                socket = await listener.AcceptSocketAsync(cancel);
            }
            catch (SocketException)
            {
                // The peer went before it was taken.
            }
            finally
            {
                if (socket is null) _places.Release();
            }
            if (socket is not null) _ = ServeAsync(socket, cancel);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancel)
    {
        var peer = socket.RemoteEndPoint?.ToString() ?? "?";
        try
        {
            socket.NoDelay = true;
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await TakeAsync(stream, peer, cancel);
        }
        catch (Exception broken) when (broken is IOException or SocketException or AuthenticationException
            or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            if (!cancel.IsCancellationRequested)
                log.MoveRefused(peer, broken.InnerException?.Message ?? broken.Message);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task TakeAsync(SslStream stream, string peer, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(GreetingLimit, clock);
        using var greeting = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        await stream.AuthenticateAsServerAsync(tls.FromAgents(), greeting.Token);
        var host = AgentTls.PeerOf(stream);
        var (move, kind) = await MoveMessages.ReadAskAsync(stream, greeting.Token);
        var (entry, denied) = gate.Admit(host, move);
        if (entry is null)
        {
            log.MoveRefused(peer, denied!);
            await MoveMessages.RefuseAsync(stream, denied!, greeting.Token);
            return;
        }
        using var leaving = entry.Leave;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, entry.Closed);
        if (kind == MoveStream.Check)
        {
            await MoveMessages.WelcomeAsync(stream, welcome, greeting.Token);
            await stream.ShutdownAsync();
            return;
        }
        using var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = kind == MoveStream.Control ? libvirtSocket : paths.Socket(move, kind);
        try
        {
            await local.ConnectAsync(new UnixDomainSocketEndPoint(path), greeting.Token);
        }
        catch (SocketException closed)
        {
            await MoveMessages.RefuseAsync(
                stream, $"nothing listens for {kind} on the target: {closed.Message}", greeting.Token);
            throw;
        }
        await MoveMessages.WelcomeAsync(stream, welcome, greeting.Token);
        await Splice.RunAsync(
            local, stream, ending.Token,
            kind == MoveStream.Control
                ? (source, libvirtd, stop) => ControlFilter.PassAsync(source, libvirtd, entry.Guest, stop) : null);
    }
}
