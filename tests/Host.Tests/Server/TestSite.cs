using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VioActors.Contracts;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Host.Tests.Server;

/// <summary>A real server in this process, on a directory of its own, loopback ports and a unix socket.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ServerProcess _server;

    private TestSite(ServerProcess server, ShiftedClock clock) => (_server, Clock) = (server, clock);

    public ShiftedClock Clock { get; }

    public ServerOptions Options => _server.Options;

    public SiteActors Actors => Get<SiteActors>();

    public SiteTrust Trust => Get<SiteTrust>();

    public SiteAuthority Authority => Get<SiteAuthority>();

    public AgentConnections Agents => Get<AgentConnections>();

    public Uri Api => new($"https://{Get<Listeners>().ApiAddress}/api/v1/");

    public Uri Fabric => new($"https://{Get<Listeners>().FabricAddress}/fabric/");

    public string AdminToken => File.ReadAllText(Options.AdminTokenPath).Trim();

    public static ServerOptions NewOptions(int graceSeconds = 2)
    {
        var directory = Directory.CreateTempSubdirectory("vio-test-").FullName;
        return new ServerOptions
        {
            Name = "test",
            DataDirectory = Path.Combine(directory, "data"),
            ApiSocket = Path.Combine(directory, "api.sock"),
            ApiListen = "127.0.0.1:0",
            FabricListen = "127.0.0.1:0",
            HostGraceSeconds = graceSeconds,
            BlobLimitMiB = 1,
        };
    }

    public static async Task<TestSite> StartAsync(int graceSeconds = 2, ServerOptions? options = null)
    {
        var clock = new ShiftedClock();
        return new TestSite(
            await ServerProcess.StartAsync(options ?? NewOptions(graceSeconds), clock, CancellationToken.None), clock);
    }

    public T Get<T>() where T : notnull => _server.Services.GetRequiredService<T>();

    /// <summary>As whoever runs this test, by the unix socket.</summary>
    public HttpClient Local(string? token = null, Action? connected = null)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Options.ApiSocket!), cancel);
                connected?.Invoke();
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return WithToken(new HttpClient(handler)
        {
            BaseAddress = new Uri("http://localhost/api/v1/"),
            Timeout = Deadline
        }, token);
    }

    /// <summary>By TLS, knowing nothing but the hash of the site's root key.</summary>
    public HttpClient Remote(string? token = null) =>
        WithToken(new HttpClient(Handler(null)) { BaseAddress = Api, Timeout = Deadline }, token);

    /// <summary>On the fabric, with this certificate or none.</summary>
    public HttpClient OnFabric(X509Certificate2? certificate) =>
        new(Handler(certificate)) { BaseAddress = Fabric, Timeout = Deadline };

    /// <summary>A user of this role with a fresh token.</summary>
    public async Task<string> UserAsync(string name, Role role)
    {
        using var admin = Local();
        var answer = await admin.PutAsJsonAsync($"users/{name}", new { role }, Wire.Json);
        answer.EnsureSuccessStatusCode();
        return (await JsonAsync(answer)).GetProperty("token").GetString()!;
    }

    public async Task<string> JoinTokenAsync(string hostName, int minutes = 10)
    {
        using var admin = Local();
        var answer = await admin.PostAsJsonAsync("join-tokens", new { hostName, minutes });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await JsonAsync(answer)).GetProperty("token").GetString()!;
    }

    public async Task<HttpResponseMessage> JoinAsync(string token, ECDsa key, DateTimeOffset? now = null)
    {
        using var nobody = Remote();
        return await nobody.PostAsJsonAsync("join", new { token, csr = Csr(key), now = now ?? Clock.GetUtcNow() });
    }

    /// <summary>A host that joined, with its certificate and key.</summary>
    public async Task<TestHost> HostAsync(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var answer = await JoinAsync(await JoinTokenAsync(name), key);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var body = await JsonAsync(answer);
        using var leaf = X509Certificate2.CreateFromPem(body.GetProperty("certificate").GetString());
        return new TestHost(
            HostId.From(body.GetProperty("host").GetString()!), name, key, leaf.CopyWithPrivateKey(key));
    }

    public static string Csr(ECDsa key) =>
        new CertificateRequest("CN=host", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonElement.Parse(await answer.Content.ReadAsStringAsync());

    public static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await JsonAsync(answer)).GetProperty("code").GetString();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Options.DataDirectory)!, recursive: true);
    }

    /// <summary>Ends the server and keeps its directory.</summary>
    public async Task<ServerOptions> StopAsync()
    {
        await _server.DisposeAsync();
        return Options;
    }

    private SocketsHttpHandler Handler(X509Certificate2? certificate) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, leaf, chain, _) =>
                SiteTrust.Pinned(Trust.RootKeySha256,
                    chain!.ChainPolicy.ExtraStore.Concat(chain.ChainElements.Select(e => e.Certificate)))
                    ?.Check((X509Certificate2)leaf!, Clock.GetUtcNow()).Identity?.Role == LeafRole.Server,
        },
    };

    private static HttpClient WithToken(HttpClient client, string? token)
    {
        // A body that is refused by its length is not sent at all.
        client.DefaultRequestHeaders.ExpectContinue = true;
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}

/// <summary>A member of a test's site.</summary>
internal sealed record TestHost(HostId Id, string Name, ECDsa Key, X509Certificate2 Certificate);

/// <summary>The system's clock, moved; its timers run as usual.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}
