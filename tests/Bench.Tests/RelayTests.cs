using System.Net;
using System.Net.Sockets;
using VioActors.Bench.Servers;

namespace VioActors.Bench.Tests;

/// <summary>The relay between servers and their database really does what chaos counts on.</summary>
public sealed class RelayTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TcpListener _echo = new(IPAddress.Loopback, 0);
    private readonly Relay _relay;

    public RelayTests()
    {
        _echo.Start();
        _ = EchoAsync();
        _relay = new Relay(_echo.LocalEndpoint, TimeProvider.System);
    }

    [Fact]
    public async Task What_is_sent_comes_back()
    {
        using var client = await ConnectAsync();
        Assert.Equal(7, await AskAsync(client, 7));
        Assert.Equal(8, await AskAsync(client, 8));
        Assert.Equal(1, _relay.Connections);
    }

    [Fact]
    public async Task Dropped_connections_are_reset_and_new_ones_when_it_refuses()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, 1);
        _relay.Drop();
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(client, 2));
        _relay.IsRefusing = true;
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var refused = await ConnectAsync();
            await AskAsync(refused, 3);
        });
        _relay.IsRefusing = false;
        using var again = await ConnectAsync();
        Assert.Equal(4, await AskAsync(again, 4));
        Assert.Equal(0, _relay.AnswersCut);
    }

    [Fact]
    public async Task A_silent_relay_keeps_everything_and_gives_it_when_it_is_heard_again()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, 1);
        _relay.ToDatabase.Close();
        var asked = AskAsync(client, 2);
        await Assert.ThrowsAsync<TimeoutException>(() => asked.WaitAsync(Soon, Cancel));
        _relay.ToDatabase.Open();
        Assert.Equal(2, await asked);
    }

    [Fact]
    public async Task An_answer_that_is_held_back_and_dropped_is_counted()
    {
        using var client = await ConnectAsync();
        await AskAsync(client, 1);
        _relay.FromDatabase.Close();
        var asked = AskAsync(client, 2);
        await Assert.ThrowsAsync<TimeoutException>(() => asked.WaitAsync(Soon, Cancel));
        _relay.Drop();
        await Assert.ThrowsAsync<SocketException>(() => asked);
        Assert.Equal(1, _relay.AnswersCut);
    }

    [Fact]
    public async Task What_is_delayed_comes_later()
    {
        using var client = await ConnectAsync();
        _relay.Delay = Soon;
        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal(1, await AskAsync(client, 1));
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= Soon);
    }

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        _echo.Dispose();
    }

    private static async Task<byte> AskAsync(Socket client, byte octet)
    {
        var buffer = new[] { octet };
        await client.SendAsync(buffer, Cancel);
        return await client.ReceiveAsync(buffer, Cancel) == 1 ? buffer[0] : throw new SocketException(
            (int)SocketError.ConnectionReset);
    }

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, _relay.Port, Cancel);
        return client;
    }

    private async Task EchoAsync()
    {
        while (true)
        {
            var client = await _echo.AcceptSocketAsync(Cancel);
            _ = Task.Run(async () =>
            {
                using (client)
                {
                    var buffer = new byte[1];
                    while (await client.ReceiveAsync(buffer, Cancel) == 1) await client.SendAsync(buffer, Cancel);
                }
            }, Cancel);
        }
    }
}
