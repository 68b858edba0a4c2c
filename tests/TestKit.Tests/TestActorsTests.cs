using VioActors.Runtime;

namespace VioActors.TestKit.Tests;

/// <summary>The kit itself: what it says when a test is wrong, and that one seed gives one run.</summary>
public sealed class TestActorsTests
{
    [Fact]
    public void A_failure_says_phase_seed_expected_actual_and_the_last_events()
    {
        using var actors = Start(seed: 7);
        var pair = actors.Actor<PairState>("pair", "p");
        pair.Tell(new Go());
        var failed = Assert.Throws<TestKitException>(() => pair.Expect<Over>(over => !over.Done));
        Assert.Equal(7, failed.Seed);
        foreach (var part in (string[])
            [
                "an event of pair/p", "(seed 7)", "expected Over where over => !over.Done",
                "none came within 00:15:00", "1 others did", "last events:", "pair.over/1",
            ])
            Assert.Contains(part, failed.Message);
    }

    [Fact]
    public void A_reply_that_is_not_the_expected_one_is_shown()
    {
        using var actors = Start();
        var pair = actors.Actor<PairState>("pair", "p");
        Assert.Contains("the reply was Again", Failure(() => pair.Ask<Did>(new Go())));
        pair.Expect<Over>();
        Assert.Contains("it was refused: over: It is over.", Failure(() => pair.Tell(new Go())));
    }

    [Fact]
    public void A_refusal_that_does_not_come_is_told()
    {
        using var actors = Start();
        var pair = actors.Actor<PairState>("pair", "p");
        Assert.Contains("expected a refusal; the reply was Again", Failure(() => pair.Refuses(new Go())));
    }

    [Fact]
    public void An_answer_is_not_waited_for_while_the_server_stays_down()
    {
        using var actors = Start();
        actors.Crash();
        var pair = actors.Actor<PairState>("pair", "p");
        var answer = pair.Begin(new Go());
        Assert.Contains("the server is down", Failure(() => answer.Done()));
        actors.Restart();
        answer.Done();
    }

    [Fact]
    public void An_event_is_given_once_and_an_unwanted_one_fails()
    {
        using var actors = Start();
        var pair = actors.Actor<PairState>("pair", "p");
        pair.Tell(new Go());
        Assert.Equal([1, 2], [pair.Expect<At>().Step, pair.Expect<At>().Step]);
        pair.ExpectNo<At>(TimeSpan.FromMinutes(1));
        Assert.Contains("expected no Over", Failure(() => pair.ExpectNo<Over>(TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void Time_passes_only_when_the_test_says_so()
    {
        using var actors = Start();
        var start = actors.Now;
        actors.Advance(TimeSpan.FromDays(1));
        Assert.Equal(TimeSpan.FromDays(1), actors.Now - start);
        actors.Actor<PairState>("pair", "p").Tell(new Go());
        Assert.Equal(TimeSpan.FromDays(1), actors.Now - start);
    }

    [Fact]
    public void A_crash_is_at_the_commit_that_was_named()
    {
        foreach (var moment in Enum.GetValues<CrashMoment>())
        {
            using var actors = Start();
            var pair = actors.Actor<PairState>("pair", "p");
            actors.CrashAtCommit(1, moment);
            var answer = pair.Begin(new Go());
            actors.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal((1, moment == CrashMoment.After ? 1 : 0), (actors.Commits, actors.Events.Count));
            Assert.False(answer.IsKnown);
            pair.Expect<Over>();
        }
    }

    [Fact]
    public void A_crash_that_breaks_the_scenario_is_named()
    {
        var failed = Assert.Throws<TestKitException>(() => TestActors.CrashEverywhere(
            () => new ActorSetup(Pair.Codec).Add(new Pair()).Handle(new World()),
            actors =>
            {
                var pair = actors.Actor<PairState>("pair", "p");
                pair.Tell(new Go());
                pair.Expect<Over>();
                if (actors.Now > actors.Events[0].At + TimeSpan.FromMilliseconds(900))
                    throw new InvalidOperationException("too late");
            },
            seed: 3));
        Assert.Equal("with a crash Before commit 2 of 3 (seed 3): too late", failed.Message);
    }

    [Fact]
    public void Equal_seeds_give_equal_runs() => Assert.Equal(Trace(5), Trace(5));

    [Fact]
    public async Task A_test_may_await_between_calls()
    {
        using var actors = TestActors.Start(new ActorSetup(Pair.Codec).Add(new Pair()).Hold("world"));
        var pair = actors.Actor<PairState>("pair", "p");
        pair.Tell(new Go());
        var held = actors.ExpectEffect("world");
        await Task.Run(() => { }, TestContext.Current.CancellationToken);
        held.Complete(new Did(1, Undo: false));
        await Task.Run(() => { }, TestContext.Current.CancellationToken);
        Assert.Equal(2, pair.Expect<At>(at => at.Step == 2).Step);
    }

    private static string Trace(int seed)
    {
        using var site = TestSite.Start(hosts: 3, seed);
        return string.Join('\n', site.Events.Select(entry => $"{entry.At:O} {entry.Actor} {entry.Body}"));
    }

    private static TestActors Start(int seed = 1) =>
        TestActors.Start(new ActorSetup(Pair.Codec).Add(new Pair()).Handle(new World()), seed);

    private static string Failure(Action act) => Assert.Throws<TestKitException>(act).Message;
}
