using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using VioActors.Contracts;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Shell;
using VioActors.Simulation;

namespace VioActors.Daemon.Demo;

/// <summary>
/// A site without root: the production server as a child, two production agents in this process over one simulated
/// world.
/// Everything is on loopback and in one temporary directory.
/// </summary>
internal sealed class SimSite : IDemoSite
{
    private const int HostMemoryMiB = 4096;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private readonly string _directory;
    private readonly SimWorld _world;
    private readonly SimServer _server;
    private readonly List<SimAgent> _agents;

    private SimSite(string directory, TimeProvider time)
    {
        _directory = directory;
        _world = new SimWorld(time);
        var ports = FreePorts(6);
        _server = new SimServer(directory, ports[0], ports[1]);
        _agents = [.. Enumerable.Range(1, 2).Select(number => new SimAgent(
            OptionsOf(number, ports[number * 2], ports[(number * 2) + 1]), _world, time, NullLogger.Instance))];
        Address = ServerAddress.Parse(_server.Socket, null, null, "the demo");
    }

    /// <inheritdoc/>
    public string Hypervisor => "sim";

    /// <inheritdoc/>
    public bool HasGuests => false;

    /// <inheritdoc/>
    public ServerAddress Address { get; }

    /// <summary>Brings it up.</summary>
    public static async Task<SimSite> UpAsync(IStepView view, TimeProvider time, CancellationToken cancel)
    {
        foreach (var left in SimRemains.Clear(Path.GetTempPath())) view.At(0.05, $"removed {left} of a killed demo");
        var directory = Directory.CreateTempSubdirectory(SimRemains.Prefix).FullName;
        PidRecord.Of(Environment.ProcessId)?.Save(Path.Combine(directory, SimRemains.Owner));
        var site = new SimSite(directory, time);
        try
        {
            view.At(0.2, "server");
            site._server.Start();
            using var api = new ApiClient(new ApiConnection(site.Address, RetryPolicy.Terminal, time));
            await site.WaitAsync(async () => (await api.HealthAsync(cancel)).Serving, time, cancel);
            view.At(0.6, "agents");
            foreach (var agent in site._agents)
                await agent.JoinAsync((await api.JoinTokenAsync(agent.Name, minutes: 5, cancel)).Token, cancel);
            await site.WaitAsync(
                async () =>
                    (await api.HostsAsync(cancel)).Count(host => host.Status == "connected") == site._agents.Count,
                time, cancel);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task AddImagesAsync(ApiClient api, IStepView view, CancellationToken cancel)
    {
        var path = Path.Combine(_directory, "nothing-to-boot");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(512), cancel);
        var upload = new ImageUpload(api.Images, _ => { });
        await upload.AddAsync(new ImageFiles("tiny", path, path, null, null, "quiet"), cancel);
        await upload.AddAsync(new ImageFiles("tiny-disk", path, path, path, "raw", "quiet"), cancel);
    }

    /// <inheritdoc/>
    public int? ServerPid => _server.Pid;

    /// <inheritdoc/>
    public Task KillServerAsync(CancellationToken cancel) => _server.KillAsync(cancel);

    /// <inheritdoc/>
    public Task KillAgentAsync(string host, CancellationToken cancel) =>
        _agents.Single(agent => agent.Name == host).RestartAsync();

    /// <inheritdoc/>
    public Task KillSwitchAsync(string host, CancellationToken cancel) =>
        throw new InvalidOperationException("A simulated switch has no process.");

    /// <inheritdoc/>
    public int CopiesRunning(NodeId node) => _world.RunningCopies(node);

    /// <inheritdoc/>
    public TimeSpan? CpuTime(NodeId node) => null;

    /// <inheritdoc/>
    public Task<int?> CopiesWithOneMoreAsync(NodeId node, CancellationToken cancel) => Task.FromResult<int?>(null);

    /// <inheritdoc/>
    public Task<long?> CrossingsWithoutIsolationAsync(ApiClient api, CancellationToken cancel) =>
        Task.FromResult<long?>(null);

    /// <inheritdoc/>
    public Task<int?> LeftOverWithOneMoreAsync(CancellationToken cancel) => Task.FromResult<int?>(null);

    /// <inheritdoc/>
    public async Task<DemoLeftOver> DownAsync(CancellationToken cancel)
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        await _server.DisposeAsync();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
        List<string> left = [.. _world.Violations];
        if (_server.IsAlive) left.Add("process vio server");
        if (Directory.Exists(_directory)) left.Add($"files {_directory}");
        return new DemoLeftOver(left.Count, left);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await DownAsync(CancellationToken.None);

    private AgentOptions OptionsOf(int number, int switchPort, int movePort) => new()
    {
        Name = $"h{number}",
        DataDirectory = Path.Combine(_directory, $"h{number}"),
        RunDirectory = Path.Combine(_directory, $"h{number}", "run"),
        Hypervisor = "sim",
        MemoryMiB = HostMemoryMiB,
        Cores = 2,
        SwitchListen = $"127.0.0.1:{switchPort}",
        MoveListen = $"127.0.0.1:{movePort}",
    };

    // Asked of the system together, so that they differ; another process could take one before the server does.
    private static int[] FreePorts(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        sockets.ForEach(socket => socket.Start());
        var ports = sockets.Select(socket => ((IPEndPoint)socket.LocalEndpoint).Port).ToArray();
        sockets.ForEach(socket => socket.Dispose());
        return ports;
    }

    private async Task WaitAsync(Func<Task<bool>> holds, TimeProvider time, CancellationToken cancel)
    {
        var last = await SiteStart.UntilAsync(
            () =>
            {
                _server.CheckAlive();
                return holds();
            },
            StartTime, time, cancel);
        if (last is not null)
            throw new DemoFailedException(
                $"The simulated site did not start within {StartTime.TotalSeconds:0} s: {last}");
    }
}
