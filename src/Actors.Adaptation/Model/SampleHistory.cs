using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Prediction;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Model;

/// <summary>The latest samples of one node, newest first; at most <see cref="Limit"/>.</summary>
public sealed record SampleHistory
{
    /// <summary>Samples kept; the oldest go first.</summary>
    public const int Limit = 120;

    /// <summary>How far a sample may be ahead of the reader's clock before it counts as from the future.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>No samples.</summary>
    public static readonly SampleHistory Empty = new();

    private SampleHistory()
    {
    }

    /// <summary>Newest first.</summary>
    public ImmutableArray<Sample> Newest { get; private init; } = [];

    /// <summary>What is remembered of days that the samples do not reach back to.</summary>
    public DayProfile Day { get; private init; } = DayProfile.Empty;

    /// <summary>Peak of the memory used in the last hour, in MiB.</summary>
    public PeakWindow Memory { get; private init; } = PeakWindow.Empty;

    /// <summary>The history with one more sample, or itself and why the sample was refused.</summary>
    /// <param name="node">Named in refusals.</param>
    /// <param name="sample">The newest sample.</param>
    /// <param name="now">The reader's clock.</param>
    public (SampleHistory Next, Failure? Refused) Add(NodeId node, Sample sample, DateTimeOffset now)
    {
        if (SampleRules.Refuse(node, sample, now) is { } bad) return (this, bad);
        if (Newest.Length > 0 && sample.At <= Newest[0].At)
            return (this, AdaptationRefusals.OldSample(node, sample.At, Newest[0].At));
        var kept = Newest.Length < Limit ? Newest : Newest.RemoveAt(Newest.Length - 1);
        return (this with
        {
            Newest = kept.Insert(0, sample),
            Day = Day.Add(sample),
            Memory = sample.MemoryUsedMiB is { } used ? Memory.Add(sample.At, used) : Memory,
        }, null);
    }

    /// <summary>CPU utilizations, newest first: parts of what was given.</summary>
    public double[] Utilizations() => [.. Newest.Select(one => one.Utilization)];

    /// <summary>CPU used in cores, newest first.</summary>
    public double[] CoresUsed() => [.. Newest.Select(one => one.CpuUsedCores)];
}
