using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server.Agents;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Agent;

/// <summary>
/// The fabric side of a site without its actors: takes agents in, gives image files, asks what a test asks.
/// </summary>
internal sealed class FakeSite : IAsyncDisposable
{
    private readonly SiteAuthority _authority;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _blobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<HostId, AgentHello> _hellos = new();
    private readonly AgentConnections _agents = new(TimeProvider.System);

    private FakeSite(SiteAuthority authority, WebApplication app, string address)
    {
        (_authority, _app, Address) = (authority, app, address);
    }

    public string Address { get; }

    public SiteId Site => _authority.Trust.Site;

    public AgentConnections Agents => _agents;

    /// <summary>Listens in the namespace of the lab's server machine.</summary>
    public static async Task<FakeSite> StartAsync(LabPlan plan) => await StartAsync(
        Path.Combine(plan.Root, "site"), plan.Server.Address,
        await ListenAsync($"{LabNetwork.NamespaceDirectory}/{plan.Server.Namespace}", plan.Server.Address));

    /// <summary>Listens on this machine itself.</summary>
    public static Task<FakeSite> StartAsync(string directory) =>
        StartAsync(directory, $"{IPAddress.Loopback}", Listening($"{IPAddress.Loopback}"));

    private static async Task<FakeSite> StartAsync(string directory, string address, Socket socket)
    {
        Directory.CreateDirectory(directory);
        var authority = SiteAuthority.LoadOrCreate(directory, "test", TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle(
            (ulong)socket.Handle, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = authority.IssueServer("server1", [address]),
                    ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                    ClientCertificateValidation = (leaf, _, _) =>
                        authority.Trust.Check(leaf, TimeProvider.System.GetUtcNow()).Identity?.Role == LeafRole.Agent,
                });
            }));
        var app = builder.Build();
        var site = new FakeSite(authority, app, $"{address}:{((IPEndPoint)socket.LocalEndPoint!).Port}");
        app.UseWebSockets();
        app.MapGet("/fabric/agent", site.TakeAsync);
        app.MapGet("/fabric/blobs/{hash}", (string hash) =>
            site._blobs.TryGetValue(hash, out var path) ? Results.File(path) : Results.NotFound());
        await app.StartAsync();
        return site;
    }

    public Blob Blob(string path, string hash)
    {
        _blobs[hash] = path;
        return new Blob(hash, new FileInfo(path).Length);
    }

    /// <summary>Writes what a join would have.</summary>
    public void Join(LabMachine machine, HostId host) => Join(machine.StateDirectory, machine.Name, host);

    /// <summary>Writes what a join would have.</summary>
    public void Join(string stateDirectory, string name, HostId host)
    {
        var directory = Path.Combine(stateDirectory, "identity");
        using var key = AgentIdentity.LoadOrCreateKey(directory);
        using var leaf = _authority.IssueAgent(AgentIdentity.RequestPem(key), host);
        AgentIdentity.Save(
            directory, leaf.ExportCertificatePem(), _authority.Trust.Root.ExportCertificatePem(),
            new SiteMembership(Site, host, name, [Address]));
    }

    public async Task<AgentOutcome> DoAsync(HostId host, AgentCommand command, long generation = 1)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var agent = await _agents.WaitAsync(host, late.Token);
            try
            {
                return await agent.RequestAsync(
                    new AgentRequest { Id = Guid.NewGuid().ToString(), Generation = generation, Command = command },
                    late.Token);
            }
            catch (AgentLostException)
            {
                // It was killed on purpose; it comes back.
            }
        }
    }

    public async Task SwitchAsync(HostId host, SwitchWanted wanted)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Until.TrueAsync($"the switch of {host} is up", async () =>
        {
            var agent = await _agents.WaitAsync(host, late.Token);
            var failure = await agent.SwitchAsync(
                new SwitchRequest { Id = Guid.NewGuid().ToString(), Wanted = wanted }, late.Token);
            Assert.True(failure is null or { Code: "switch-down" }, $"{failure}");
            return failure is null;
        });
    }

    /// <summary>Closes the agent's connection; what it says when it is back is how it sees its host now.</summary>
    public async Task<AgentHello> HelloAgainAsync(HostId host)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var before = await _agents.WaitAsync(host, late.Token);
        var said = _hellos[host];
        before.Close("to hear its hello again");
        await Until.TrueAsync($"the agent of {host} says hello again", () => !ReferenceEquals(_hellos[host], said));
        return _hellos[host];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _authority.Dispose();
    }

    private async Task TakeAsync(HttpContext http)
    {
        var host = HostId.From(LeafIdentity.Of(http.Connection.ClientCertificate!)!.Id);
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var frames = new FrameSocket(socket, TimeProvider.System);
        var hello = (AgentHello)(await frames.ReadAsync(http.RequestAborted))!;
        await frames.SendAsync(
            new ServerHello
            { Version = hello.Versions.Common(VersionRange.Ours)!.Value, Build = "test", Servers = [Address] },
            http.RequestAborted);
        _hellos[host] = hello;
        var connection = new AgentConnection(host, hello.Facts, frames, TimeProvider.System);
        _agents.Put(connection);
        var why = await connection.RunAsync(http.RequestAborted);
        _agents.Remove(connection);
        connection.FailPending(why);
    }

    private static async Task<Socket> ListenAsync(string networkNamespace, string address)
    {
        var listening = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        NetworkNamespace.Start("fake-site", networkNamespace, () =>
        {
            try
            {
                listening.SetResult(Listening(address));
            }
            catch (SocketException failed)
            {
                listening.SetException(failed);
            }
        });
        return await listening.Task;
    }

    private static Socket Listening(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        socket.Listen(64);
        return socket;
    }
}
