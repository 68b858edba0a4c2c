namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// The requests of one connection that are not answered yet. They end with it: what is asked again over the next one
/// must be answered there. Thread-safe.
/// </summary>
internal sealed class RequestWaits
{
    private readonly Dictionary<string, CancellationTokenSource> _waits = [];
    private readonly Lock _gate = new();

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _waits.Count;
        }
    }

    /// <summary>Begins to wait.</summary>
    /// <param name="id">The request.</param>
    /// <param name="connection">Cancelled when the connection ends.</param>
    /// <returns>Cancelled when nobody waits any more; null when this connection waits for it already.</returns>
    public CancellationToken? Begin(string id, CancellationToken connection)
    {
        lock (_gate)
        {
            if (_waits.ContainsKey(id)) return null;
            return (_waits[id] = CancellationTokenSource.CreateLinkedTokenSource(connection)).Token;
        }
    }

    /// <summary>The server does not wait any more; fine when the request has ended meanwhile.</summary>
    public void Stop(string id)
    {
        // Under the gate, so that it is not disposed of meanwhile; what this wakes may come back to End at once.
        lock (_gate)
            if (_waits.TryGetValue(id, out var wait))
                wait.Cancel();
    }

    /// <summary>The request was answered, or given up.</summary>
    public void End(string id)
    {
        lock (_gate)
            if (_waits.Remove(id, out var wait))
                wait.Dispose();
    }
}
