using System.Collections.Immutable;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;

namespace VioActors.Simulation;

/// <summary>
/// A run ledger in memory. Hand the same one to the next agent of a host and it survived the restart.
/// </summary>
public sealed class SimRunLedger : IRunLedger
{
    private readonly Dictionary<NodeId, RunRecord> _records = [];
    private readonly Lock _gate = new();

    /// <summary>How many stores fail from now on, as a full disk does.</summary>
    public int FailNext { get; set; }

    /// <inheritdoc/>
    public ImmutableArray<RunRecord> All
    {
        get { lock (_gate) return [.. _records.Values]; }
    }

    /// <inheritdoc/>
    public RunRecord? Find(NodeId node)
    {
        lock (_gate) return _records.GetValueOrDefault(node);
    }

    /// <inheritdoc/>
    public Task<RunRecord> RaiseAsync(RunRecord command, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (FailNext > 0)
            {
                FailNext--;
                return Task.FromException<RunRecord>(new HypervisorException(
                    "ledger-full", $"The run of node {command.Node} could not be stored.",
                    "Free disk space on the host."));
            }
            return Task.FromResult(_records[command.Node] = RunRecord.Raise(Find(command.Node), command));
        }
    }
}
