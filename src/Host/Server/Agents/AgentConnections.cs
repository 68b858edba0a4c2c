using System.Collections.Concurrent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// Which agents are connected to this server: at most one connection per host, the newest. Thread-safe.
/// </summary>
internal sealed class AgentConnections(TimeProvider clock)
{
    private readonly ConcurrentDictionary<HostId, Door> _doors = new();
    private readonly DateTimeOffset _start = clock.GetUtcNow();

    /// <summary>All open connections.</summary>
    public IEnumerable<AgentConnection> All => _doors.Values.Select(door => door.Current).OfType<AgentConnection>();

    /// <summary>The open connection to this host, or null.</summary>
    public AgentConnection? Find(HostId host) => _doors.TryGetValue(host, out var door) ? door.Current : null;

    /// <summary>
    /// Since when the host is away; this server's start when it has not seen it. Null while it is connected.
    /// </summary>
    public DateTimeOffset? AwaySince(HostId host) =>
        _doors.TryGetValue(host, out var door) ? door.AwaySince : _start;

    /// <summary>The name that the host's agent last said; null when this server has not seen it.</summary>
    public string? LastName(HostId host) => _doors.TryGetValue(host, out var door) ? door.LastName : null;

    /// <summary>Waits until the host is connected; for ever, unless the caller gives up.</summary>
    public Task<AgentConnection> WaitAsync(HostId host, CancellationToken cancel) =>
        _doors.GetOrAdd(host, _ => new Door(_start)).Next().WaitAsync(cancel);

    /// <summary>Makes this the connection of its host; a previous one is closed.</summary>
    public void Put(AgentConnection connection) =>
        _doors.GetOrAdd(connection.Host, _ => new Door(_start)).Open(connection)
            ?.Close("the agent connected again");

    /// <summary>Takes the connection out; false when a newer one has replaced it already.</summary>
    public bool Remove(AgentConnection connection) =>
        _doors.TryGetValue(connection.Host, out var door) && door.Close(connection, clock.GetUtcNow());

    /// <summary>Newest progress of a move, from whichever host it leaves; null when none is known.</summary>
    public MoveProgress? ProgressOf(OperationId move) =>
        _doors.Values.SelectMany(door => door.Current?.Moves ?? []).FirstOrDefault(progress => progress.Move == move);

    private sealed class Door(DateTimeOffset awaySince)
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource<AgentConnection> _next = NewPromise();
        private AgentConnection? _current;
        private DateTimeOffset _awaySince = awaySince;

        public AgentConnection? Current
        {
            get { lock (_lock) return _current; }
        }

        public string? LastName { get; private set; }

        public DateTimeOffset? AwaySince
        {
            get { lock (_lock) return _current is null ? _awaySince : null; }
        }

        public Task<AgentConnection> Next()
        {
            lock (_lock) return _next.Task;
        }

        public AgentConnection? Open(AgentConnection connection)
        {
            lock (_lock)
            {
                var replaced = _current;
                _current = connection;
                LastName = connection.Facts.Name;
                if (_next.Task.IsCompleted)
                    _next = NewPromise();
                _next.SetResult(connection);
                return replaced;
            }
        }

        public bool Close(AgentConnection connection, DateTimeOffset now)
        {
            lock (_lock)
            {
                if (_current != connection)
                    return false;
                _current = null;
                _awaySince = now;
                _next = NewPromise();
                return true;
            }
        }

        private static TaskCompletionSource<AgentConnection> NewPromise() =>
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
