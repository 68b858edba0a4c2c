using VioActors.Contracts.Agents;

namespace VioActors.Actors.Host.Monitoring;

/// <summary>
/// Two readings make a sample. Pure. A rate is never negative and never more than there is: counters that went back
/// count as 0, and what the kernel books late does not make a node faster than its virtual CPUs.
/// </summary>
internal static class Rates
{
    // Figures go through JSON every second; more digits are noise.
    private const int Digits = 4;

    /// <summary>A host's sample.</summary>
    public static HostSample? Of(HostCounters then, HostCounters now, double seconds, DateTimeOffset at) =>
        now.Used < then.Used ? null : new HostSample(
            at, Math.Round(seconds, Digits), now.Cores, Cores(then.Used, now.Used, seconds, now.Cores),
            Cores(then.Stolen, now.Stolen, seconds, now.Cores), Math.Max(0, now.RunQueue), now.MemoryMiB,
            now.MemoryAvailableMiB, now.SwapUsedMiB, Bytes(then.ReceivedBytes, now.ReceivedBytes, seconds),
            Bytes(then.SentBytes, now.SentBytes, seconds));

    /// <summary>A node's sample; null when its machine started anew between the readings.</summary>
    public static NodeSample? Of(NodeCounters then, NodeCounters now, double seconds, DateTimeOffset at)
    {
        if (now.Used < then.Used) return null;
        var used = Cores(then.Used, now.Used, seconds, now.Vcpus);
        var throttled = Cores(then.Throttled, now.Throttled, seconds, now.Vcpus);
        // Both grow only when a wait ends, not always in the same second; what was throttled has waited.
        var waited = Math.Max(Cores(then.Waited, now.Waited, seconds, now.Vcpus), throttled);
        return new NodeSample(
            at, Math.Round(seconds, Digits), used, used, waited, throttled, now.QuotaPercent, now.Weight,
            now.MemoryMiB, now.MemoryUsedMiB is { } memory ? Math.Round(Math.Clamp(memory, 0, now.MemoryMiB), 1) : null,
            then.SwappedBytes is { } before && now.SwappedBytes is { } after ? Bytes(before, after, seconds) : null,
            Bytes(then.ReceivedBytes, now.ReceivedBytes, seconds), Bytes(then.SentBytes, now.SentBytes, seconds));
    }

    private static double Cores(TimeSpan? then, TimeSpan? now, double seconds, double most) =>
        then is { } before && now is { } after
            ? Math.Round(Math.Clamp((after - before).TotalSeconds / seconds, 0, most), Digits)
            : 0;

    private static double Bytes(long then, long now, double seconds) => Math.Round(Math.Max(0, now - then) / seconds);
}
