using VioActors.Actors.Adaptation.Prediction;
using VioActors.Actors.Adaptation.Violin;

namespace VioActors.Actors.Adaptation.Tests;

/// <summary>The equations of chapter 6 of Ruth (2007), and what each correction of the print changes.</summary>
public sealed class ErrataTests
{
    private static readonly ViolinOptions Printed = ViolinOptions.AsPrinted;
    private static readonly ViolinOptions Corrected = ViolinOptions.Corrected;

    [Fact]
    public void Equation_6_1_weighs_the_newest_most() =>
        Assert.Equal(0.7, new WeightedMovingAverage(3).Predict([0.9, 0.6, 0.3, 55]), 12);

    [Fact]
    public void Few_measurements_are_weighed_alike() =>
        Assert.Equal(0.8, new WeightedMovingAverage(9).Predict([0.9, 0.6]), 12);

    [Theory]
    [InlineData(0.75, 1.875, 1)]
    [InlineData(0.8, 1.92, 1.17333333333)]
    [InlineData(0.9, 1.98, 1.56)]
    [InlineData(1, 2, 2)]
    [InlineData(0.6, 0.8, 0.8)]
    public void Slope(double predicted, double printed, double corrected)
    {
        Assert.Equal(printed, DesiredLevel.Of(predicted, Printed), 9);
        Assert.Equal(corrected, DesiredLevel.Of(predicted, Corrected), 9);
    }

    [Fact]
    public void The_printed_level_jumps_where_the_pieces_meet()
    {
        double Jump(ViolinOptions options) =>
            DesiredLevel.Of(0.75, options) - DesiredLevel.Of(0.75 - 1e-9, options);

        Assert.Equal(0.875, Jump(Printed), 6);
        Assert.Equal(0, Jump(Corrected), 6);
    }

    // "Continuous at alpha": alpha is more than 1 and no usage is; the pieces meet at 1/alpha only.
    [Fact]
    public void The_pieces_do_not_meet_at_alpha()
    {
        var alpha = Corrected.Alpha;
        Assert.True(Math.Abs(alpha * alpha - DesiredLevel.Of(alpha, Corrected)) > 1);
        Assert.Equal(1, DesiredLevel.Of(1 / alpha, Corrected), 9);
    }

    // "Along the linear function between 75% and 200%": its middle is below the middle of its ends.
    [Fact]
    public void The_upper_piece_is_no_line() => Assert.Equal(
        1.5 - 1.0 / 24, DesiredLevel.Of(0.875, Corrected), 9);

    [Fact]
    public void Units_are_parts_of_what_was_given()
    {
        var node = Sites.NodeOn(1, 1, utilization: 0.5, given: 2);
        Assert.Equal(2 * 0.5 / 0.75, DesiredLevel.Of(node, Corrected).WishCores, 9);
        // As printed one core used counts as a node that uses all it has, whatever it was given.
        Assert.Equal(2, DesiredLevel.Of(node, Printed).WishCores, 9);
    }

    [Fact]
    public void An_empty_domain_counts_nothing_as_printed()
    {
        var mapping = new Mapping([1, 1], [2, 2], [0, 0]);
        Assert.Equal(1, mapping.Balance(overBins: false), 9);
        Assert.Equal(0.5, mapping.Balance(overBins: true), 9);
        // Two halves of one environment count twice as much as the whole, although the load is the same.
        Assert.Equal(0.5, new Mapping([2], [2, 2], [0]).Balance(overBins: false), 9);
        Assert.Equal(0.5, new Mapping([2], [2, 2], [0]).Balance(overBins: true), 9);
    }

    // V1 of 4 nodes and V3 of 6 in a domain of 6 hosts, the one of 4 hosts empty: the figures of scenario 1.
    private static readonly Mapping ScenarioOne = new([4, 6], [6, 4], [0, 0]);

    [Fact]
    public void Scenario_one_has_the_balances_of_equation_6_7()
    {
        Assert.Equal(4.0 / 3, ScenarioOne.Balance(overBins: false), 9);
        Assert.Equal(0, ScenarioOne.Move(0, 1).Balance(overBins: false), 9);
        Assert.Equal(1.0 / 3 + 0.5, ScenarioOne.Move(1, 1).Balance(overBins: false), 9);
    }

    [Fact]
    public void The_loop_test_as_printed_never_improves()
    {
        Assert.Equal([1, 0], BalanceLoad.Run(ScenarioOne, Corrected).BinOf);
        Assert.Equal([0, 0], BalanceLoad.Run(ScenarioOne, Printed).BinOf);
        // From balance it walks away and returns the worse mapping.
        var balanced = ScenarioOne.Move(0, 1) with { Wishes = [4.1, 6] };
        var after = BalanceLoad.Run(balanced, Printed);
        Assert.True(after.Balance(overBins: false) > balanced.Balance(overBins: false));
    }

    [Fact]
    public void Algorithm_1_never_makes_the_balance_worse()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var bins = random.Next(1, 5);
            var items = random.Next(0, 9);
            var start = new Mapping(
                [.. Enumerable.Range(0, items).Select(_ => random.NextDouble() * 8)],
                [.. Enumerable.Range(0, bins).Select(_ => 1 + random.NextDouble() * 8)],
                [.. Enumerable.Range(0, items).Select(_ => random.Next(bins))]);
            foreach (var options in new[] { Corrected, Corrected with { Corrections = Corrections.LoopTest } })
            {
                var overBins = options.Corrections == Corrections.All;
                Assert.True(BalanceLoad.Run(start, options).Balance(overBins) <= start.Balance(overBins) + 1e-9);
            }

            _ = BalanceLoad.Run(start, Printed);
        }
    }
}
