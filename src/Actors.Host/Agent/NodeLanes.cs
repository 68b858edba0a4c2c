using VioActors.Contracts;

namespace VioActors.Actors.Host.Agent;

/// <summary>One command per node at a time; the others wait in a bounded line. Thread-safe.</summary>
internal sealed class NodeLanes
{
    /// <summary>Commands of one node that may wait or run.</summary>
    internal const int MaxPerNode = 16;

    private readonly Dictionary<NodeId, Lane> _lanes = [];
    private readonly Lock _gate = new();

    /// <summary>Waits for the node's lane; null when too many wait already.</summary>
    public async Task<IDisposable?> EnterAsync(NodeId node, CancellationToken cancel)
    {
        Lane? lane;
        lock (_gate)
        {
            if (!_lanes.TryGetValue(node, out lane)) _lanes[node] = lane = new Lane(this, node);
            if (lane.Users == MaxPerNode) return null;
            lane.Users++;
        }

        // Not with the token: a cancelled wait of a semaphore goes on in the thread pool, which no simulation controls.
        // Whoever has the lane is ended by the same token, so nobody waits long.
        await lane.Turn.WaitAsync(CancellationToken.None);
        var pass = new Pass(lane);
        if (!cancel.IsCancellationRequested) return pass;
        pass.Dispose();
        throw new OperationCanceledException(cancel);
    }

    private void Leave(Lane lane)
    {
        lock (_gate)
        {
            if (--lane.Users > 0) return;
            _lanes.Remove(lane.Node);
        }
        lane.Turn.Dispose();
    }

    private sealed class Lane(NodeLanes owner, NodeId node)
    {
        public NodeLanes Owner { get; } = owner;
        public NodeId Node { get; } = node;
        public SemaphoreSlim Turn { get; } = new(1, 1);
        public int Users { get; set; }
    }

    private sealed class Pass(Lane lane) : IDisposable
    {
        private Lane? _lane = lane;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lane, null) is not { } lane) return;
            lane.Turn.Release();
            lane.Owner.Leave(lane);
        }
    }
}
