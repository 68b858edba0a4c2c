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
