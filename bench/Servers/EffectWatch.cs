using System.Collections.Immutable;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;

namespace VioActors.Bench.Servers;

/// <summary>
/// Watches at the hosts, between each agent and what it uses, what is done to nodes under decisions that are older than
/// one that this host has seen. Independent of the agent's own check. Thread-safe.
/// </summary>
internal sealed class EffectWatch
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(IRunLedger, NodeId), (RunPair Asked, RunPair Highest)> _seen = [];

    /// <summary>Changes of nodes that were carried out.</summary>
    public int Done { get; private set; }

    /// <summary>Those among them that were decided before something that the host had seen already.</summary>
    public int Stale { get; private set; }

    /// <summary>Commands that came after a later decision, whatever became of them.</summary>
    public int Late { get; private set; }

    /// <summary>What an agent is to use instead, so that it is watched.</summary>
    public (IHypervisor, IRunLedger) Around(IHypervisor hypervisor, IRunLedger ledger) =>
        (new WatchedHypervisor(hypervisor, node => Acts(ledger, node)), new WatchedLedger(this, ledger));

    private void Asked(IRunLedger ledger, NodeId node, RunPair pair)
    {
        lock (_gate)
        {
            var highest = _seen.TryGetValue((ledger, node), out var seen) ? seen.Highest : pair;
            if (pair < highest) Late++;
            _seen[(ledger, node)] = (pair, pair > highest ? pair : highest);
        }
    }

    // An agent asks its ledger and then acts, one command of a node at a time.
    private void Acts(IRunLedger ledger, NodeId node)
    {
        lock (_gate)
        {
            Done++;
            if (_seen.TryGetValue((ledger, node), out var seen) && seen.Asked < seen.Highest) Stale++;
        }
    }

    private sealed class WatchedLedger(EffectWatch watch, IRunLedger ledger) : IRunLedger
    {
        public ImmutableArray<RunRecord> All => ledger.All;

        public RunRecord? Find(NodeId node) => ledger.Find(node);

        public Task<RunRecord> RaiseAsync(RunRecord command, CancellationToken cancel)
        {
            watch.Asked(ledger, command.Node, command.Pair);
            return ledger.RaiseAsync(command, cancel);
        }
    }
}
