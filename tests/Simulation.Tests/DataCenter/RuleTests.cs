using VioActors.Simulation.DataCenter;

namespace VioActors.Simulation.Tests.DataCenter;

public sealed class RuleTests
{
    [Fact]
    public void Power_is_linear_between_the_measured_points()
    {
        for (var tenth = 0; tenth <= 10; tenth++)
            Assert.Equal(HostType.G4.Watts[tenth], HostType.G4.Power(tenth / 10.0), 9);
        Assert.Equal((93.7 + 97) / 2, HostType.G5.Power(0.05), 9);
        Assert.Equal(86 + (89.4 - 86) * 0.3, HostType.G4.Power(0.03), 9);
        Assert.Throws<ArgumentOutOfRangeException>(() => HostType.G4.Power(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => HostType.G4.Power(double.NaN));
    }

    [Fact]
    public void Machines_come_in_four_blocks_and_move_at_half_of_the_link()
    {
        Assert.Equal([2500, 2500, 2000, 2000, 1000], Enumerable.Range(0, 5).Select(i => VmType.Of(i, 5).Mips));
        Assert.Equal(500, VmType.Of(1051, 1052).Mips);
        Assert.Equal([13.92, 27.84, 27.84, 9.808], VmType.All.Select(type => type.MoveSeconds));
    }

    [Fact]
    public void A_host_with_enough_gives_what_is_asked_up_to_one_core()
    {
        Assert.Equal([1000, 1860], Divide(HostType.G4, new(1000, false, false), new(2500, false, false)));
        Assert.Equal([900, 186], Divide(HostType.G4, new(1000, true, false), new(2000, false, true)));
    }

    [Fact]
    public void A_host_with_too_little_gives_all_the_same_part_rounded_down()
    {
        // 3720 of 1860 + 1860 + 1000 + a tenth of 500.
        var part = 3720 / 4770.0;
        Assert.Equal(
            [
                Math.Floor(1860 * part), Math.Floor(1860 * part * 0.9), Math.Floor(1000 * part),
                Math.Floor(500 * part * 0.1),
            ],
            Divide(
                HostType.G4, new(2500, false, false), new(1900, true, false), new(1000, false, false),
                new(500, false, true)));
    }

    [Fact]
    public void The_forecast_is_the_line_through_ten_samples()
    {
        Assert.Equal(0.11, Regression.Next(ago => (10 - ago) / 100.0), 9);
        var dice = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var newestFirst = Enumerable.Range(0, 10).Select(_ => dice.NextDouble()).ToArray();
            Assert.Equal(Line(newestFirst), Regression.Next(ago => newestFirst[ago]), 9);
        }
    }

    [Fact]
    public void Rules_say_when_a_host_has_too_much()
    {
        var threshold = new ThresholdRule(0.8);
        Assert.False(threshold.TooMuch(HostType.G4, new HostLoad(0.8 * 3720, 0, 1)));
        Assert.True(threshold.TooMuch(HostType.G4, new HostLoad(0.8 * 3720 + 1, 0, 1)));
        var regression = new RegressionRule(1.2);
        Assert.True(regression.TooMuch(HostType.G4, new HostLoad(0.71 * 3720, 0, 0)));
        Assert.False(regression.TooMuch(HostType.G4, new HostLoad(0.71 * 3720, 0, 1)));
        Assert.True(regression.TooMuch(HostType.G4, new HostLoad(0, 3720 / 1.2 + 1, 1)));
    }

    [Fact]
    public void The_machine_that_moves_fastest_goes_first()
    {
        Assert.Equal(3, PowerAware.FastestToMove([1, 0, 3, 7], [.. VmType.All, .. VmType.All]));
        Assert.Equal(-1, PowerAware.FastestToMove([], VmType.All));
    }

    private static double[] Divide(HostType host, params CpuShares.Claim[] claims)
    {
        var given = new double[claims.Length];
        CpuShares.Divide(host, claims, given);
        return given;
    }

    // Least squares by the textbook: slope by covariance over variance.
    private static double Line(double[] newestFirst)
    {
        var points = newestFirst.Reverse().Select((y, i) => (X: i + 1.0, Y: y)).ToList();
        double x = points.Average(point => point.X), y = points.Average(point => point.Y);
        var slope = points.Sum(point => (point.X - x) * (point.Y - y))
            / points.Sum(point => (point.X - x) * (point.X - x));
        return y + slope * (11 - x);
    }
}
