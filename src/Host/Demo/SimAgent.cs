using VioActors.Actors.Host.Agent;
using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Server.Restore;
using VioActors.Simulation;

namespace VioActors.Daemon.Demo;

/// <summary>
/// The production agent of one host, in this process, over a simulated hypervisor and switch. Restarting it makes a new
/// agent
/// over the same simulated host, as a real restart does.
/// </summary>
/// <param name="options">As from the agent's file.</param>
/// <param name="world">Where its host is.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where it logs.</param>
/// <param name="watched">Puts something around what the agent uses, to watch it.</param>
internal sealed class SimAgent(
    AgentOptions options, SimWorld world, TimeProvider time, ILogger log,
    Func<IHypervisor, IRunLedger, (IHypervisor, IRunLedger)>? watched = null) : IAsyncDisposable
{
    private readonly SimRunLedger _ledger = new();
    private SimHost? _host;
    private Running? _running;

    /// <summary>The host's name.</summary>
    public string Name => options.Name;

    /// <summary>Joins the site with a token and starts.</summary>
    public async Task JoinAsync(string token, CancellationToken cancel)
    {
        var membership = await new JoinClient(options, time).JoinAsync(token, cancel);
        _host = world.AddHost(membership.Host, options.Cores, options.MemoryMiB);
        _running = Start(_host);
    }

    /// <summary>Ends the agent without a word, as SIGKILL would, and starts another.</summary>
    public async Task RestartAsync()
    {
        var host = _host ?? throw new InvalidOperationException($"{Name} has not joined.");
        if (_running is { } old) await old.DisposeAsync();
        _running = Start(host);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_running is { } running) await running.DisposeAsync();
        _running = null;
    }

    private Running Start(SimHost host)
    {
        var identity = AgentIdentity.Load(options.IdentityDirectory);
        var own = new SimHypervisor(host);
        var (hypervisor, ledger) = watched?.Invoke(own, _ledger) ?? (own, _ledger);
        var dataPlane = new SimDataPlane(host);
        var agent = new HostAgent(hypervisor, ledger, dataPlane);
        var http = new FabricHttp(identity, new AgentTls(identity, time), time);
        var monitor = new HostMonitor(new SimMeter(host), time, TimeSpan.FromSeconds(options.SampleSeconds));
        var services = new AgentServices
        {
            Identity = identity,
            Mark = MarkFile.Open(options.DataDirectory),
            Options = options,
            Agent = agent,
            Hypervisor = hypervisor,
            DataPlane = dataPlane,
            Desk = new RequestDesk(agent, log),
            Queries = new AgentQueries(
                new NodeFiles(options.NodeDirectory, options.ImageDirectory), dataPlane, monitor),
            Http = http,
            Clock = time,
            Log = log,
        };
        return new Running(agent, http, services, monitor);
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly HostAgent _agent;
        private readonly FabricHttp _http;
        private readonly Task _work;

        public Running(HostAgent agent, FabricHttp http, AgentServices services, HostMonitor monitor)
        {
            (_agent, _http) = (agent, http);
            _work = Task.WhenAll(
                new ServerLinks(services, new Random()).RunAsync(_stop.Token), monitor.RunAsync(_stop.Token));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _agent.DisposeAsync();
            _http.Dispose();
            _stop.Dispose();
        }
    }
}
