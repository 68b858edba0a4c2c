using System.Collections.Immutable;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// What an agent says is not believed blindly: samples that are not finite, negative, from its own future or too many
/// are left out. Pure.
/// </summary>
internal static class SampleCheck
{
    private const int MostNodes = NodesEnded.Most;

    /// <summary>The good ones, oldest first.</summary>
    public static HostSamples Good(HostSamples samples, TimeSpan tolerance)
    {
        var latest = samples.Now + tolerance;
        return new HostSamples(
            samples.Now, [.. Newest(samples.Host, one => one.At, latest).Where(IsGood)],
            [
                .. OrNone(samples.Nodes).Take(MostNodes).DistinctBy(node => node.Node).Select(node =>
                    node with { Newest = [.. Newest(node.Newest, one => one.At, latest).Where(IsGood)] }),
            ]);
    }

    private static IEnumerable<T> Newest<T>(
        ImmutableArray<T> samples, Func<T, DateTimeOffset> at, DateTimeOffset latest) where T : class =>
        OrNone(samples).Where(one => one is not null && at(one) <= latest).OrderBy(at).TakeLast(HostSamples.Most);

    /// <summary>
    /// All of them, good or not, with their times put right by how much the host's clock is ahead. What is missing in
    /// the answer is empty, and what cannot be a time any more is as far away as one can be.
    /// </summary>
    public static HostSamples Shifted(HostSamples samples, TimeSpan ahead) => new(
        At(samples.Now, ahead),
        [.. OrNone(samples.Host).OfType<HostSample>().Select(one => one with { At = At(one.At, ahead) })],
        [
            .. OrNone(samples.Nodes).OfType<NodeSamples>().Take(MostNodes).Select(node => node with
            {
                Newest =
                [
                    .. OrNone(node.Newest).OfType<NodeSample>().TakeLast(HostSamples.Most)
                        .Select(one => one with { At = At(one.At, ahead) }),
                ],
            }),
        ]);

    private static DateTimeOffset At(DateTimeOffset at, TimeSpan ahead) => new(
        Math.Clamp(at.UtcTicks - ahead.Ticks, DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks),
        TimeSpan.Zero);

    private static ImmutableArray<T> OrNone<T>(ImmutableArray<T> some) => some.IsDefault ? [] : some;

    private static bool IsGood(HostSample one) =>
        Are(one.Cores, one.CpuUsedCores, one.CpuStolenCores, one.RunQueue, one.MemoryMiB, one.MemoryAvailableMiB,
            one.SwapUsedMiB, one.ReceivedBytesPerSecond, one.SentBytesPerSecond) && one.Seconds > 0;

    private static bool IsGood(NodeSample one) =>
        Are(one.CpuUsedCores, one.CpuPeakCores, one.CpuWaitedCores, one.CpuThrottledCores, one.CpuQuotaPercent ?? 0,
            one.CpuWeight ?? 0, one.MemoryMiB, one.MemoryUsedMiB ?? 0, one.SwapBytesPerSecond ?? 0,
            one.ReceivedBytesPerSecond, one.SentBytesPerSecond) && one.Seconds > 0;

    private static bool Are(params ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value) || value < 0) return false;
        }
        return true;
    }
}
