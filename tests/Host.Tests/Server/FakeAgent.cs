using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Host.Tests.Server;

/// <summary>Speaks an agent's side of the protocol over a real WebSocket; the test decides what it says.</summary>
internal sealed class FakeAgent : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly FrameSocket _frames;
    private readonly CancellationTokenSource _deadline = new(TestSite.Deadline);

    private FakeAgent() => _frames = new FrameSocket(_socket, TimeProvider.System);

    /// <summary>What its switch shall hold, as last told.</summary>
    public SwitchWanted? Switch { get; private set; }

    public WebSocketCloseStatus? Closed => _socket.CloseStatus;

    public string? ClosedWhy => _socket.CloseStatusDescription;

    public static async Task<FakeAgent> OpenAsync(TestSite site, X509Certificate2 certificate)
    {
        var agent = new FakeAgent();
        agent._socket.Options.ClientCertificates.Add(certificate);
        agent._socket.Options.RemoteCertificateValidationCallback = (_, leaf, _, _) =>
            site.Trust.Check((X509Certificate2)leaf!, site.Clock.GetUtcNow()).Identity is not null;
        var address = new UriBuilder(new Uri(site.Fabric, "agent")) { Scheme = "wss" }.Uri;
        await agent._socket.ConnectAsync(address, agent._deadline.Token);
        return agent;
    }

    /// <summary>Connected, greeted, and known to the host's actor.</summary>
    public static async Task<FakeAgent> ConnectAsync(TestSite site, TestHost host)
    {
        var agent = await OpenAsync(site, host.Certificate);
        await agent.SendAsync(Hello(site, host));
        var welcome = Assert.IsType<ServerHello>(await agent.ReadAsync());
        Assert.Null(welcome.Refused);
        Assert.Equal(VersionRange.Ours, welcome.Versions);
        Assert.Equal(Capability.OfServer, welcome.Capabilities);
        await Until.TrueAsync(() => site.Agents.Find(host.Id) is not null);
        return agent;
    }

    public static AgentHello Hello(TestSite site, TestHost host) => new()
    {
        Versions = VersionRange.Ours,
        Build = "test",
        Capabilities = ["what-no-server-knows"],
        Now = site.Clock.GetUtcNow(),
        Facts = new HostFacts
        {
            Name = host.Name,
            MemoryMiB = 4096,
            Cores = 2,
            DiskMiB = 10_000,
            Hypervisor = "sim",
            MachineTypes = ["pc-q35-7.2"],
            CpuModels = ["qemu64"],
            SwitchEndpoint = "127.0.0.1:7001",
            MoveEndpoint = "127.0.0.1:7002",
        },
    };

    public Task SendAsync(AgentFrame frame) => _frames.SendAsync(frame, _deadline.Token);

    public async Task SendRawAsync(string text) =>
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _deadline.Token);

    /// <summary>The next frame; null when the server closed.</summary>
    public async Task<AgentFrame?> ReadAsync()
    {
        try
        {
            return await _frames.ReadAsync(_deadline.Token);
        }
        catch (Exception cut) when (cut is WebSocketException
            || (cut is OperationCanceledException && !_deadline.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The next frame of this type; others are passed over.</summary>
    public async Task<TFrame> ReadAsync<TFrame>() where TFrame : AgentFrame
    {
        while (true)
        {
            if (await ReadAsync() is not { } frame)
                throw new InvalidOperationException($"The server closed before a {typeof(TFrame).Name}: {ClosedWhy}");
            if (frame is TFrame wanted)
                return wanted;
        }
    }

    /// <summary>Does all it is told, until the connection ends.</summary>
    public async Task ObeyAsync()
    {
        while (await ReadAsync() is { } frame)
        {
            if (frame is AgentRequest request)
                await SendAsync(new AgentResponse { Id = request.Id, Outcome = AgentOutcome.Done(Seen(request)) });
            else if (frame is SwitchRequest wanted)
            {
                Switch = wanted.Wanted;
                await SendAsync(new SwitchResponse { Id = wanted.Id });
            }
        }
    }

    private static NodeObservation Seen(AgentRequest request) => new()
    {
        Node = request.Command.Node,
        Run = request.Command.Run,
        Presence = request.Command is StopNode or RemoveNode ? NodePresence.Absent : NodePresence.Running,
    };

    /// <summary>Reads until the server closes.</summary>
    public async Task EndAsync()
    {
        while (await ReadAsync() is not null) { }
    }

    /// <summary>As a cable that is pulled.</summary>
    public void Cut() => _socket.Abort();

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }
}
