using VioActors.Bench.Rightsizing;

namespace VioActors.Bench.Tests;

public sealed class SizingTests
{
    [Theory]
    [InlineData(0.375, 0.5)]
    [InlineData(0.75, 1)]
    [InlineData(0.8, 1.1733)]
    [InlineData(0.9, 1.56)]
    [InlineData(1, 2)]
    public void The_factor_grows_without_a_jump(double use, double factor) =>
        Assert.Equal(factor, WeightedMean.Factor(use), 4);

    [Fact]
    public void The_newest_use_weighs_most()
    {
        var rule = new WeightedMean();
        rule.Next(0.3, 1);
        rule.Next(0.6, 1);
        // (3 * 0.9 + 2 * 0.6 + 0.3) / 6 = 0.7 of the limit.
        Assert.Equal(0.7 / 0.75, rule.Next(0.9, 1), 9);
    }

    [Fact]
    public void Weights_halve_with_the_half_life()
    {
        var seen = new DecayedHistogram(10);
        seen.Add(0.8);
        for (var i = 0; i < 10; i++) seen.Add(0, weight: 0);
        seen.Add(0.2, weight: 0.5 * Math.Pow(0.5, 0.1));
        Assert.Equal(0.2, seen.Percentile(0.49));
        Assert.Equal(0.8, seen.Percentile(0.51));
        Assert.Equal(0, new DecayedHistogram(10).Percentile(0.9));
    }

    [Fact]
    public void Scores_count_slack_shortage_and_changes()
    {
        // The whole machine for one sample, then always half of it.
        double[] series = [0.5, 0.5, 0.25, 0.75];
        var score = SizingScore.Of(() => new Half(), [series]);
        Assert.Equal((2.5 - 1.75) / 2.5, score.Slack, 9);
        Assert.Equal(0.25, score.UnderAllocated, 9);
        Assert.Equal(72, score.ChangesPerDay, 9);
    }

    [Fact]
    public void Ours_has_less_slack_and_less_shortage_than_the_autoscaler()
    {
        var dice = new Random(3);
        var series = Enumerable.Range(0, 50).Select(_ => Series(dice)).ToList();
        var ours = SizingScore.Of(() => SizingRules.Create("vio", memory: false), series);
        var rival = SizingScore.Of(() => SizingRules.Create("vpa", memory: false), series);
        Assert.True(ours.Slack < rival.Slack, $"{ours} {rival}");
        Assert.True(ours.UnderAllocated < rival.UnderAllocated, $"{ours} {rival}");
    }

    // Levels that hold for hours, and noise.
    private static double[] Series(Random dice)
    {
        var level = 0.2;
        return [.. Enumerable.Range(0, 288).Select(_ =>
        {
            if (dice.Next(60) == 0) level = 0.05 + dice.NextDouble() * 0.5;
            return level * (0.95 + dice.NextDouble() * 0.1);
        })];
    }

    private sealed class Half : ISizingRule
    {
        public double Next(double used, double limit) => 0.5;
    }
}
