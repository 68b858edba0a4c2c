using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Agent;

/// <summary>A move away: its running job, then its outcome.</summary>
internal sealed class MoveJob(NodeId node, OperationId move)
{
    private readonly TaskCompletionSource<AgentOutcome> _ended = new();

    public NodeId Node { get; } = node;

    public OperationId Move { get; } = move;

    /// <summary>Ends when the job has; never faults.</summary>
    public Task<AgentOutcome> Outcome => _ended.Task;

    public MoveProgress Progress { get; set; } = new(move, 0, "starting");

    /// <summary>Call it last: whoever waits for the outcome may go on inside this call.</summary>
    public void End(AgentOutcome outcome) => _ended.TrySetResult(outcome);
}

/// <summary>
/// The moves that run and the last ones that ended, so that a repeated request attaches or hears the end again.
/// </summary>
internal sealed class MoveJobs
{
    /// <summary>Ended moves that are remembered; a node's later move, or a restart, forgets earlier.</summary>
    internal const int MaxEnded = 256;

    private readonly List<MoveJob> _jobs = [];
    private readonly Queue<OperationId> _forbidden = new();
    private readonly Lock _gate = new();

    public MoveJob? Find(NodeId node, OperationId move)
    {
        lock (_gate) return _jobs.Find(job => job.Node == node && job.Move == move);
    }

    public MoveJob? Running(NodeId node)
    {
        lock (_gate) return _jobs.Find(job => job.Node == node && !job.Outcome.IsCompleted);
    }

    /// <summary>An aborted move must not begin later: its request may still be on its way.</summary>
    public void Forbid(OperationId move)
    {
        lock (_gate)
        {
            if (_forbidden.Count >= MaxEnded) _forbidden.Dequeue();
            _forbidden.Enqueue(move);
        }
    }

    public bool IsForbidden(OperationId move)
    {
        lock (_gate) return _forbidden.Contains(move);
    }

    public MoveJob Begin(NodeId node, OperationId move)
    {
        var job = new MoveJob(node, move);
        lock (_gate)
        {
            if (_jobs.Count(old => old.Outcome.IsCompleted) >= MaxEnded)
                _jobs.RemoveAt(_jobs.FindIndex(old => old.Outcome.IsCompleted));
            _jobs.Add(job);
        }
        return job;
    }

    public ImmutableArray<MoveProgress> Progress()
    {
        lock (_gate) return [.. _jobs.Where(job => !job.Outcome.IsCompleted).Select(job => job.Progress)];
    }
}
