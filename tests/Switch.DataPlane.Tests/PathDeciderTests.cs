namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Every case of the decisions about paths.</summary>
public sealed class PathDeciderTests
{
    [Fact]
    public void A_path_that_answers_is_kept_and_a_dead_one_is_left_when_there_is_another()
    {
        for (int all = 0; all < 32; all++)
        {
            bool Bit(int i) => (all >> i & 1) != 0;
            (bool detour, bool dead, bool relay, bool stream, bool due) = (Bit(0), Bit(1), Bit(2), Bit(3), Bit(4));
            PathAction action = PathDecider.Periodic(detour, dead, relay, stream, due);
            if (!dead)
                Assert.Equal(detour && due ? PathAction.TryDirect : PathAction.Keep, action);
            else if (relay)
                Assert.Equal(PathAction.UseRelay, action);
            else if (stream)
                Assert.Equal(PathAction.UseStream, action);
            else
                Assert.Equal(detour ? PathAction.UseDirect : PathAction.Keep, action);
        }
    }

    [Fact]
    public void Only_the_newest_moves_a_path_and_a_detour_no_path_that_answers()
    {
        for (int all = 0; all < 16; all++)
        {
            bool Bit(int i) => (all >> i & 1) != 0;
            (bool detour, bool proven, bool cameByDetour, bool newest) = (Bit(0), Bit(1), Bit(2), Bit(3));
            ArrivalAction action = PathDecider.Arrived(detour, proven, cameByDetour, newest);
            if (!newest)
                Assert.Equal(ArrivalAction.Ignore, action);
            else if (!proven)
                Assert.Equal(ArrivalAction.Follow, action);
            else if (cameByDetour)
                Assert.Equal(ArrivalAction.Ignore, action);
            else
                Assert.Equal(detour ? ArrivalAction.Try : ArrivalAction.Follow, action);
        }
    }

    [Fact]
    public void An_answered_try_never_replaces_a_direct_path_that_answers()
    {
        Assert.False(PathDecider.UseAnswered(isDetour: false, isProven: true));
        Assert.True(PathDecider.UseAnswered(isDetour: true, isProven: true));
        Assert.True(PathDecider.UseAnswered(isDetour: false, isProven: false));
        Assert.True(PathDecider.UseAnswered(isDetour: true, isProven: false));
    }

    /// <summary>However answers come and go: dead only after three in a row were missing, alive with the next one.
    /// </summary>
    [Fact]
    public void A_path_is_dead_after_three_missing_answers_and_not_before()
    {
        for (int answers = 0; answers < 1 << 10; answers++)
        {
            var health = new PathHealth();
            int missing = 0, sent = 0;
            for (long now = 0; now < 60_000 && sent < 10; now += 50)
            {
                if (!health.Due(now))
                    continue;
                Assert.Equal(missing >= PathHealth.DeadAfter, health.IsDead);
                bool answered = (answers >> sent++ & 1) != 0;
                missing = answered ? 0 : missing + 1;
                if (answered)
                    health.Answered(1000, now + 1);
            }

            Assert.Equal(10, sent);
        }
    }
}
