using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>The control protocol against a running daemon on loopback; needs no rights.</summary>
public sealed class ControlTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viosw");
    private readonly TestSite _site = new("site1", TimeProvider.System.GetUtcNow());
    private SwitchDaemon _daemon = null!;

    private string SocketPath => Path.Combine(_directory.FullName, "c.sock");

    private SwitchDaemonOptions Options => new()
    {
        HostId = "a",
        SiteId = "site1",
        SiteCaPem = _site.CaPem,
        Listen = new IPEndPoint(IPAddress.Loopback, 0),
        ControlSocketPath = SocketPath,
        DisableBridgeFilter = false,
    };

    public async ValueTask InitializeAsync() => _daemon = await SwitchDaemon.StartAsync(Options, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _site.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task TheSocketIsForItsOwnerAndOnlyOneDaemonHasIt()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => SwitchDaemon.StartAsync(Options, TimeProvider.System));
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        Assert.Equal("a", (await client.StatusAsync(None)).HostId);
    }

    [Fact]
    public async Task AnIdentityIsTakenOnlyWhenPeersWouldTakeIt()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        DateTimeOffset expires = TimeProvider.System.GetUtcNow().AddHours(1);
        (string wrongPem, ECDsa wrongKey) = _site.IssueHost("b");
        using (wrongKey)
        {
            SwitchRefusedException refused = await Assert.ThrowsAsync<SwitchRefusedException>(
                () => client.RenewIdentityAsync(wrongPem, wrongKey, expires, None));
            Assert.Equal("bad-identity", refused.Code);
        }

        (string pem, ECDsa key) = _site.IssueHost("a");
        using (key)
            await client.RenewIdentityAsync(pem, key, expires, None);
        Assert.Equal(expires.ToUnixTimeSeconds(), (await client.GetIdentityAsync(None)).ExpiresAtUnixSeconds);
        SwitchRefusedException noPem = await Assert.ThrowsAsync<SwitchRefusedException>(
            () => client.InstallIdentityAsync(new IdentityInstall(1, [1], "nonsense"), None));
        Assert.Equal("bad-identity", noPem.Code);
    }

    [Fact]
    public async Task WrongItemsAreToldAndTheRestIsApplied()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        var state = new SwitchWantedState
        {
            Version = 3,
            Environments =
            [
                new WantedEnvironment
                {
                    Id = "e",
                    Members = [new() { Host = "b", Endpoint = "127.0.0.1:9" },
                        new() { Host = "c", Endpoint = "nowhere" }],
                    Ports = [new() { Tap = "../x", Bridge = "b", Node = "n", Mac = Sample.Mac1, Ip = Sample.Ip1 }],
                    Table =
                    [
                        new() { Mac = Sample.Mac1, Ip = Sample.Ip1, Node = "n1", Host = "a" },
                        new() { Mac = Sample.Mac1, Ip = Sample.Ip2, Node = "n2", Host = "b" },
                        new() { Mac = "ff:ff:ff:ff:ff:ff", Ip = Sample.Ip3, Node = "n3", Host = "b" },
                    ],
                },
            ],
        };
        ApplyReply reply = await client.ApplyAsync(state, None);
        Assert.Equal(["member c", "node n2", "node n3", "port ../x"], reply.Errors.Select(e => e.Item).Order());
        SwitchStatus status = await client.StatusAsync(None);
        Assert.Equal("n1", Assert.Single(status.Environments[0].Nodes).Node);
        Assert.Equal("b", Assert.Single(status.Environments[0].Tunnels).Host);
        Assert.Equal(3, status.Version);
        Assert.Equal(reply.Errors.Count, (await client.ApplyAsync(state, None)).Errors.Count);
        await Assert.ThrowsAsync<SwitchRefusedException>(() => client.ApplyAsync(state with { Version = 2 }, None));
        Assert.Equal("unknown-environment", (await Assert.ThrowsAsync<SwitchRefusedException>(
            () => client.ProbeAsync("x", Sample.Ip1, TimeSpan.FromSeconds(1), None))).Code);
        Assert.Equal("bad-request", (await Assert.ThrowsAsync<SwitchRefusedException>(
            () => client.PingAsync(
                "e", Sample.Ip1, TimeSpan.FromMilliseconds(1), 1, TimeSpan.FromSeconds(1), None))).Code);
    }

    [Fact]
    public async Task NodesThatNeverBootHoldNothingUp()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        SwitchWantedState state = OneNode(version: 1);
        Assert.Empty((await client.ApplyAsync(state, None)).Errors);
        using var cancelled = new CancellationTokenSource();
        Task<TimeSpan?>[] waiting = [.. Enumerable.Range(0, 200).Select(_ => client.ProbeAsync(
            "e", Sample.Ip2, TimeSpan.FromSeconds(60), cancelled.Token))];
        Task<PingReport> ping = client.PingAsync(
            "e", Sample.Ip2, TimeSpan.FromMilliseconds(10), null, TimeSpan.FromMilliseconds(100), cancelled.Token);

        // Everything else is answered at once: on this connection and on others, as many as there may be.
        Assert.Equal(2, (await client.ApplyAsync(state with { Version = 2 }, None)).Version);
        for (int i = 0; i < Limits.MaxControlConnections - 1; i++)
        {
            await using SwitchControlClient other = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
            Assert.Equal(2, (await other.StatusAsync(None)).Version);
        }

        Assert.All(waiting, one => Assert.False(one.IsCompleted));

        // Who stops waiting ends the probe in the switch too: all of them fit again, many times.
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        Assert.Equal(0, (await ping).Received);
        for (int round = 0; round < 4; round++)
        {
            using var again = new CancellationTokenSource();
            Task<TimeSpan?>[] more = [.. Enumerable.Range(0, 200).Select(_ => client.ProbeAsync(
                "e", Sample.Ip2, TimeSpan.FromSeconds(60), again.Token))];
            Assert.Equal(2, (await client.StatusAsync(None)).Version);
            Assert.All(more, one => Assert.False(one.IsCompleted, one.Exception?.ToString()));
            await again.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(more));
            await client.PingAsync(
                "e", Sample.Ip2, TimeSpan.FromMilliseconds(10), 30, TimeSpan.FromMilliseconds(1), None);
        }
    }

    [Fact]
    public async Task ProbesAndPingsHaveBoundsOfTheirOwn()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        Assert.Empty((await client.ApplyAsync(OneNode(version: 1), None)).Errors);
        using var end = new CancellationTokenSource();
        var waiting = new List<Task<TimeSpan?>>();
        for (int i = 0; i < Limits.MaxProbes; i++)
        {
            waiting.Add(client.ProbeAsync("e", Sample.Ip2, TimeSpan.FromSeconds(60), end.Token));
            if (i % 50 == 0)
                await client.StatusAsync(None);
        }

        await client.StatusAsync(None);
        Assert.Equal("busy", (await Assert.ThrowsAsync<SwitchRefusedException>(
            () => client.ProbeAsync("e", Sample.Ip2, TimeSpan.FromSeconds(60), None))).Code);
        Assert.Equal(1, (await client.PingAsync(
            "e", Sample.Ip2, TimeSpan.FromMilliseconds(10), 1, TimeSpan.FromMilliseconds(10), None)).Sent);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Fact]
    public async Task WhoWaitsIsToldWhenTheDaemonEnds()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        Assert.Empty((await client.ApplyAsync(OneNode(version: 1), None)).Errors);
        Task<TimeSpan?> waiting = client.ProbeAsync("e", Sample.Ip2, TimeSpan.FromSeconds(60), None);
        await client.StatusAsync(None);
        await _daemon.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => waiting);
        Assert.True(client.IsClosed);
        await Assert.ThrowsAsync<IOException>(() => client.StatusAsync(None));
    }

    [Fact]
    public async Task BothSidesSayWhatTheyCan()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        Assert.Equal(["ids", "ping", "probe", "trace"], client.Server.Capabilities);
        Assert.Equal((ControlHello.Oldest, ControlHello.Newest), (client.Server.MinVersion, client.Server.MaxVersion));
        Assert.Equal(client.Server.Capabilities, ControlHello.Of("test").Capabilities);
    }

    private static SwitchWantedState OneNode(long version) => new()
    {
        Version = version,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "e",
                Members =
                [
                    new() { Host = "a", Endpoint = "127.0.0.1:9", ProberMac = Sample.Mac1, ProberIp = Sample.Ip1 },
                    new() { Host = "b", Endpoint = "127.0.0.1:9" },
                ],
                Table = [new() { Mac = Sample.Mac2, Ip = Sample.Ip2, Node = "n2", Host = "b" }],
            },
        ],
    };

    [Theory]
    [InlineData("""{"type":"status"}""")]
    [InlineData("""{"type":"hello","minVersion":1}""")]
    [InlineData("""{"type":"nonsense"}""")]
    [InlineData("""[1,2""")]
    [InlineData("null")]
    public async Task GarbageEndsTheConnectionWithAReason(string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        Assert.IsType<ControlError>(await SendAsync([.. Length(body.Length), .. body]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(Limits.MaxControlMessageBytes + 1)]
    [InlineData(int.MaxValue)]
    public async Task ALengthBeyondTheLimitIsNotRead(int length) =>
        Assert.IsType<ControlError>(await SendAsync(Length(length)));

    [Fact]
    public async Task AnotherProtocolVersionIsRefusedByBothSides()
    {
        byte[] hello = ControlStream.Encode(new ControlHello(7, 8, [], "future"));
        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await caller.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await using var stream = new ControlStream(new NetworkStream(caller));
        await caller.SendAsync((byte[])[.. Length(hello.Length), .. hello]);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.IsType<ControlHello>(await stream.ReadAsync(limit.Token));
        ControlError refused = Assert.IsType<ControlError>(await stream.ReadAsync(limit.Token));
        Assert.Equal("version", refused.Code);
        Assert.Contains("the caller 7 to 8; update the older one", refused.Reason);

        string path = SocketPath + "9";
        using var future = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        future.Bind(new UnixDomainSocketEndPoint(path));
        future.Listen(1);
        Task<SwitchControlClient> connecting = SwitchControlClient.ConnectAsync(path, "test", limit.Token);
        using Socket accepted = await future.AcceptAsync(limit.Token);
        await accepted.SendAsync((byte[])[.. Length(hello.Length), .. hello]);
        SwitchRefusedException said = await Assert.ThrowsAsync<SwitchRefusedException>(() => connecting);
        Assert.Equal("version", said.Code);
        Assert.Contains("7 to 8", said.Message);
    }

    [Fact]
    public async Task GarbageOnTheUdpPortIsCountedAndTheDaemonGoesOn()
    {
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath, "test", None);
        var random = new Random(7);
        using var stranger = new UdpClient(AddressFamily.InterNetwork);
        var daemon = new IPEndPoint(IPAddress.Loopback, (await client.StatusAsync(None)).Port);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        long counted;
        do
        {
            byte[] garbage = new byte[random.Next(0, 1400)];
            random.NextBytes(garbage);
            await stranger.SendAsync(garbage, daemon, limit.Token);
            counted = (await client.StatusAsync(limit.Token)).Counters["dropGarbage"];
        }
        while (counted < 50);
    }

    [Fact]
    public void RandomBytesAreNoMessage()
    {
        var random = new Random(7);
        byte[] valid = ControlStream.Encode(new ApplyRequest(new SwitchWantedState { Version = 1 }));
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = [.. valid];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                ControlStream.Decode(bytes);
            }
            catch (InvalidDataException)
            {
                // The only exception that is allowed.
            }
        }
    }

    [Fact]
    public async Task IsolationIsOnlySwitchedOffInALab()
    {
        SwitchDaemonOptions options = Options with { UnsafeNoIsolation = true, ControlSocketPath = SocketPath + "2" };
        await Assert.ThrowsAsync<ArgumentException>(() => SwitchDaemon.StartAsync(options, TimeProvider.System));
        await using SwitchDaemon lab = await SwitchDaemon.StartAsync(options with { Lab = true }, TimeProvider.System);
        await using SwitchControlClient client = await SwitchControlClient.ConnectAsync(SocketPath + "2", "test", None);
        Assert.False((await client.StatusAsync(None)).Isolated);
    }

    private async Task<ControlMessage?> SendAsync(byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await socket.SendAsync(bytes);
        await using var stream = new ControlStream(new NetworkStream(socket));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await stream.ReadAsync(limit.Token);
    }

    private static byte[] Length(int length)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        return prefix;
    }
}
