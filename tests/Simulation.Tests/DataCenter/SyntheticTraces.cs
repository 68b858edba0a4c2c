using VioActors.Simulation.DataCenter;

namespace VioActors.Simulation.Tests.DataCenter;

/// <summary>Traces of the shape of PlanetLab's: mostly little use, with bursts; from a seed.</summary>
internal static class SyntheticTraces
{
    public static IReadOnlyList<CpuTrace> Of(int count, int seed)
    {
        var dice = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => One(dice))];
    }

    public static CpuTrace Steady(double share) => new([.. Enumerable.Repeat(share, CpuTrace.Length)]);

    private static CpuTrace One(Random dice)
    {
        var samples = new double[CpuTrace.Length];
        var level = dice.Next(1, 20);
        for (var at = 0; at < samples.Length; at++)
        {
            if (dice.Next(12) == 0) level = dice.Next(10) == 0 ? dice.Next(40, 100) : dice.Next(1, 20);
            samples[at] = Math.Clamp(level + dice.Next(-3, 4), 0, 100) / 100.0;
        }

        return new CpuTrace(samples);
    }
}
