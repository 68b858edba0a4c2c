namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Every case of the decisions about paths.</summary>
public sealed class PathDeciderTests
{
    private static readonly bool[] Both = [false, true];

    [Fact]
    public void A_path_that_answers_is_kept_and_a_dead_one_is_left_when_there_is_another()
    {
        foreach (bool relayed in Both)
            foreach (bool dead in Both)
                foreach (bool other in Both)
                    foreach (bool due in Both)
                    {
                        PathAction action = PathDecider.Periodic(relayed, dead, other, due);
                        if (!dead)
                            Assert.Equal(relayed && due ? PathAction.TryDirect : PathAction.Keep, action);
                        else if (other)
                            Assert.Equal(PathAction.UseRelay, action);
                        else
                            Assert.Equal(relayed ? PathAction.UseDirect : PathAction.Keep, action);
                    }
    }

    [Fact]
    public void Only_the_newest_moves_a_path_and_a_relayed_one_no_path_that_answers()
    {
        foreach (bool relayed in Both)
            foreach (bool proven in Both)
                foreach (bool cameRelayed in Both)
                    foreach (bool newest in Both)
                    {
                        ArrivalAction action = PathDecider.Arrived(relayed, proven, cameRelayed, newest);
                        if (!newest)
                            Assert.Equal(ArrivalAction.Ignore, action);
                        else if (!proven)
                            Assert.Equal(ArrivalAction.Follow, action);
                        else if (cameRelayed)
                            Assert.Equal(ArrivalAction.Ignore, action);
                        else
                            Assert.Equal(relayed ? ArrivalAction.Try : ArrivalAction.Follow, action);
                    }
    }

    [Fact]
    public void An_answered_try_never_replaces_a_direct_path_that_answers()
    {
        Assert.False(PathDecider.UseAnswered(isRelayed: false, isProven: true));
        Assert.True(PathDecider.UseAnswered(isRelayed: true, isProven: true));
        Assert.True(PathDecider.UseAnswered(isRelayed: false, isProven: false));
        Assert.True(PathDecider.UseAnswered(isRelayed: true, isProven: false));
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
