using VioActors.Contracts;

namespace VioActors.Actors.Host.Agent;

/// <summary>
/// Who waits for a node to be ready, and under which run: a command of a later run ends the wait, for what it waits for
/// is not wanted any more. Thread-safe.
/// </summary>
internal sealed class ReadyWaits
{
    private readonly HashSet<Wait> _waits = [];
    private readonly Lock _gate = new();

    /// <summary>Begins a wait; the caller disposes it.</summary>
    /// <param name="node">For which node.</param>
    /// <param name="pair">Under which run it was asked.</param>
    /// <param name="stopping">Ends it too.</param>
    public Wait Begin(NodeId node, RunPair pair, CancellationToken stopping)
    {
        var wait = new Wait(this, node, pair, CancellationTokenSource.CreateLinkedTokenSource(stopping));
        lock (_gate) _waits.Add(wait);
        return wait;
    }

    /// <summary>Ends the waits for a node that were asked under a lower pair.</summary>
    public void Supersede(NodeId node, RunPair pair)
    {
        Wait[] ended;
        lock (_gate)
        {
            ended = [.. _waits.Where(wait => wait.Node == node && pair > wait.Pair)];
            _waits.ExceptWith(ended);
        }
        foreach (var wait in ended) wait.End(pair);
    }

    internal sealed class Wait(ReadyWaits owner, NodeId node, RunPair pair, CancellationTokenSource source)
        : IDisposable
    {
        private readonly CancellationTokenSource _source = source;
        private readonly Lock _gate = new();
        private bool _ending;
        private bool _disposed;

        public NodeId Node { get; } = node;
        public RunPair Pair { get; } = pair;
        public CancellationToken Token { get; } = source.Token;

        /// <summary>The later run that ended it; null while none has.</summary>
        public RunPair? Superseded { get; private set; }

        /// <summary>
        /// Whoever waits may go on inside this call: a cancellation in the thread pool is out of a simulation's hands.
        /// </summary>
        public void End(RunPair by)
        {
            lock (_gate)
            {
                if (_disposed) return;
                _ending = true;
                Superseded = by;
            }

            _source.Cancel();
            lock (_gate)
            {
                _ending = false;
                if (!_disposed) return;
            }

            _source.Dispose();
        }

        public void Dispose()
        {
            lock (owner._gate) owner._waits.Remove(this);
            lock (_gate)
            {
                _disposed = true;
                if (_ending) return; // it disposes itself
            }

            _source.Dispose();
        }
    }
}
