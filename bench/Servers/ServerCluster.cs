using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Demo;
using VioActors.Simulation;

namespace VioActors.Bench.Servers;

/// <summary>
/// Several production servers, each its own process, over one store; production agents in this process over one
/// simulated world. On loopback and in one temporary directory.
/// </summary>
internal sealed class ServerCluster : IAsyncDisposable
{
    private const int HostMemoryMiB = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("vio-servers-").FullName;
    private readonly TimeProvider _time;
    private readonly List<SimAgent> _agents = [];
    private readonly List<ApiClient> _apis = [];
    private bool _keepsFiles;

    private ServerCluster(IEnumerable<string> stores, TimeProvider time)
    {
        (_time, World) = (time, new SimWorld(time));
        Servers = [.. stores.Select((store, index) =>
        {
            var name = $"s{index + 1}";
            var directory = Path.Combine(_directory, name);
            Directory.CreateDirectory(directory);
            var ports = FreePorts(2);
            return new SimServer(directory, ports[0], ports[1], name, store);
        })];
    }

    /// <summary>The servers, the first first.</summary>
    public IReadOnlyList<SimServer> Servers { get; }

    /// <summary>All machines.</summary>
    public SimWorld World { get; }

    /// <summary>What the servers had the hosts do to nodes.</summary>
    public EffectWatch Watch { get; } = new();

    /// <summary>Starts servers and hosts, with the image <c>tiny</c>.</summary>
    public static Task<ServerCluster> StartAsync(
        string store, int servers, int hosts, TimeProvider time, CancellationToken cancel) =>
        StartAsync(Enumerable.Repeat(store, servers), hosts, time, cancel);

    /// <summary>The same, with a way to the store for each server.</summary>
    public static async Task<ServerCluster> StartAsync(
        IEnumerable<string> stores, int hosts, TimeProvider time, CancellationToken cancel)
    {
        var cluster = new ServerCluster(stores, time);
        try
        {
            await cluster.StartAsync(hosts, cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where everything of it lies; given away, it stays when this object ends.</summary>
    public string KeepFiles()
    {
        _keepsFiles = true;
        return _directory;
    }

    /// <summary>Where everything of one server lies.</summary>
    public string DirectoryOf(int server) => Path.Combine(_directory, Servers[server].Name);

    /// <summary>The API of one server.</summary>
    public ApiClient Api(int server) => _apis[server];

    /// <summary>Starts a server, and waits until it serves or stands by.</summary>
    public async Task StartServerAsync(int server, CancellationToken cancel)
    {
        Servers[server].Start();
        await UntilAsync($"{Servers[server].Name} serves", async () =>
        {
            Servers[server].CheckAlive();
            return (await Api(server).HealthAsync(cancel)).Serving;
        }, cancel);
    }

    /// <summary>Follows an operation at one server, over any failure of it, to its end.</summary>
    public async Task<OperationView> EndOfAsync(OperationId operation, int server, CancellationToken cancel)
    {
        OperationView? view = null;
        await UntilAsync($"the end of {operation}", async () =>
        {
            view = await Api(server).OperationAsync(operation, cancel);
            return view.Phase is not (OperationPhase.Running or OperationPhase.Undoing);
        }, cancel);
        return view!;
    }

    /// <summary>Waits until something holds; a server that cannot answer yet is no failure.</summary>
    /// <exception cref="BenchException">It does not come to hold.</exception>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, CancellationToken cancel)
    {
        var last = "it does not hold";
        for (var start = _time.GetTimestamp(); _time.GetElapsedTime(start) < Patience;)
        {
            try
            {
                if (await holds()) return;
            }
            catch (CliException notYet)
            {
                last = notYet.Message;
            }

            await Task.Delay(Pause, _time, cancel);
        }

        throw new BenchException($"Waited {Patience.TotalSeconds:0} s until {what}; last: {last}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var api in _apis) api.Dispose();
        foreach (var agent in _agents) await agent.DisposeAsync();
        foreach (var server in Servers) await server.DisposeAsync();
        if (!_keepsFiles) Directory.Delete(_directory, recursive: true);
    }

    private async Task StartAsync(int hosts, CancellationToken cancel)
    {
        foreach (var server in Servers)
            _apis.Add(new ApiClient(new ApiConnection(
                ServerAddress.Parse(server.Socket, null, null, "the bench"), RetryPolicy.Terminal, _time)));
        await StartServerAsync(0, cancel);
        for (var server = 1; server < Servers.Count; server++)
        {
            Servers[server].TakeKeysOf(Servers[0]);
            await StartServerAsync(server, cancel);
        }

        for (var number = 1; number <= hosts; number++)
        {
            var agent = new SimAgent(OptionsOf($"h{number}"), World, _time, NullLogger.Instance, Watch.Around);
            _agents.Add(agent);
            await agent.JoinAsync((await Api(0).JoinTokenAsync(agent.Name, minutes: 5, cancel)).Token, cancel);
        }

        await UntilAsync("all hosts are connected", async () =>
            (await Api(0).HostsAsync(cancel)).Count(host => host.Status == "connected") == hosts, cancel);
        var path = Path.Combine(_directory, "nothing-to-boot");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(512), cancel);
        await new ImageUpload(Api(0).Images, _ => { })
            .AddAsync(new ImageFiles("tiny", path, path, null, null, "quiet"), cancel);
    }

    private AgentOptions OptionsOf(string name)
    {
        var ports = FreePorts(2);
        return new()
        {
            Name = name,
            DataDirectory = Path.Combine(_directory, name),
            RunDirectory = Path.Combine(_directory, name, "run"),
            Hypervisor = "sim",
            MemoryMiB = HostMemoryMiB,
            Cores = 2,
            SwitchListen = $"127.0.0.1:{ports[0]}",
            MoveListen = $"127.0.0.1:{ports[1]}",
        };
    }

    // Asked of the system together, so that they differ; another process could take one before we do.
    private static int[] FreePorts(int count)
    {
        var sockets = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        sockets.ForEach(socket => socket.Start());
        var ports = sockets.Select(socket => ((IPEndPoint)socket.LocalEndpoint).Port).ToArray();
        sockets.ForEach(socket => socket.Dispose());
        return ports;
    }
}
