using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Prediction;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>What a node will need.</summary>
internal sealed class VioForecast(VioOptions options)
{
    // A node that uses this part of what it was given may want any amount more.
    private const double Saturated = 0.95;
    // Fewer samples than this say nothing of a peak.
    private const int LeastSamples = 5;
    private readonly DecayedPercentile _high = new(options.Percentile, options.HalfLife);
    private readonly DecayedPercentile _middle = new(0.5, options.HalfLife);

    /// <summary>
    /// CPU in cores: the decayed percentile of what was wanted (used, or waited for), or its peak since it calmed down,
    /// and a margin. Where waiting is not measured, who used all it was given counts with all its virtual CPUs. Unlike
    /// a wish scaled from what it has now, neither depends on where it is.
    /// </summary>
    internal double Cores(NodeInventory node)
    {
        var samples = node.Samples.Newest;
        if (samples.IsEmpty) return node.Vcpus;
        if (_middle.Of(node.Samples, Shortage) > 0) return node.Vcpus;
        var expected = _high.Of(node.Samples, Wanted);
        if (Peak(node, options.Calm, Wanted) is { } calm) expected = Math.Min(expected, calm);
        // What comes at this time of every day counts before it is there.
        if (node.Day is { } day)
            expected = Math.Max(expected, day.Expected(samples[0].At, options.Horizon));
        return Math.Min(node.Vcpus, expected * (1 + options.Margin));
    }

    /// <summary>
    /// What it surely wanted all through the hold time, in cores, and what it waited for on average; nothing when it
    /// was not seen for so long. Waiting is null where nobody measures it.
    /// </summary>
    internal (double Wanted, double? Waited) Steady(NodeInventory node)
    {
        var samples = node.Samples.Newest;
        if (samples.IsEmpty || samples[^1].At > samples[0].At - options.Hold) return (0, 0);
        var (least, waited, count, measured) = (double.PositiveInfinity, 0.0, 0, true);
        foreach (var one in samples)
        {
            if (one.At <= samples[0].At - options.Hold) break;
            least = Math.Min(least, Wanted(one));
            waited += one.CpuWaitedCores;
            measured &= one.WaitMeasured;
            count++;
        }

        return (least, measured ? waited / count : null);
    }

    /// <summary>
    /// Memory in MiB that the guest should have: the peak of an hour, or of all samples, and a margin; more, by a fifth
    /// or 100 MiB, when it used nearly all it had. Null when too little was seen.
    /// </summary>
    internal int? GuestMiB(NodeInventory node)
    {
        if (node.GuestMiB is not { } now) return null;
        var (recent, known) = (0.0, 0);
        foreach (var one in node.Samples.Newest)
        {
            // A guest that starts does not say yet what it uses; that is not all it has.
            if (one.MemoryUsedMiB is not { } used) continue;
            recent = Math.Max(recent, used);
            known++;
        }

        if (known < LeastSamples) return null;
        // A guest that gave its memory must not look short of it at once, and take it back.
        var need = Math.Max(
            Math.Max(recent, node.MemoryPeakMiB ?? 0) * (1 + options.MemoryMargin), recent / Saturated + 1);
        if (recent >= Saturated * now) need = Math.Max(need, Math.Max(now * 1.2, now + 100));
        return (int)Math.Clamp(Math.Ceiling(need), Math.Min(options.LeastGuestMiB, node.FullMiB), node.FullMiB);
    }

    private static double Wanted(Sample one) => one.CpuUsedCores + one.CpuWaitedCores;

    private static double Shortage(Sample one) =>
        !one.WaitMeasured && one.CpuWaitedCores == 0 && one.Utilization >= Saturated ? 1 : 0;

    private static double? Peak(NodeInventory node, TimeSpan window, Func<Sample, double> value)
    {
        var samples = node.Samples.Newest;
        var since = samples[0].At - window;
        if (samples[^1].At > since) return null;
        var (peak, count) = (0.0, 0);
        foreach (var one in samples)
        {
            if (one.At <= since) break;
            peak = Math.Max(peak, value(one));
            count++;
        }

        return count >= LeastSamples ? peak : null;
    }
}
