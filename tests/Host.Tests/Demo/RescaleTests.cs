using VioActors.Daemon.Demo;

namespace VioActors.Daemon.Tests.Demo;

/// <summary>What the demo concludes from three measurements of a guest's work.</summary>
public sealed class RescaleTests
{
    private static readonly Step6Rescale.Window Free = new(170, 0.95, 120);
    private static readonly Step6Rescale.Window Limited = new(35, 0.22, 88);

    [Fact]
    public void Work_and_memory_that_follow_are_fine() => Assert.Null(Step6Rescale.Objection(Free, Limited, Free));

    [Fact]
    public void A_busy_host_decides_nothing()
    {
        Assert.False(Step6Rescale.IsFree(new(33, 0.2, 120)));
        Assert.True(Step6Rescale.IsFree(new(95, 0.55, 120)));
        Assert.Null(Step6Rescale.Objection(Free, Limited with { Work = 20, Cores = 0.12 }, new(95, 0.55, 120)));
    }

    [Fact]
    public void A_quota_that_does_not_hold_is_seen()
    {
        Assert.StartsWith("The quota does not hold", Step6Rescale.Objection(Free, Free with { MiB = 88 }, Free));
        Assert.StartsWith(
            "Work did not follow", Step6Rescale.Objection(Free, Limited with { Work = 160 }, Free));
        Assert.StartsWith(
            "Work did not follow", Step6Rescale.Objection(Free, Limited, Free with { Work = 40 }));
    }

    [Fact]
    public void A_balloon_that_does_not_move_is_seen() =>
        Assert.StartsWith("MemTotal", Step6Rescale.Objection(Free, Limited with { MiB = 120 }, Free));
}
