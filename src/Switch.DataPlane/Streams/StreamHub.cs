using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// All TLS connections of one lane. Sockets are made on the lane's thread, which is in the right network namespace;
/// everything that waits is a task, and what came lies in a bounded queue until <see cref="Drain"/>.
/// </summary>
/// <param name="hostId">This host.</param>
/// <param name="identity">Shows who is at both ends.</param>
/// <param name="time">Clock.</param>
/// <param name="wake">Tells the lane that something came; any thread.</param>
internal sealed class StreamHub(string hostId, StreamIdentity identity, TimeProvider time, Action wake) : IDisposable
{
    private const int RetryMs = 2000;
    private const int SilentMs = 30_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentQueue<(StreamLink Link, byte[]? Bytes, int Length)> _events = new();
    private readonly Dictionary<long, SocketAddress> _links = [];
    private readonly Dictionary<(string Host, IPEndPoint EndPoint), Call> _calls = [];
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private int _open;
    private int _greeting;

    /// <summary>Datagrams that a full queue had no room for.</summary>
    public long Dropped { get; private set; }

    /// <summary>Connections now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Takes calls from now on.</summary>
    /// <exception cref="SwitchIoException">The address is in use or not of this host.</exception>
    public void Listen(IPEndPoint endPoint)
    {
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(endPoint);
            _listener.Listen(Limits.MaxStreamGreetings);
        }
        catch (SocketException e)
        {
            throw new SwitchIoException($"listen on TCP {endPoint}: {e.Message}", e.ErrorCode);
        }

        _ = AcceptAsync(_listener);
    }

    /// <summary>The connection to a host, or null and the beginning of one. Lane thread only.</summary>
    public SocketAddress? To(string host, IPEndPoint endPoint, long nowMs)
    {
        if (!_calls.TryGetValue((host, endPoint), out Call? call))
            _calls[(host, endPoint)] = call = new Call();
        if (call.Link is { IsClosed: false } link)
            return link.Address;
        if (call.IsRunning || nowMs < call.NextMs || Open >= Limits.MaxStreams || _stopping.IsCancellationRequested)
            return null;
        (call.IsRunning, call.NextMs) = (true, nowMs + RetryMs);
        _ = CallAsync(call, new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp), host, endPoint);
        return null;
    }

    /// <summary>The address that a received datagram came from. Lane thread only.</summary>
    public SocketAddress? Find(ReadOnlySpan<byte> from) =>
        _links.GetValueOrDefault(SocketAddress.StreamIdOf(from));

    /// <summary>Gives what came to the core. Lane thread only.</summary>
    public void Drain(SwitchCore core)
    {
        for (int i = 0; i < Limits.Batch; i++)
        {
            if (!_events.TryDequeue(out (StreamLink Link, byte[]? Bytes, int Length) one))
                return;
            long id = SocketAddress.StreamIdOf(one.Link.Address.Bytes);
            if (one.Bytes is null)
            {
                _links.Remove(id);
                continue;
            }

            one.Link.LastHeardMs = core.NowMs;
            _links.TryAdd(id, one.Link.Address);
            if (one.Length == 0)
                continue;
            core.FromNetwork(one.Bytes.AsSpan(0, one.Length), one.Link.Address.Bytes);
            one.Link.Taken(one.Bytes);
        }

        if (!_events.IsEmpty)
            wake();
    }

    /// <summary>Queues a datagram for a connection. Lane thread only.</summary>
    public void Send(StreamLink link, ReadOnlySpan<byte> datagram) => Dropped += link.TrySend(datagram) ? 0 : 1;

    /// <summary>Ends connections that nothing came from for long. Lane thread only.</summary>
    public void EndSilent(long nowMs)
    {
        foreach (SocketAddress address in _links.Values)
        {
            if (nowMs - address.Stream!.LastHeardMs > SilentMs)
                address.Stream.Dispose();
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _listener?.Dispose();
        foreach (SocketAddress address in _links.Values)
            address.Stream!.Dispose();
    }

    private async Task CallAsync(Call call, Socket socket, string host, IPEndPoint endPoint)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
        await CarryAsync(
            socket,
            async () =>
            {
                await socket.ConnectAsync(endPoint, either.Token).ConfigureAwait(false);
                if (identity.Client(host, hostId) is not { } options)
                    return null;
                var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await tls.AuthenticateAsClientAsync(options, either.Token).ConfigureAwait(false);
                return tls;
            },
            link => call.Link = link).ConfigureAwait(false);
        call.IsRunning = false;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                Socket socket = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                if (Open >= Limits.MaxStreams || Volatile.Read(ref _greeting) >= Limits.MaxStreamGreetings)
                {
                    socket.Dispose();
                    continue;
                }

                Interlocked.Increment(ref _greeting);
                _ = AnswerAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The lane ends.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
        bool greeting = true;
        void Greeted()
        {
            if (greeting)
                Interlocked.Decrement(ref _greeting);
            greeting = false;
        }

        await CarryAsync(
            socket,
            async () =>
            {
                if (identity.Server(hostId) is not { } options)
                    return null;
                var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
                await tls.AuthenticateAsServerAsync(options, either.Token).ConfigureAwait(false);
                return tls;
            },
            _ => Greeted()).ConfigureAwait(false);
        Greeted();
    }

    private async Task CarryAsync(Socket socket, Func<Task<SslStream?>> greet, Action<StreamLink> greeted)
    {
        StreamLink? link = null;
        Interlocked.Increment(ref _open);
        try
        {
            socket.NoDelay = true;
            if (await greet().ConfigureAwait(false) is not { } tls)
                return;
            link = new StreamLink(tls, (IPEndPoint)socket.RemoteEndPoint!);
            greeted(link);
            _events.Enqueue((link, [], 0));
            await using CancellationTokenRegistration ending = _stopping.Token.Register(link.Dispose);
            await link.RunAsync(Received).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException)
        {
            // The other end is not there, or not who it should be: the next try is some seconds away.
        }
        finally
        {
            socket.Dispose();
            Interlocked.Decrement(ref _open);
            if (link is not null)
                _events.Enqueue((link, null, 0));
        }
    }

    private void Received(StreamLink link, byte[] bytes, int length)
    {
        _events.Enqueue((link, bytes, length));
        wake();
    }

    private sealed class Call
    {
        public volatile StreamLink? Link;
        public volatile bool IsRunning;
        public long NextMs;
    }
}
