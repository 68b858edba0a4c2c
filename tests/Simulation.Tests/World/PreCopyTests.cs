using VioActors.Simulation.World;

namespace VioActors.Simulation.Tests.World;

public sealed class PreCopyTests
{
    private static readonly CopySetup Setup = new() { Resume = TimeSpan.FromSeconds(0.05) };

    [Fact]
    public void A_quiet_guest_is_copied_in_few_rounds()
    {
        // 1024 MiB at 100 MiB/s take 10.24 s; a tenth of each round is written meanwhile: 102.4, 10.24, 1.024, then
        // 0.1024 MiB, which is less than the stop at 0.2.
        var copy = new PreCopy(1024, 300, Setup);
        copy.Advance(1000, 100, 10);
        Assert.Equal(4, copy.Round);
        Assert.Equal(10.24 + 1.024 + 0.1024 + 0.01024, copy.Seconds, 9);
        Assert.Equal(0.001024 + 0.05, copy.DowntimeSeconds!.Value, 9);
        Assert.Equal(1024 + 102.4 + 10.24 + 1.024 + 0.1024, copy.SentMiB, 6);
    }

    [Fact]
    public void A_guest_that_writes_faster_than_the_link_is_stopped_at_three_times_its_memory()
    {
        // Each round leaves the whole working set of 300 MiB: 1024 + 6 x 300 were sent, one more would be over 3072.
        var (seconds, downtime) = PreCopy.Expect(1024, 300, 100, 150, Setup);
        Assert.Equal(10.24 + 6 * 3, seconds, 9);
        Assert.Equal(3 + 0.05, downtime, 9);
    }

    [Fact]
    public void A_small_working_set_ends_by_the_number_of_rounds()
    {
        // 2 MiB for ever: 29 rounds, the first with all memory.
        var (seconds, downtime) = PreCopy.Expect(1000, 2, 100, 500, Setup);
        Assert.Equal(10 + 28 * 0.02, seconds, 9);
        Assert.Equal(0.02 + 0.05, downtime, 9);
    }

    [Fact]
    public void Pieces_of_time_make_no_difference()
    {
        var expected = PreCopy.Expect(700, 100, 33, 12, Setup);
        var copy = new PreCopy(700, 100, Setup);
        for (var piece = 0; piece < 100_000 && copy.DowntimeSeconds is null; piece++) copy.Advance(0.01, 33, 12);
        Assert.Equal(expected.Seconds, copy.Seconds, 6);
        Assert.Equal(expected.DowntimeSeconds, copy.DowntimeSeconds!.Value, 6);
    }
}
