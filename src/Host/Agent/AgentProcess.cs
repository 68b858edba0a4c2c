using System.Net;
using VioActors.Actors.Host.Agent;
using VioActors.Actors.Host.Monitoring;
using VioActors.Actors.Switch;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Agent.Monitoring;
using VioActors.Daemon.Agent.Moves;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Restore;
using VioActors.Daemon.Shell;
using VioActors.Simulation;

namespace VioActors.Daemon.Agent;

/// <summary>
/// The agent of one host: puts the parts together and runs them until told to stop. Machines and switch go on then.
/// </summary>
internal static class AgentProcess
{
    private const long LargestImageBytes = 1L << 40;

    /// <summary>Runs an agent.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="log">For the operator.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="StartupException">It cannot start; names the next step.</exception>
    public static async Task RunAsync(AgentOptions options, ILogger log, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var identity = AgentIdentity.Load(options.IdentityDirectory);
        if (identity.HostName != options.Name)
            throw new StartupException(
                $"This host joined as '{identity.HostName}', and the configuration names it '{options.Name}'.",
                "Correct the name, or rejoin with a token for the new one.");
        var tls = new AgentTls(identity, clock);
        using var http = new FabricHttp(identity, tls, clock);
        var files = new NodeFiles(options.NodeDirectory, options.ImageDirectory);
        var ledger = FileRunLedger.Open(options.RunLedgerDirectory, new ProcessRunner(clock), clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var parts = await PartsAsync(
            options, new Shared(identity, tls, http, files, clock, log), stop.Token);
        await using var agent = new HostAgent(parts.Hypervisor, ledger, parts.Probe);
        var monitor = new HostMonitor(
            parts.Meter, clock, TimeSpan.FromSeconds(options.SampleSeconds), log.NotMeasured);
        var services = new AgentServices
        {
            Identity = identity,
            Mark = MarkFile.Open(options.DataDirectory),
            Options = options,
            Agent = agent,
            Hypervisor = parts.Hypervisor,
            DataPlane = parts.DataPlane,
            Desk = new RequestDesk(agent, log),
            Queries = new AgentQueries(files, parts.DataPlane, monitor, parts.DataPlane as ISwitchSight),
            Http = http,
            Clock = clock,
            Log = log,
        };
        log.Started(options.Name, identity.Host.Value, options.Hypervisor, parts.DomainType);
        Task[] running =
        [
            new ServerLinks(services, new Random()).RunAsync(stop.Token),
            new CertificateRenewal(identity, http, clock, log).RunAsync(stop.Token),
            monitor.RunAsync(stop.Token),
            .. parts.Running,
        ];
        try
        {
            await await Task.WhenAny(running);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private sealed record Shared(
        AgentIdentity Identity, AgentTls Tls, FabricHttp Http, NodeFiles Files, TimeProvider Clock, ILogger Log);

    private sealed record Parts(
        IHypervisor Hypervisor, IMeter Meter, IDataPlane DataPlane, IReadyProbe Probe, string DomainType,
        Task[] Running, IAsyncDisposable[] Owned)
        : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var owned in Owned) await owned.DisposeAsync();
        }
    }

    private static Task<Parts> PartsAsync(AgentOptions options, Shared shared, CancellationToken cancel) =>
        options.Hypervisor == "sim" ? Task.FromResult(Simulated(options, shared)) : RealAsync(options, shared, cancel);

    private static Parts Simulated(AgentOptions options, Shared shared)
    {
        var host = new SimWorld(shared.Clock).AddHost(shared.Identity.Host, options.Cores, options.MemoryMiB);
        var dataPlane = new SimDataPlane(host);
        return new Parts(new SimHypervisor(host), new SimMeter(host), dataPlane, dataPlane, "sim", [], []);
    }

    private static async Task<Parts> RealAsync(AgentOptions options, Shared shared, CancellationToken cancel)
    {
        var (identity, tls, http, files, clock, log) = shared;
        var runner = new ProcessRunner(clock);
        var owner = new QemuOwner(options.QemuUser, runner);
        var domainType = await new Accelerator(runner, owner, clock).ChooseAsync(options.Accelerator, cancel);
        var sockets = new PortSockets(options.Port, owner, options.Switchd.Gid);
        await sockets.CreateAsync(cancel);
        NodeFiles.CreateImageDirectory(options.ImageDirectory);
        var images = new BlobStore(options.ImageDirectory, LargestImageBytes);
        var gate = new MoveGate(clock);
        var paths = new MovePaths(options.MoveDirectory, options.MoveDirectory);
        // Streams end with the agent, so what is left of them is of moves that ended with it.
        paths.RemoveAll();
        var libvirt = new LibvirtLink(options.LibvirtUri, options.Name, clock, log);
        var supervisor = new SwitchSupervisor(options, identity, new SwitchProcess(options, runner), clock, log);
        var welcome = new MoveWelcome(
            options.DataDirectory, domainType, options.NodePorts, options.RunDirectory);
        var hypervisor = new LibvirtHypervisor(new LibvirtParts
        {
            Options = options,
            DomainType = domainType,
            Libvirt = libvirt,
            Files = files,
            Gate = gate,
            Paths = paths,
            Fetch = (blob, stop) => http.FetchAsync(blob, images, stop),
            Runner = runner,
            Clock = clock,
            Owner = owner,
            PortSockets = sockets,
            Port = new PortWait(options.Port, supervisor.PortsAsync, clock),
            Moves = new LibvirtMoves(
                libvirt, tls, paths, owner, welcome, LibvirtSocket.NameOf(options.LibvirtUri), clock),
        });
        var listener = new MoveListener(
            IPEndPoint.Parse(options.MoveListen), tls, gate, paths, LibvirtSocket.Of(options.LibvirtUri),
            welcome, clock, log);
        var dataPlane = new SwitchdDataPlane(supervisor, clock);
        var meter = new LibvirtMeter(libvirt, new CpuGroups("/sys/fs/cgroup"), clock);
        return new Parts(
            hypervisor, options.Port.HasSocket ? new PortMeter(meter, supervisor) : meter, dataPlane, dataPlane,
            domainType, [listener.RunAsync(cancel), supervisor.RunAsync(cancel)],
            [supervisor, libvirt]);
    }
}
