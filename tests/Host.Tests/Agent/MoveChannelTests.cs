using System.Net;
using System.Net.Sockets;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Moves;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>The way of a move's streams between two agents, and everybody who is not let in.</summary>
public sealed class MoveChannelTests : IAsyncDisposable
{
    private static readonly OperationId Move = new("op-1");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Site _site = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly MoveGate _gate = new(TimeProvider.System);
    private readonly MovePaths _near;
    private readonly MovePaths _far;
    private readonly MoveListener _listener;
    private readonly Task _running;
    private readonly Socket _libvirtd;
    private readonly WrittenLog _log = new();

    public MoveChannelTests()
    {
        (_near, _far) = (Paths("near"), Paths("far"));
        Directory.CreateDirectory(_far.Directory(Move));
        var socket = Path.Combine(_site.Directory_("libvirt"), "sock");
        _libvirtd = Listen(socket);
        _listener = new MoveListener(
            new IPEndPoint(IPAddress.Loopback, 0), _site.Tls("target"), _gate, _far, socket,
            new MoveWelcome("/data", "qemu"),
            TimeProvider.System, _log);
        _running = _listener.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task OctetsPassBothWaysAndAnEndInOneDirectionLeavesTheOtherOpenAsync()
    {
        using var qemu = Listen(_far.Socket(Move, MoveStream.Disk));
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        await using var sender = await OpenAsync("source");
        Assert.Equal(new MoveWelcome("/data", "qemu"), sender.Welcome);
        using var near = await ConnectAsync(_near.Socket(Move, MoveStream.Disk));
        using var far = await qemu.AcceptAsync().WaitAsync(Limit);
        var (there, back) = (Site.Noise(8 << 20), Site.Noise(3 << 20));

        var arriving = ReadAsync(far);
        await SendAsync(near, there);
        near.Shutdown(SocketShutdown.Send);
        Assert.Equal(there, await arriving.WaitAsync(Limit));
        var returning = ReadAsync(near);
        await SendAsync(far, back);
        far.Shutdown(SocketShutdown.Send);
        Assert.Equal(back, await returning.WaitAsync(Limit));
        Assert.Null(sender.Trouble);
    }

    [Fact]
    public async Task OnlyCallsOfTheMoveReachLibvirtdAsync()
    {
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        await using var sender = await OpenAsync("source");
        using var near = await ConnectAsync(_near.Socket(Move, MoveStream.Control));
        using var far = await _libvirtd.AcceptAsync().WaitAsync(Limit);
        var arriving = ReadAsync(far);
        var (allowed, forbidden) = (ControlFilterTests.Call(66), ControlFilterTests.Call(273));
        await SendAsync(near, [.. allowed, .. forbidden]);
        Assert.Empty(await ReadAsync(near).WaitAsync(Limit));
        Assert.Equal(allowed, await arriving.WaitAsync(Limit));
        await _log.Contains("procedure 273 is not part of a move").WaitAsync(Limit);
    }

    [Fact]
    public async Task MemoryGoesToTheMovesOwnSocketAsync()
    {
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        using var qemu = Listen(_far.Socket(Move, MoveStream.Memory));
        await using var sender = await OpenAsync("source");
        using var near = await ConnectAsync(_near.Socket(Move, MoveStream.Memory));
        using var far = await qemu.AcceptAsync().WaitAsync(Limit);
        await SendAsync(near, [1, 2, 3]);
        near.Shutdown(SocketShutdown.Send);
        Assert.Equal([1, 2, 3], await ReadAsync(far).WaitAsync(Limit));
    }

    [Fact]
    public async Task AThirdHostAWrongMoveAndAClosedWayAreRefusedAsync()
    {
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        Assert.Contains("may not send", (await Assert.ThrowsAsync<IOException>(() => OpenAsync("third"))).Message);
        Assert.Contains("may not send",
            (await Assert.ThrowsAsync<IOException>(() => OpenAsync("source", new("op-2")))).Message);
        await (await OpenAsync("source")).DisposeAsync();
        _gate.Close(Move);
        await Assert.ThrowsAsync<IOException>(() => OpenAsync("source"));
    }

    [Fact]
    public async Task AnotherSitesAgentAndAnotherTargetAreRefusedAsync()
    {
        using var other = new Site();
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        var endpoint = (await _listener.Bound.WaitAsync(Limit)).ToString();
        await Assert.ThrowsAsync<IOException>(() => MoveSender.OpenAsync(
            other.Tls("source"), _near, TimeProvider.System, Move, new("target"), endpoint,
            (_, _) => Task.CompletedTask, CancellationToken.None));
        await Assert.ThrowsAsync<IOException>(() => MoveSender.OpenAsync(
            _site.Tls("source"), _near, TimeProvider.System, Move, new("else"), endpoint,
            (_, _) => Task.CompletedTask, CancellationToken.None));
    }

    [Fact]
    public async Task GarbageEndsItsOwnConnectionOnlyAsync()
    {
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        var endpoint = await _listener.Bound.WaitAsync(Limit);
        using var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(endpoint);
        await SendAsync(stranger, Site.Noise(4096));
        await ReadAsync(stranger).WaitAsync(Limit);
        await (await OpenAsync("source")).DisposeAsync();
    }

    [Fact]
    public async Task ClosingTheWayEndsRunningStreamsAsync()
    {
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        await using var sender = await OpenAsync("source");
        using var near = await ConnectAsync(_near.Socket(Move, MoveStream.Control));
        using var far = await _libvirtd.AcceptAsync().WaitAsync(Limit);
        _gate.Close(Move);
        Assert.Empty(await ReadAsync(near).WaitAsync(Limit));
    }

    [Fact]
    public async Task TheSocketsArePrivateAndGoWithTheMoveAsync()
    {
        _gate.Open(Move, ControlFilterTests.Guest, new("source"));
        var sender = await OpenAsync("source");
        var mode = File.GetUnixFileMode(_near.Socket(Move, MoveStream.Disk));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        await sender.DisposeAsync();
        Assert.False(Directory.Exists(_near.Directory(Move)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _libvirtd.Dispose();
        _stop.Dispose();
        _site.Dispose();
    }

    private MovePaths Paths(string name)
    {
        var directory = _site.Directory_(name);
        return new MovePaths(directory, directory);
    }

    private async Task<MoveSender> OpenAsync(string from, OperationId? move = null) => await MoveSender.OpenAsync(
        _site.Tls(from), _near, TimeProvider.System, move ?? Move, new("target"),
        (await _listener.Bound.WaitAsync(Limit)).ToString(), (_, _) => Task.CompletedTask, CancellationToken.None);

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(4);
        return socket;
    }

    private static async Task<Socket> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task SendAsync(Socket socket, byte[] octets)
    {
        for (var sent = 0; sent < octets.Length;)
            sent += await socket.SendAsync(octets.AsMemory(sent), SocketFlags.None);
    }

    // Not by a NetworkStream: that refuses a socket whose own direction was shut down.
    private static async Task<byte[]> ReadAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var count)
                all.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
        return all.ToArray();
    }
}
