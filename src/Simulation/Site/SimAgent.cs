using System.Collections.Immutable;
using VioActors.Actors.Host.Agent;
using VioActors.Actors.Host.Monitoring;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Simulation.Site;

/// <summary>
/// The agent of a simulated host: the production <see cref="HostAgent"/>, which can die and come back, and its
/// connection to the servers, which can be lost while it goes on.
/// </summary>
internal sealed class SimAgent
{
    private readonly SimRunLedger _ledger = new();
    private HostAgent _agent;
    private HostMonitor _monitor;
    private CancellationTokenSource _line = new();

    public SimAgent(SimHost host)
    {
        Host = host;
        DataPlane = new SimDataPlane(host);
        (_agent, _monitor) = (New(), NewMonitor());
    }

    public SimHost Host { get; }

    public SimDataPlane DataPlane { get; }

    /// <summary>Rises with each life; an answer of an earlier life never arrives.</summary>
    public int Life { get; private set; }

    /// <summary>Since when the servers cannot reach it; null while they can.</summary>
    public DateTimeOffset? AwaySince { get; private set; }

    /// <summary>Ends when the connection of now does.</summary>
    public CancellationToken Line => _line.Token;

    public HostFacts Facts => new()
    {
        Name = Host.Id.Value,
        MemoryMiB = Host.MemoryMiB,
        Cores = Host.Cores,
        DiskMiB = 100_000,
        Hypervisor = "sim 1",
        MachineTypes = ["pc-q35-7.2"],
        CpuModels = ["qemu64"],
        SwitchEndpoint = $"{Host.Id}:1",
        MoveEndpoint = $"{Host.Id}:2",
    };

    public Task<AgentOutcome> DoAsync(long generation, AgentCommand command) => _agent.DoAsync(generation, command);

    public Task<ImmutableArray<NodeObservation>> InventoryAsync() => _agent.InventoryAsync(CancellationToken.None);

    /// <summary>
    /// What it measured. It looks when it is asked, not every second, so that a simulation in which nobody asks costs
    /// nothing: a sample covers the time since the question before.
    /// </summary>
    public async Task<HostSamples> SamplesAsync(DateTimeOffset? since)
    {
        if (!Host.IsDead) await _monitor.LookAsync(CancellationToken.None);
        return _monitor.Since(since);
    }

    /// <summary>Ends this life without a word. What it had begun on the hypervisor stays begun.</summary>
    public void Crash()
    {
        Life++;
        Cut();
        _ = _agent.DisposeAsync();
        (_agent, _monitor) = (New(), NewMonitor());
    }

    /// <summary>Nothing reaches it and no answer leaves it until it is back; its work goes on.</summary>
    public void Leave(DateTimeOffset now)
    {
        AwaySince = now;
        Cut();
    }

    public void Return() => AwaySince = null;

    private void Cut()
    {
        var line = _line;
        _line = new CancellationTokenSource();
        line.Cancel();
    }

    private HostMonitor NewMonitor() => new(new SimMeter(Host), Host.World.Time, HostMonitor.Look);

    private HostAgent New() => new(new SimHypervisor(Host), _ledger, DataPlane);
}
