using System.Collections.Immutable;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Simulation;

namespace VioActors.Bench.Servers;

/// <summary>
/// Sends a host a command that was decided before one that it has carried out, on purpose: a production agent turns it
/// away, and one without a memory carries it out, which the watch must see.
/// </summary>
internal static class EffectControl
{
    private static readonly NodeId Node = NodeId.From("00000000-0000-4000-8000-000000000001");

    /// <summary>What the watch saw and how the late command ended.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="remembers">Whether the agent has its memory of runs.</param>
    public static async Task<(EffectWatch Watch, string? Refused)> RunAsync(TimeProvider time, bool remembers)
    {
        var watch = new EffectWatch();
        var host = new SimWorld(time).AddHost(HostId.From("host-of-the-control"));
        IRunLedger memory = remembers ? new SimRunLedger() : new NoMemory();
        var (hypervisor, ledger) = watch.Around(new SimHypervisor(host), memory);
        await using var agent = new HostAgent(hypervisor, ledger, new SimDataPlane(host));
        await agent.DoAsync(generation: 1, new StopNode { Node = Node, Run = 2 });
        var late = await agent.DoAsync(generation: 1, new StopNode { Node = Node, Run = 1 });
        return (watch, late.Failure?.Code);
    }

    private sealed class NoMemory : IRunLedger
    {
        public ImmutableArray<RunRecord> All => [];

        public RunRecord? Find(NodeId node) => null;

        public Task<RunRecord> RaiseAsync(RunRecord command, CancellationToken cancel) => Task.FromResult(command);
    }
}
