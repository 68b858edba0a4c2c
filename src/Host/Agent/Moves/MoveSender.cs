using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Fabric;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>The source's end of one move: asks the target first, then carries its streams until disposed.</summary>
internal sealed class MoveSender : IAsyncDisposable
{
    private const int MaxStreams = 16;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Private = Owner | UnixFileMode.UserExecute;
    private const UnixFileMode PassThrough = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(10);
    private readonly AgentTls _tls;
    private readonly MovePaths _paths;
    private readonly TimeProvider _clock;
    private readonly OperationId _move;
    private readonly HostId _target;
    private readonly IPEndPoint _endpoint;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _work = [];
    private int _streams;

    private MoveSender(
        AgentTls tls, MovePaths paths, TimeProvider clock, OperationId move, HostId target, IPEndPoint endpoint)
    {
        (_tls, _paths, _clock, _move, _target, _endpoint) = (tls, paths, clock, move, target, endpoint);
    }

    /// <summary>Why the first stream that broke did; null while none has.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What the target said.</summary>
    public MoveWelcome Welcome { get; private set; } = new("", "");

    /// <summary>
    /// Asks the target, then listens on the move's sockets; <paramref name="give"/> makes a file QEMU's.
    /// </summary>
    /// <exception cref="IOException">The target cannot be reached, is another host, or does not expect this
    /// move.</exception>
    public static async Task<MoveSender> OpenAsync(
        AgentTls tls, MovePaths paths, TimeProvider clock, OperationId move, HostId target, string endpoint,
        Func<string, CancellationToken, Task> give, CancellationToken cancel)
    {
        if (!IPEndPoint.TryParse(endpoint, out var address))
            throw new IOException($"'{endpoint}' is not an address of the form ip:port");
        var sender = new MoveSender(tls, paths, clock, move, target, address);
        try
        {
            await using (await sender.ConnectAsync(MoveStream.Check, cancel))
                sender.Listen();
            // libvirtd is root; only the disk's stream is opened by QEMU itself.
            await give(paths.Socket(move, MoveStream.Disk), cancel);
            return sender;
        }
        catch
        {
            await sender.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (var listener in _listeners) listener.Dispose();
        await Task.WhenAll(_work);
        _paths.Remove(_move);
        _ending.Dispose();
    }

    // Private until the sockets have their modes; then QEMU's user may pass through to the one that libvirtd gives it.
    private void Listen()
    {
        Directory.CreateDirectory(_paths.Here, PassThrough);
        _paths.Remove(_move);
        Directory.CreateDirectory(_paths.Directory(_move), Private);
        foreach (var kind in (MoveStream[])[MoveStream.Control, MoveStream.Memory, MoveStream.Disk])
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listeners.Add(listener);
            listener.Bind(new UnixDomainSocketEndPoint(_paths.Socket(_move, kind)));
            File.SetUnixFileMode(_paths.Socket(_move, kind), Owner);
            listener.Listen(4);
            _work.Add(AcceptAsync(listener, kind));
        }
        File.SetUnixFileMode(_paths.Directory(_move), PassThrough);
    }

    private async Task AcceptAsync(Socket listener, MoveStream kind)
    {
        var streams = new List<Task>();
        try
        {
            while (Interlocked.Increment(ref _streams) <= MaxStreams)
                streams.Add(CarryAsync(await listener.AcceptAsync(_ending.Token), kind));
            Trouble ??= $"more than {MaxStreams} streams were opened";
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The move is over.
        }
        await Task.WhenAll(streams);
    }

    private async Task CarryAsync(Socket local, MoveStream kind)
    {
        try
        {
            using (local)
            {
                await using var remote = await ConnectAsync(kind, _ending.Token);
                await Splice.RunAsync(local, remote, _ending.Token);
            }
        }
        catch (Exception broken) when (
            broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            if (!_ending.IsCancellationRequested) Trouble ??= $"{kind} stream: {broken.Message}";
        }
    }

    private async Task<SslStream> ConnectAsync(MoveStream kind, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(GreetingLimit, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var socket = new Socket(_endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var stream = (SslStream?)null;
        try
        {
            await socket.ConnectAsync(_endpoint, both.Token);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(_tls.ToAgent(_target), both.Token);
            await MoveMessages.AskAsync(stream, _move, kind, both.Token);
            Welcome = await MoveMessages.ReadReplyAsync(stream, both.Token);
            return stream;
        }
        catch (Exception failed) when (
            failed is SocketException or AuthenticationException or InvalidDataException or IOException
            || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            if (stream is not null) await stream.DisposeAsync();
            socket.Dispose();
            throw new IOException($"host {_target} at {_endpoint}: {failed.Message}", failed);
        }
    }
}
