namespace VioActors.Bench.Rightsizing;

/// <summary>What a rule came to over many series.</summary>
/// <param name="Slack">Share of what was given that was not used, 0 to 1.</param>
/// <param name="UnderAllocated">Share of time in which more was wanted than given, 0 to 1.</param>
/// <param name="ChangesPerDay">Changes of the limit by more than 1 %, per machine and day.</param>
internal sealed record SizingScore(double Slack, double UnderAllocated, double ChangesPerDay)
{
    // Nobody gives less, and nobody has more than the machine.
    private const double Least = 0.01;
    private const int SamplesPerDay = 288;

    /// <summary>Runs a rule over series of samples of 0 to 1; each begins with the whole machine.</summary>
    public static SizingScore Of(Func<ISizingRule> create, IEnumerable<double[]> series)
    {
        double given = 0, used = 0;
        long samples = 0, under = 0, changes = 0;
        foreach (var one in series)
        {
            var rule = create();
            var limit = 1.0;
            foreach (var sample in one)
            {
                samples++;
                given += limit;
                used += Math.Min(sample, limit);
                if (sample > limit + 1e-9) under++;
                var next = Math.Clamp(rule.Next(sample, limit), Least, 1);
                if (Math.Abs(next - limit) > 0.01 * limit) changes++;
                limit = next;
            }
        }

        return new SizingScore(
            (given - used) / given, (double)under / samples, (double)changes * SamplesPerDay / samples);
    }
}
