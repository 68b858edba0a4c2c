using System.Collections.Concurrent;
using VioActors.Contracts;

namespace VioActors.Bench.Place;

/// <summary>What became of one queue.</summary>
/// <param name="Seconds">From the first request to the last node's booking, or its environment's refusal.</param>
/// <param name="Placed">Environments all of whose nodes have their room.</param>
/// <param name="Refused">Why the others have none; each is over.</param>
/// <param name="WaitsMs">From each request to the end of its wait.</param>
internal sealed record PlaceOutcome(
    double Seconds, IReadOnlyList<EnvironmentId> Placed, IReadOnlyList<Failure> Refused, IReadOnlyList<double> WaitsMs);

/// <summary>Brings a queue of environments to a site, a bounded number of them at the same time.</summary>
internal sealed class PlaceQueue(PlaceSite site, PlaceLoad load, int together, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentBag<EnvironmentId> _placed = [];
    private readonly ConcurrentBag<Failure> _refused = [];
    private readonly ConcurrentBag<double> _waits = [];
    private int _next = -1;

    /// <summary>Runs it to its end.</summary>
    public async Task<PlaceOutcome> RunAsync(CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, together).Select(_ => Task.Run(() => WorkAsync(cancel), cancel)));
        return new PlaceOutcome(
            time.GetElapsedTime(started).TotalSeconds, [.. _placed], [.. _refused], [.. _waits]);
    }

    private async Task WorkAsync(CancellationToken cancel)
    {
        for (var number = Interlocked.Increment(ref _next); number < load.Environments;
            number = Interlocked.Increment(ref _next))
        {
            var asked = time.GetTimestamp();
            var environment = await site.ApplyAsync(load.Spec(number), cancel);
            if (await WhyNotAsync(environment, cancel) is { } failure) _refused.Add(failure);
            else _placed.Add(environment);
            _waits.Add(time.GetElapsedTime(asked).TotalMilliseconds);
        }
    }

    /// <summary>Waits until the environment is placed, or over: then why.</summary>
    private async Task<Failure?> WhyNotAsync(EnvironmentId environment, CancellationToken cancel)
    {
        var placed = site.Networks.PlacedAsync(environment);
        while (!placed.IsCompleted)
        {
            await Task.WhenAny(placed, Task.Delay(Look, time, cancel));
            cancel.ThrowIfCancellationRequested();
            if (placed.IsCompleted) break;
            var state = await site.ReadAsync(environment, cancel);
            if (state?.Operations is [{ EndedAt: not null } over]) return over.Failure;
        }

        return null;
    }
}
