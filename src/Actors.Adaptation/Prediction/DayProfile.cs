using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;

namespace VioActors.Actors.Adaptation.Prediction;

/// <summary>
/// What a node wants at each hour of the day: the mean of that hour, yesterday's counting as much as all days before.
/// Immutable and bounded, folded sample by sample. Says something from the second day on.
/// </summary>
public sealed record DayProfile
{
    /// <summary>Hours that must have been seen before it says anything.</summary>
    public const int LeastHours = 48;

    private const int Slots = 24;

    /// <summary>Nothing seen.</summary>
    public static readonly DayProfile Empty = new();

    /// <summary>Mean CPU wanted in each hour of a day (UTC), in cores; -1: that hour was never seen.</summary>
    public ImmutableArray<double> Cores { get; init; } = [.. Enumerable.Repeat(-1.0, Slots)];

    /// <summary>How many hours were seen to their end.</summary>
    public int Hours { get; init; }

    /// <summary>The hour that is being seen, counted from 1970.</summary>
    public long OpenHour { get; init; }

    /// <summary>Sum of the samples of that hour, in cores.</summary>
    public double OpenSum { get; init; }

    /// <summary>How many they are.</summary>
    public int OpenCount { get; init; }

    /// <summary>The profile with one more sample; samples come in the order of their time.</summary>
    public DayProfile Add(Sample sample)
    {
        var hour = sample.At.ToUnixTimeSeconds() / 3600;
        var wanted = sample.CpuUsedCores + sample.CpuWaitedCores;
        if (hour == OpenHour) return this with { OpenSum = OpenSum + wanted, OpenCount = OpenCount + 1 };
        return Closed() with { OpenHour = hour, OpenSum = wanted, OpenCount = 1 };
    }

    /// <summary>The most it is expected to want in any hour that a span of time touches; 0: not known.</summary>
    /// <param name="from">Begin.</param>
    /// <param name="span">Length, at most a day.</param>
    public double Expected(DateTimeOffset from, TimeSpan span)
    {
        if (Hours < LeastHours) return 0;
        var most = 0.0;
        var last = (from + span).ToUnixTimeSeconds() / 3600;
        for (var hour = from.ToUnixTimeSeconds() / 3600; hour <= last; hour++)
            most = Math.Max(most, Cores[Slot(hour)]);
        return most;
    }

    private DayProfile Closed()
    {
        if (OpenCount == 0) return this;
        var (slot, mean) = (Slot(OpenHour), OpenSum / OpenCount);
        var known = Cores[slot] < 0 ? mean : (Cores[slot] + mean) / 2;
        return this with { Cores = Cores.SetItem(slot, known), Hours = Math.Min(Hours + 1, 1_000_000) };
    }

    private static int Slot(long hour) => (int)(hour % Slots);
}
