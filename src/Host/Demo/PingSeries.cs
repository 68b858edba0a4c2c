using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Demo;

/// <summary>
/// Pings a node every 10 ms, in series one after the other, until told that the work under test is over.
/// </summary>
internal sealed class PingSeries(DemoContext demo, string environment, string node, string? from)
{
    /// <summary>Time between two pings, milliseconds.</summary>
    public const int IntervalMs = 10;

    private const int MostSeries = 12;

    /// <summary>Pings while <paramref name="work"/> runs: at least one series, and one that begins before it.</summary>
    /// <param name="count">Pings per series.</param>
    /// <param name="work">What is under test; starts a moment after the first series.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The sums; the longest gap of all series.</returns>
    public async Task<PingFigures> DuringAsync(int count, Func<Task> work, CancellationToken cancel)
    {
        var first = SeriesAsync(count, cancel);
        await Task.Delay(TimeSpan.FromMilliseconds(500), demo.Time, cancel);
        var running = work();
        var total = await first;
        for (var series = 1; series < MostSeries && !running.IsCompleted; series++)
            total = Add(total, await SeriesAsync(count, cancel));
        await running;
        return total;
    }

    /// <summary>One series.</summary>
    public Task<PingFigures> SeriesAsync(int count, CancellationToken cancel) =>
        demo.Api.PingAsync(environment, new PingBody(node, from, count, IntervalMs), cancel);

    private static PingFigures Add(PingFigures one, PingFigures other) => new(
        one.Sent + other.Sent, one.Received + other.Received, one.Duplicates + other.Duplicates,
        Math.Max(one.LongestGapMs, other.LongestGapMs), Math.Max(one.RttP50Us, other.RttP50Us),
        Math.Max(one.RttP99Us, other.RttP99Us));
}
