using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Monitoring;

/// <summary>
/// Several samples of one series, oldest first, as one: means by their length, peaks, and for what is a state the last.
/// Pure.
/// </summary>
internal static class Folding
{
    private const int Digits = 4;

    /// <summary>One sample of a host.</summary>
    public static HostSample Of(IReadOnlyList<HostSample> looks) => looks is [var only] ? only : looks[^1] with
    {
        Seconds = Length(looks, one => one.Seconds),
        CpuUsedCores = Mean(looks, one => one.CpuUsedCores),
        CpuStolenCores = Mean(looks, one => one.CpuStolenCores),
        MemoryAvailableMiB = looks.Min(one => one.MemoryAvailableMiB),
        SwapUsedMiB = looks.Max(one => one.SwapUsedMiB),
        ReceivedBytesPerSecond = Mean(looks, one => one.ReceivedBytesPerSecond),
        SentBytesPerSecond = Mean(looks, one => one.SentBytesPerSecond),
    };

    /// <summary>One sample of a node.</summary>
    public static NodeSample Of(IReadOnlyList<NodeSample> looks) => looks is [var only] ? only : looks[^1] with
    {
        Seconds = Length(looks, one => one.Seconds),
        CpuUsedCores = Mean(looks, one => one.CpuUsedCores),
        CpuPeakCores = looks.Max(one => one.CpuPeakCores),
        CpuWaitedCores = Mean(looks, one => one.CpuWaitedCores),
        CpuThrottledCores = Mean(looks, one => one.CpuThrottledCores),
        MemoryUsedMiB = looks.Max(one => one.MemoryUsedMiB),
        SwapBytesPerSecond = looks.Any(one => one.SwapBytesPerSecond is not null)
            ? Mean(looks, one => one.SwapBytesPerSecond ?? 0) : null,
        ReceivedBytesPerSecond = Mean(looks, one => one.ReceivedBytesPerSecond),
        SentBytesPerSecond = Mean(looks, one => one.SentBytesPerSecond),
    };

    private static double Length<T>(IReadOnlyList<T> looks, Func<T, double> seconds) =>
        Math.Round(looks.Sum(seconds), Digits);

    private static double Mean(IReadOnlyList<HostSample> looks, Func<HostSample, double> value) =>
        Math.Round(looks.Sum(one => value(one) * one.Seconds) / looks.Sum(one => one.Seconds), Digits);

    private static double Mean(IReadOnlyList<NodeSample> looks, Func<NodeSample, double> value) =>
        Math.Round(looks.Sum(one => value(one) * one.Seconds) / looks.Sum(one => one.Seconds), Digits);
}
