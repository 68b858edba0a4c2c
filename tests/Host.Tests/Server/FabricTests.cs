using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VioActors.Contracts;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Cluster;
using VioActors.Runtime;

namespace VioActors.Host.Tests.Server;

/// <summary>Who gets through the fabric's door, and who does not.</summary>
public sealed class FabricTests
{
    [Fact]
    public async Task Without_a_certificate_nothing_is_answered()
    {
        await using var site = await TestSite.StartAsync();
        using var nobody = site.OnFabric(null);
        await Assert.ThrowsAsync<HttpRequestException>(() => nobody.GetAsync("blobs/x"));
    }

    [Fact]
    public async Task A_certificate_of_another_site_is_cut_off()
    {
        await using var site = await TestSite.StartAsync();
        await using var other = await TestSite.StartAsync();
        var stranger = await other.HostAsync("rack-1");
        using var client = site.OnFabric(stranger.Certificate);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("blobs/x"));
    }

    [Fact]
    public async Task A_servers_certificate_is_no_agents()
    {
        await using var site = await TestSite.StartAsync();
        using var leaf = site.Authority.IssueServer("another", []);
        using var client = site.OnFabric(leaf);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("blobs/x")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsJsonAsync("renew", new { csr = "" })).StatusCode);
    }

    [Fact]
    public async Task What_servers_ask_each_other_no_agent_may_ask()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var agent = site.OnFabric(host.Certificate);
        using var leaf = site.Authority.IssueServer("another", []);
        using var server = site.OnFabric(leaf);
        var actor = $"site/{site.Authority.Trust.Site}";
        (string Path, object Body)[] questions =
        [
            ("ask", new { actor, name = "site.remove-user/1", json = "{}", principal = "root:admin" }),
            ("read", new { actor }), ("wake", new { shards = new[] { 0 } }), ("stats", new { }),
            ("drain", new { isDraining = false }),
        ];
        foreach (var (path, body) in questions)
            Assert.Equal(
                HttpStatusCode.Forbidden, (await agent.PostAsJsonAsync($"/fabric/peer/{path}", body)).StatusCode);
        var state = await server.PostAsJsonAsync("/fabric/peer/read", new { actor });
        Assert.Contains("rack-1", await state.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var garbage = await server.PostAsJsonAsync(
            "/fabric/peer/ask", new { actor = "no-slash", name = "x", json = "{", principal = "?" });
        Assert.Equal(HttpStatusCode.BadRequest, garbage.StatusCode);
    }

    [Fact]
    public async Task A_server_that_does_not_listen_yet_is_read_later()
    {
        await using var site = await TestSite.StartAsync();
        using var peers = new PeerClient(site.Get<MessageCodec>(), site.Get<ServerLeaf>(), site.Trust, site.Clock);
        var starting = new ServerRow("incarnation", "s2", "", IsDraining: false);
        await Assert.ThrowsAsync<NotServingException>(() =>
            peers.ReadAsync(starting, site.Actors.SiteKey, CancellationToken.None));
        await peers.WakeAsync(starting, [0]);
    }

    [Fact]
    public async Task The_api_is_not_on_the_fabric_and_the_fabric_not_on_the_api()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var onFabric = site.OnFabric(host.Certificate);
        Assert.Equal(HttpStatusCode.NotFound, (await onFabric.GetAsync("/api/v1/hosts")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await onFabric.GetAsync("/api/v1/hello")).StatusCode);
        using var admin = site.Local();
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/fabric/agent")).StatusCode);
    }

    [Fact]
    public async Task An_ended_certificate_may_renew_for_30_days_and_nothing_else()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        site.Clock.Shift = TimeSpan.FromDays(20);
        using var late = site.OnFabric(host.Certificate);
        Assert.Equal(HttpStatusCode.Forbidden, (await late.GetAsync($"blobs/{new string('a', 64)}")).StatusCode);
        var answer = await late.PostAsJsonAsync("renew", new { csr = TestSite.Csr(host.Key) });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var renewed = X509Certificate2.CreateFromPem(
            (await TestSite.JsonAsync(answer)).GetProperty("certificate").GetString());
        using var fresh = site.OnFabric(renewed.CopyWithPrivateKey(host.Key));
        Assert.Equal(HttpStatusCode.NotFound, (await fresh.GetAsync($"blobs/{new string('a', 64)}")).StatusCode);
        site.Clock.Shift = TimeSpan.FromDays(40);
        using var tooLate = site.OnFabric(host.Certificate);
        await Assert.ThrowsAsync<HttpRequestException>(() => tooLate.GetAsync("blobs/x"));
    }

    [Fact]
    public async Task A_renewal_keeps_the_key_and_a_rejoin_ends_the_old_one()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var client = site.OnFabric(host.Certificate);
        var swapped = await client.PostAsJsonAsync("renew", new { csr = TestSite.Csr(another) });
        Assert.Equal(HttpStatusCode.BadRequest, swapped.StatusCode);
        var again = await site.HostAsync("rack-1");
        Assert.Equal(host.Id, again.Id);
        var stale = await client.PostAsJsonAsync("renew", new { csr = TestSite.Csr(host.Key) });
        Assert.Equal((HttpStatusCode.Forbidden, "unknown-key"), (stale.StatusCode, await TestSite.CodeAsync(stale)));
        await Assert.ThrowsAsync<WebSocketException>(() => FakeAgent.OpenAsync(site, host.Certificate));
    }

    [Fact]
    public async Task Garbage_on_every_listener_changes_nothing()
    {
        await using var site = await TestSite.StartAsync();
        var random = new Random(7);
        foreach (var address in new[] { site.Api, site.Fabric })
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await tcp.ConnectAsync(IPEndPoint.Parse(address.Authority));
            await SendGarbageAsync(tcp, random);
        }
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await unix.ConnectAsync(new UnixDomainSocketEndPoint(site.Options.ApiSocket!));
        await SendGarbageAsync(unix, random);
        using var admin = site.Local();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("health")).StatusCode);
        await site.HostAsync("rack-1");
    }

    [Fact]
    public async Task An_image_file_arrives_whole_or_not_at_all()
    {
        await using var site = await TestSite.StartAsync();
        var host = await site.HostAsync("rack-1");
        var content = RandomNumberGenerator.GetBytes(100_000);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        using var admin = site.Local();
        var wrong = await admin.PutAsync($"blobs/{new string('0', 64)}", new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var escaping = await admin.PutAsync("blobs/..%2Fadmin.token", new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.BadRequest, escaping.StatusCode);
        var tooLong = await admin.PutAsync($"blobs/{hash}", new ByteArrayContent(new byte[(1 << 20) + 10]));
        Assert.True(tooLong.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge,
            tooLong.StatusCode.ToString());
        Assert.Empty(Directory.GetFiles(site.Options.BlobDirectory));
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync($"blobs/{hash}", new ByteArrayContent(content)))
            .StatusCode);
        using var fabric = site.OnFabric(host.Certificate);
        Assert.Equal(content, await fabric.GetByteArrayAsync($"blobs/{hash}"));
    }

    private static async Task SendGarbageAsync(Socket socket, Random random)
    {
        var garbage = new byte[4096];
        random.NextBytes(garbage);
        try
        {
            await socket.SendAsync(garbage);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(garbage) > 0) { }
        }
        catch (SocketException)
        {
            // Cut off: that is the answer.
        }
    }
}
