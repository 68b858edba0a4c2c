using System.Collections.Concurrent;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;
using VioActors.Simulation;

namespace VioActors.Embedded.Sample.Sites;

/// <summary>
/// The hosts of the site, in this process: production agents on simulated machines. What a real site sends to its
/// agents over the network goes straight to them.
/// </summary>
internal sealed class LocalHosts : IAsyncDisposable
{
    private readonly SimWorld _world;
    private readonly ConcurrentDictionary<HostId, (HostAgent Agent, SimDataPlane Switch)> _hosts = new();

    public LocalHosts(TimeProvider clock)
    {
        _world = new SimWorld(clock, new SimSpeeds { Boot = TimeSpan.FromMilliseconds(200) });
        Agents = new AgentHandler(this);
        Switches = new SwitchHandler(this);
    }

    public IEffectHandler Agents { get; }

    public IEffectHandler Switches { get; }

    /// <summary>Adds a host; call it before anything is sent there.</summary>
    /// <returns>What its agent says when it connects.</returns>
    public HostFacts Add(HostId id, string name)
    {
        var host = _world.AddHost(id, cores: 4, memoryMiB: 8192);
        var wire = new SimDataPlane(host);
        _hosts[id] = (new HostAgent(new SimHypervisor(host), new SimRunLedger(), wire), wire);
        return new HostFacts
        {
            Name = name,
            MemoryMiB = host.MemoryMiB,
            Cores = host.Cores,
            DiskMiB = 100_000,
            Hypervisor = "sim 1",
            MachineTypes = ["pc-q35-7.2"],
            CpuModels = ["qemu64"],
            SwitchEndpoint = $"{id}:1",
            MoveEndpoint = $"{id}:2",
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (agent, _) in _hosts.Values) await agent.DisposeAsync();
    }

    private sealed class AgentHandler(LocalHosts all) : IEffectHandler
    {
        public string Kind => ActorKinds.AgentEffect;

        public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
        {
            var call = (AgentCall)effect.Payload;
            var outcome = all._hosts.TryGetValue(call.Host, out var host)
                ? await host.Agent.DoAsync(call.Generation, call.Command)
                : AgentOutcome.Failed(FailureCode.HostUnreachable, $"Host {call.Host} is gone.", "Restart the site.");
            return new AgentAnswered(effect.Id, outcome);
        }
    }

    private sealed class SwitchHandler(LocalHosts all) : IEffectHandler
    {
        public string Kind => ActorKinds.SwitchEffect;

        public async Task<object> RunAsync(ActorKey actor, Effect effect, CancellationToken cancel)
        {
            var call = (SwitchCall)effect.Payload;
            if (all._hosts.TryGetValue(call.Host, out var host)) await host.Switch.ApplyAsync(call.Wanted, cancel);
            return new SwitchAnswered(call.Wanted.Version, null);
        }
    }
}
