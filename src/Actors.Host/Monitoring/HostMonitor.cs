using System.Collections.Immutable;
using VioActors.Actors.Host.Agent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Monitoring;

/// <summary>
/// Looks at a host and its nodes every second and keeps the newest samples of each, in memory only. A hypervisor that
/// is slow delays its own next reading and nothing else: looks that come due meanwhile are left out. Thread-safe.
/// </summary>
/// <param name="meter">Reads.</param>
/// <param name="clock">When.</param>
/// <param name="every">Length of a sample, 1 to 60 s: looks within it are folded to means and peaks.</param>
/// <param name="trouble">Told why reading began to fail; once until it worked again.</param>
public sealed class HostMonitor(IMeter meter, TimeProvider clock, TimeSpan every, Action<string>? trouble = null)
    : IMonitor
{
    // 400 octets of JSON each, so that a frame of 1 MiB has room for all.
    private const int MostPerAnswer = 2048;
    private readonly Lock _lock = new();
    private readonly long _start = clock.GetTimestamp();
    private readonly Series<HostCounters, HostSample> _host = new(every, Rates.Of, Folding.Of, one => one.At);
    private readonly Dictionary<NodeId, Series<NodeCounters, NodeSample>> _nodes = [];
    private readonly HashSet<string> _failing = [];

    /// <summary>Time between two looks.</summary>
    public static TimeSpan Look { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Looks until told to stop.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Look, clock);
        var nodes = Task.CompletedTask;
        do
        {
            await TryAsync("host", TakeHostAsync, cancel);
            if (nodes.IsCompleted) nodes = TryAsync("nodes", TakeNodesAsync, cancel);
        }
        while (await timer.WaitForNextTickAsync(cancel));
    }

    /// <summary>Looks once at everything; for who drives the monitor by its own clock.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await TakeHostAsync(cancel);
        await TakeNodesAsync(cancel);
    }

    /// <inheritdoc/>
    public HostSamples Since(DateTimeOffset? since)
    {
        lock (_lock)
        {
            var most = Math.Clamp(MostPerAnswer / (_nodes.Count + 1), 1, HostSamples.Most);
            return new HostSamples(
                clock.GetUtcNow(), [.. _host.Since(since, most)],
                [
                    .. _nodes.OrderBy(one => one.Key.Value, StringComparer.Ordinal).Take(MostPerAnswer - 1)
                        .Select(one => new NodeSamples(one.Key, [.. one.Value.Since(since, most)])),
                ]);
        }
    }

    private Task TakeHostAsync(CancellationToken cancel)
    {
        var now = meter.ReadHost();
        lock (_lock) _host.Take(now, clock.GetElapsedTime(_start), clock.GetUtcNow());
        return Task.CompletedTask;
    }

    private async Task TakeNodesAsync(CancellationToken cancel)
    {
        var all = await meter.ReadNodesAsync(cancel);
        lock (_lock)
        {
            var (at, wall) = (clock.GetElapsedTime(_start), clock.GetUtcNow());
            foreach (var now in all)
            {
                if (!_nodes.TryGetValue(now.Node, out var series))
                    _nodes[now.Node] = series = new(every, Rates.Of, Folding.Of, one => one.At);
                series.Take(now, at, wall);
            }
            // A node that is not here any more begins anew where it is, and here if it comes back.
            foreach (var gone in _nodes.Keys.Except(all.Select(one => one.Node)).ToImmutableArray())
                _nodes.Remove(gone);
        }
    }

    /// <summary>What cannot be measured must not end the agent: it is told once, and tried again.</summary>
    private async Task TryAsync(string what, Func<CancellationToken, Task> take, CancellationToken cancel)
    {
        try
        {
            await take(cancel);
            lock (_lock) _failing.Remove(what);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to stop; the loop ends too.
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            bool isNew;
            lock (_lock) isNew = _failing.Add(what);
            if (isNew) trouble?.Invoke(failed is HypervisorException known ? known.Failure.Reason : failed.Message);
        }
    }
}
