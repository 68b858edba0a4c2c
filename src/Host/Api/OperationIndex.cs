using System.Collections.Concurrent;
using VioActors.Contracts;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>
/// Which environment each operation belongs to, read off the journal while it grows; also for environments that are
/// deleted. Keeps the newest <see cref="Kept"/>. Thread-safe.
/// </summary>
internal sealed class OperationIndex(SiteActors actors) : BackgroundService
{
    /// <summary>Operations remembered.</summary>
    public const int Kept = 10_000;

    private readonly ConcurrentDictionary<OperationId, EnvironmentId> _environments = new();
    private readonly ConcurrentQueue<OperationId> _order = new();

    /// <summary>The environment of an operation; null while the journal was not read that far.</summary>
    public EnvironmentId? Find(OperationId id) => _environments.TryGetValue(id, out var found) ? found : null;

    /// <summary>Environments of the newest operations.</summary>
    public IEnumerable<EnvironmentId> Environments() => _environments.Values.Distinct();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var entry in actors.Journal(after: 0, stoppingToken))
            {
                if (entry.Event is OperationStarted started)
                    Add(started.Operation, EnvironmentId.From(entry.Actor.Id));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void Add(OperationId id, EnvironmentId environment)
    {
        if (!_environments.TryAdd(id, environment))
            return;
        _order.Enqueue(id);
        while (_order.Count > Kept && _order.TryDequeue(out var oldest))
            _environments.TryRemove(oldest, out _);
    }
}
