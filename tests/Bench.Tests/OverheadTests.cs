using VioActors.Bench.Overheads;

namespace VioActors.Bench.Tests;

public sealed class OverheadTests
{
    [Fact]
    public void The_last_barrier_that_a_guest_tells_counts()
    {
        Assert.Null(ParallelPlace.Last("p1", ["VIO ready", "VIO parallel", "VIO parallel 1", "VIO parallel x 2"]));
        Assert.Equal(
            new ParallelPlace(2, 7),
            ParallelPlace.Last("p1", ["VIO parallel 2 6", "VIO parallel 2 7", "VIO heard 3", "VIO parallel -1 8"]));
    }

    [Theory]
    [InlineData("VIO parallel-bad 10.10.0.4")]
    [InlineData("[   86.260653] virtio_net virtio0: output.0:id 1 is not a head!")]
    [InlineData("[  113.514458] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [kworker/0:2:45]")]
    public void A_guest_that_broke_is_named_with_what_it_said(string line)
    {
        var failed = Assert.Throws<BenchException>(() => ParallelPlace.Last("p3", ["VIO parallel 0 1", line]));
        Assert.Contains("p3", failed.Message, StringComparison.Ordinal);
        Assert.Contains(line, failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_are_in_the_order_of_the_program()
    {
        ParallelPlace[] places = [new(1, 0), new(0, 9), new(0, 2), new(2, 1)];
        Assert.Equal([new(0, 2), new(0, 9), new(1, 0), new(2, 1)], places.Order());
    }

    [Fact]
    public void A_move_costs_what_its_run_takes_beyond_the_mean_of_its_neighbours()
    {
        var figures = Of(stalled: 0, Run(10, 14, 12), Run(12, 15, 10), Run(10, 12, 11));
        var json = figures.ToJson();
        Assert.Null(figures.Failure);
        Assert.Equal(3, (double)json["overhead_s"]!);
        Assert.Equal(1.5, (double)json["overhead_min_s"]!);
        Assert.Equal(4, (double)json["overhead_max_s"]!);
        // Runs without a move: 10, 12, 10 and 11 s.
        Assert.Equal(10.5, (double)json["still_s"]!);
        Assert.Equal(28.6, (double)json["overhead_percent"]!);
        Assert.Equal(2, (double)json["control_spread_s"]!);
        Assert.Equal(6, (long)json["moves"]!);
        Assert.Equal(0.3, (double)json["downtime_s"]!);
        Assert.Equal(3, (double)json["copied_mib"]!);
    }

    [Theory]
    [InlineData(16.5, 0.5, "less")]
    [InlineData(0.4, 0.5, "less, within noise")]
    [InlineData(17, 0, "the same")]
    [InlineData(25, 0, "the same")]
    [InlineData(25.5, 0, "more")]
    public void The_verdict_is_the_text_s_range(double cost, double spread, string verdict)
    {
        var figures = Of(stalled: 0, Run(40, 40 + (spread / 2) + cost, 40 + spread));
        Assert.Equal(verdict, (string?)figures.ToJson()["verdict"]);
    }

    [Fact]
    public void Guests_that_go_on_without_one_are_no_parallel_program()
    {
        Assert.Null(Of(stalled: 1, Run(10, 12, 10)).Failure);
        Assert.Contains("5 rounds", Of(stalled: 5, Run(10, 12, 10)).Failure, StringComparison.Ordinal);
    }

    private static Figures Of(int stalled, params MovedRun[] runs) =>
        OverheadFigures.Of(new ProgramSize(Guests: 2, Rounds: 30, HeldMiB: 8), runs, stalled);

    private static MovedRun Run(double before, double seconds, double after) => new(
        before, seconds, after,
        new WholeMove([new(100, 900, 1 << 20, 0), new(200, 950, 2 << 20, 0)], Seconds: 1, Rounds: 2));
}
