using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Daemons on loopback whose datagrams do not pass, or do; needs no rights.</summary>
public sealed class StreamTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viosw");
    private readonly TestSite _site = new("site1", TimeProvider.System.GetUtcNow());
    private readonly List<IAsyncDisposable> _all = [];

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable one in _all.AsEnumerable().Reverse())
            await one.DisposeAsync();
        _site.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Where_no_datagram_passes_a_connection_does()
    {
        int port = FreePort();
        SwitchControlClient a = await StartAsync("a", null);
        SwitchControlClient b = await StartAsync("b", new IPEndPoint(IPAddress.Loopback, port));

        // Nobody listens at port 9 of this address; b cannot call at all.
        await ApplyAsync(a, new WantedMember
        {
            Host = "b",
            Endpoint = "127.0.0.2:9",
            TcpEndpoint = $"127.0.0.1:{port}",
        });
        await ApplyAsync(b, new WantedMember { Host = "a", Endpoint = "" });
        await BecomesAsync("tcp", a, b);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Where_datagrams_pass_they_are_used_in_either_family(string address)
    {
        if (address.Contains(':') && !Socket.OSSupportsIPv6)
            Assert.Skip("needs IPv6");
        var loopback = IPAddress.Parse(address);
        SwitchControlClient a = await StartAsync("a", null, loopback), b = await StartAsync("b", null, loopback);
        var of = new Dictionary<SwitchControlClient, WantedMember>();
        foreach ((SwitchControlClient client, string host) in new[] { (a, "a"), (b, "b") })
        {
            int port = (await client.StatusAsync(None)).Port;
            of[client] = new WantedMember { Host = host, Endpoint = new IPEndPoint(loopback, port).ToString() };
        }

        await ApplyAsync(a, of[b]);
        await ApplyAsync(b, of[a]);
        await BecomesAsync("direct", a, b);
    }

    [Fact]
    public async Task Who_shows_no_proof_or_another_hosts_gets_no_connection()
    {
        int port = FreePort();
        await StartAsync("b", new IPEndPoint(IPAddress.Loopback, port));
        using var key = new SwitchIdentity();
        using var identity = new StreamIdentity(
            key, new PeerVerifier("site1", _site.CaPem, TimeProvider.System), TimeProvider.System);
        Assert.Null(identity.Client("b", "a"));
        key.Install(_site.Prove(key, "a", TimeProvider.System.GetUtcNow().AddHours(1)));
        await CallAsync(port, identity.Client("b", "a")!, refused: false);
        await CallAsync(port, identity.Client("c", "a")!, refused: true);
        await CallAsync(port, identity.Client("b", "x")!, refused: true);
        await CallAsync(port, new SslClientAuthenticationOptions
        {
            TargetHost = "switchd",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }, refused: true);
    }

    [Fact]
    public void A_proof_in_another_keys_certificate_proves_nothing()
    {
        using var key = new SwitchIdentity();
        using var thief = new SwitchIdentity();
        IdentityProof proof = _site.Prove(key, "a", TimeProvider.System.GetUtcNow().AddHours(1));
        key.Install(proof);
        thief.Install(proof);
        using var own = new StreamIdentity(
            key, new PeerVerifier("site1", _site.CaPem, TimeProvider.System), TimeProvider.System);
        using var other = new StreamIdentity(
            thief, new PeerVerifier("site1", _site.CaPem, TimeProvider.System), TimeProvider.System);
        using X509Certificate2 good = own.Certificate("a")!, stolen = other.Certificate("a")!;
        using X509Certificate2 renamed = own.Certificate("b")!;
        Assert.Equal("a", own.HostOf(good));
        Assert.Null(own.HostOf(stolen));
        Assert.Null(own.HostOf(renamed));
    }

    [Fact]
    public void Any_bytes_of_a_stream_are_datagrams_or_none()
    {
        var random = new Random(5);
        byte[] bytes = new byte[300];
        long whole = 0;
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(bytes);
            if (i % 2 == 0)
                bytes[0] = 0;
            ReadOnlySpan<byte> buffered = bytes.AsSpan(0, random.Next(0, bytes.Length));
            int length = StreamFrames.Length(buffered);
            Assert.InRange(length, -1, StreamFrames.MaxBytes);
            if (length <= 0)
                continue;
            whole++;
            Assert.True(length + StreamFrames.PrefixBytes <= buffered.Length);
            byte[] again = new byte[length + StreamFrames.PrefixBytes];
            StreamFrames.Write(again, buffered.Slice(StreamFrames.PrefixBytes, length));
            Assert.Equal(buffered[..again.Length], again);
        }

        Assert.NotEqual(0, whole);
    }

    [Fact]
    public void Any_bytes_of_a_certificate_are_a_proof_or_none()
    {
        using var key = new SwitchIdentity();
        IdentityProof proof = _site.Prove(key, "a", TimeProvider.System.GetUtcNow().AddHours(1));
        byte[] good = new byte[2048];
        var writer = new WireWriter(good);
        writer.Text("a");
        proof.Write(ref writer);
        int length = writer.Length;
        Assert.True(StreamIdentity.TryRead(good.AsSpan(0, length), out string host, out _));
        Assert.Equal("a", host);
        var random = new Random(6);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = good[..length];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                bytes[random.Next(i % 2 == 0 ? 200 : length)] = (byte)random.Next(256);
            _ = StreamIdentity.TryRead(bytes.AsSpan(0, i % 3 == 0 ? random.Next(length) : length), out _, out _);
        }
    }

    [Fact]
    public async Task A_connection_that_takes_nothing_costs_datagrams_and_no_time()
    {
        (Stream near, Stream far) = await PairAsync();
        var link = new StreamLink(near, new IPEndPoint(IPAddress.Loopback, 1));
        Task running = link.RunAsync((_, _, _) => { });
        byte[] datagram = new byte[1400];
        int taken = 0;
        for (int i = 0; i < 100_000; i++)
            taken += link.TrySend(datagram) ? 1 : 0;
        Assert.InRange(taken, 1, 50_000);
        link.Dispose();
        await running;
        Assert.True(link.IsClosed);
        Assert.False(link.TrySend(datagram));
        await far.DisposeAsync();
    }

    private static async Task BecomesAsync(string path, params SwitchControlClient[] clients)
    {
        foreach (SwitchControlClient client in clients)
        {
            TunnelStatus? tunnel = null;
            for (int i = 0; i < 400 && (tunnel is not { Up: true, Mtu: 1500 } || tunnel.Path != path); i++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, None);
                tunnel = (await client.StatusAsync(None)).Environments[0].Tunnels[0];
            }

            Assert.Equal((true, path, 1500), (tunnel!.Up, tunnel.Path, tunnel.Mtu));
            Assert.NotNull(tunnel.RttMs);
        }
    }

    private static async Task CallAsync(int port, SslClientAuthenticationOptions options, bool refused)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        await using var tls = new SslStream(client.GetStream());
        bool ended = false;
        try
        {
            await tls.AuthenticateAsClientAsync(options, limit.Token);

            // In TLS 1.3 the server refuses after the client is done: its alert is the first thing to be read.
            byte[] garbage = new byte[StreamFrames.PrefixBytes + DatagramHeader.Bytes];
            garbage[1] = DatagramHeader.Bytes;
            await tls.WriteAsync(garbage, limit.Token);
            using var shortly = new CancellationTokenSource(
                TimeSpan.FromSeconds(refused ? 10 : 1), TimeProvider.System);
            ended = await tls.ReadAsync(new byte[1], shortly.Token) == 0;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            ended = true;
        }
        catch (OperationCanceledException)
        {
            // Nothing came: the server listens to us.
        }

        Assert.Equal(refused, ended);
    }

    private static async Task<(Stream Near, Stream Far)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, None);
        TcpClient server = await listener.AcceptTcpClientAsync(None);
        return (client.GetStream(), server.GetStream());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<SwitchControlClient> StartAsync(string host, IPEndPoint? tcp, IPAddress? address = null)
    {
        string socket = Path.Combine(_directory.FullName, host + ".sock");
        _all.Add(await SwitchDaemon.StartAsync(
            new SwitchDaemonOptions
            {
                HostId = host,
                SiteId = "site1",
                SiteCaPem = _site.CaPem,
                Listen = new IPEndPoint(address ?? IPAddress.Loopback, 0),
                TcpListen = tcp,
                ControlSocketPath = socket,
                DisableBridgeFilter = false,
            }, TimeProvider.System));
        SwitchControlClient client = await SwitchControlClient.ConnectAsync(socket, "test", None);
        _all.Add(client);
        (string pem, ECDsa key) = _site.IssueHost(host);
        using (key)
            await client.RenewIdentityAsync(pem, key, TimeProvider.System.GetUtcNow().AddHours(1), None);
        return client;
    }

    private static async Task ApplyAsync(SwitchControlClient client, WantedMember other)
    {
        ApplyReply reply = await client.ApplyAsync(
            new SwitchWantedState
            {
                Version = 1,
                Environments = [new WantedEnvironment { Id = "e", Members = [other] }],
            }, None);
        Assert.Empty(reply.Errors);
    }
}
