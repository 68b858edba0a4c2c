using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Model;

/// <summary>What no sample may hold: a bad one is refused by name and changes nothing.</summary>
internal static class SampleRules
{
    internal static Failure? Refuse(NodeId node, Sample sample, DateTimeOffset now)
    {
        ReadOnlySpan<(string Name, double Value)> values =
        [
            ("CPU used", sample.CpuUsedCores), ("CPU given", sample.CpuGivenCores),
            ("memory used", sample.MemoryUsedMiB ?? 0),
            ("CPU waited for", sample.CpuWaitedCores), ("CPU peak", sample.CpuPeakCores),
        ];
        foreach (var (name, value) in values)
            if (!double.IsFinite(value) || value < 0)
                return AdaptationRefusals.BadNumber($"{name} of a sample of node {node}", value, "0 or more");
        if (sample.CpuGivenCores == 0)
            return AdaptationRefusals.BadNumber($"CPU given of a sample of node {node}", 0, "more than 0");
        return sample.At > now + SampleHistory.ClockTolerance
            ? AdaptationRefusals.FromTheFuture(node, sample.At, now)
            : null;
    }
}
