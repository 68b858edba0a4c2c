using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Adaptation.Tests;

public sealed class ManagerTests
{
    [Fact]
    public void Nothing_happens_by_itself_unless_somebody_says_so()
    {
        var manager = Managers.Manager();
        Assert.Equal(AdaptMode.Manual, manager.State.Mode);
        Assert.Empty(manager.Ask(new AdaptTick()).Effects);

        manager.Planned(Managers.Move(1, 1, 2));
        Assert.Empty(manager.State.Work);
        Assert.Equal(1, manager.State.LastPlan?.Plan);
        manager.AssertReplays();
    }

    [Fact]
    public void A_round_follows_the_end_of_the_one_before()
    {
        var manager = Managers.Manager();
        var timer = Assert.Single(manager.Set(new SetAdaptation(AdaptMode.Partial, 5)).Timers);
        Assert.Equal(manager.Now, timer.Due);
        var effect = Assert.Single(manager.Ask(timer.Message!).Effects);
        Assert.Equal(ActorKinds.AdaptRoundEffect, effect.Kind);

        Assert.Empty(manager.Ask(new AdaptTick()).Effects);
        Assert.Equal("round-goes-on", manager.Ask(new AskPlan(null), "admin:root").Refusal?.Code);
        manager.Now += TimeSpan.FromSeconds(40);
        Assert.Equal(manager.Now.AddSeconds(5), Assert.Single(manager.EndRound().Timers).Due);
        Assert.Empty(manager.State.History);
        manager.AssertReplays();
    }

    [Fact]
    public void A_result_is_taken_once()
    {
        var manager = Managers.Manager(AdaptMode.Automatic);
        manager.Ask(new AdaptTick());
        var done = new AdaptRoundDone(
            new RoundReport { Round = 1, At = manager.Now }, Managers.Plan(manager.Now, Managers.Move(1, 1, 2)));
        Assert.Single(manager.Ask(done).Begun());
        Assert.Empty(manager.Ask(done).Events);
        Assert.Single(manager.State.History);
    }

    [Fact]
    public void A_round_that_breaks_off_says_why_and_the_next_comes()
    {
        var manager = Managers.Manager(AdaptMode.Automatic);
        var effect = Assert.Single(manager.Ask(new AdaptTick()).Effects);
        var decision = manager.Ask(new EffectFailed(effect.Id, effect.Payload, "timeout", "It took too long."));
        Assert.Equal("timeout", manager.State.LastRound?.Refused?.Code);
        Assert.Single(decision.Timers);
    }

    [Fact]
    public void Partial_changes_amounts_and_only_shows_moves()
    {
        var manager = Managers.Manager(AdaptMode.Partial);
        manager.Ask(new AdaptTick());
        var both = Managers.Move(2, 1, 2) with { CpuWeight = 300 };
        var begun = manager.EndRound(Managers.Move(1, 1, 2), both, Managers.Weight(3, 1, 200)).Begun();
        Assert.Equal([Sites.Node(2), Sites.Node(3)], begun.Select(one => one.Change.Node));
        Assert.DoesNotContain(begun, one => one.Change.Moves());
        Assert.Equal("system:adaptation", Assert.Single(manager.State.History).ApprovedBy);
    }

    [Fact]
    public void The_same_moves_again_are_one_plan()
    {
        var manager = Managers.Manager(AdaptMode.Partial);
        for (var round = 0; round < 5; round++)
        {
            manager.Ask(new AdaptTick());
            manager.EndRound(Managers.Move(1, 1, 2));
        }

        Assert.Single(manager.State.History);
        manager.Ask(new AdaptTick());
        manager.EndRound(Managers.Move(1, 1, 3));
        Assert.Equal(2, manager.State.History.Count);
    }

    [Fact]
    public void One_move_at_a_time_from_and_to_a_host()
    {
        var manager = Managers.Manager();
        manager.Planned(
            Managers.Move(1, 1, 2), Managers.Move(2, 1, 3), Managers.Move(3, 4, 2), Managers.Move(4, 4, 5));
        var begun = manager.Apply().Begun();
        Assert.Equal([Sites.Node(1), Sites.Node(4)], begun.Select(one => one.Change.Node));
        var next = manager.Ended(begun[0]).Begun();
        Assert.Equal(Sites.Node(2), Assert.Single(next).Change.Node);
        Assert.Equal(manager.Now, manager.State.Nodes[Sites.Node(1)].LastMoved);
    }

    [Fact]
    public void One_refusal_does_not_stop_the_others_and_the_node_is_left_alone_for_a_while()
    {
        var manager = Managers.Manager();
        manager.Planned(Managers.Move(1, 1, 2), Managers.Move(2, 1, 3));
        var begun = Assert.Single(manager.Apply().Begun());
        var next = manager.Ended(begun, new Failure("no-capacity", "Host 2 is full.", "Free some.")).Begun();
        manager.Ended(Assert.Single(next));
        var summary = Assert.Single(manager.State.History);
        Assert.Equal((1, 1), (summary.Done, summary.Refused));
        Assert.Equal("Host 2 is full.", summary.LastFailure);
        Assert.NotNull(manager.State.Nodes[Sites.Node(1)].HeldUntil);
        Assert.Null(manager.State.Nodes[Sites.Node(2)].HeldUntil);
        Assert.Empty(manager.State.Work);
        manager.AssertReplays();
    }

    [Fact]
    public void Stale_old_and_wrong_plans_are_refused()
    {
        var manager = Managers.Manager();
        Assert.Equal(FailureCode.NotFound, manager.Apply().Refusal?.Code);
        manager.Planned(Managers.Move(1, 1, 2));
        manager.Planned(Managers.Move(2, 1, 2));
        Assert.Equal("stale-plan", manager.Apply(1).Refusal?.Code);
        manager.Now += ManagerLimits.PlanAge + TimeSpan.FromSeconds(1);
        Assert.Equal("stale-plan", manager.Apply(2).Refusal?.Code);

        manager.Ask(new AskPlan(null), "admin:root");
        manager.EndRound(Managers.Plan(manager.Now, Managers.Move(1, 1, 2)) with
        {
            Verdict = [new Failure("memory", "Host 2 would promise too much.", "Make a new plan.")],
        });
        Assert.Equal("wrong-plan", manager.Apply().Refusal?.Code);
        Assert.Empty(manager.State.Work);
    }

    [Fact]
    public void A_plan_is_applied_once()
    {
        var manager = Managers.Manager();
        manager.Planned(Managers.Move(1, 1, 2));
        Assert.Null(manager.Apply(1).Refusal);
        Assert.Equal("applied-already", manager.Apply(1).Refusal?.Code);
    }

    [Fact]
    public void Changes_whose_turn_comes_too_late_are_refused_by_name()
    {
        var manager = Managers.Manager();
        manager.Planned(Managers.Move(1, 1, 2), Managers.Move(2, 1, 2));
        var begun = Assert.Single(manager.Apply().Begun());
        manager.Now += ManagerLimits.PlanAge + TimeSpan.FromSeconds(1);
        Assert.Empty(manager.Ended(begun).Begun());
        Assert.Equal("stale-plan", manager.State.Outcomes[Sites.Node(2)].Failure?.Code);
    }

    [Fact]
    public void Going_back_to_manual_stops_what_was_not_begun()
    {
        var manager = Managers.Manager(AdaptMode.Automatic);
        manager.Ask(new AdaptTick());
        var begun = Assert.Single(manager.EndRound(Managers.Move(1, 1, 2), Managers.Move(2, 1, 2)).Begun());
        var decision = manager.Set(new SetAdaptation(AdaptMode.Manual));
        Assert.Contains(decision.Timers, timer => timer.Due is null);
        Assert.Equal("stopped", manager.State.Outcomes[Sites.Node(2)].Failure?.Code);
        manager.Ended(begun);
        Assert.Equal(ChangePhase.Done, manager.State.Outcomes[Sites.Node(1)].Phase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Going_from_automatic_to_partial_stops_moves_that_nobody_but_the_manager_approved(bool approved)
    {
        var manager = Managers.Manager(approved ? AdaptMode.Manual : AdaptMode.Automatic);
        if (approved)
        {
            manager.Planned(Managers.Move(1, 1, 2), Managers.Move(2, 1, 2));
            manager.Apply();
            manager.Set(new SetAdaptation(AdaptMode.Automatic));
        }
        else
        {
            manager.Ask(new AdaptTick());
            manager.EndRound(Managers.Move(1, 1, 2), Managers.Move(2, 1, 2));
        }

        Assert.Equal(2, manager.State.Work.Count);
        manager.Set(new SetAdaptation(AdaptMode.Partial));
        Assert.Equal(approved ? 2 : 1, manager.State.Work.Count);
        var second = manager.State.Outcomes.GetValueOrDefault(Sites.Node(2));
        Assert.Equal(approved ? null : "stopped", second?.Failure?.Code);
    }

    [Theory]
    [InlineData("viewer:eve")]
    [InlineData("owner:ann")]
    [InlineData("operator:olga")]
    public void Only_administrators_change_how_a_site_adapts(string who)
    {
        var manager = Managers.Manager();
        manager.Planned(Managers.Move(1, 1, 2));
        Assert.Equal(FailureCode.Forbidden, manager.Ask(new SetAdaptation(AdaptMode.Automatic), who).Refusal?.Code);
        Assert.Equal(FailureCode.Forbidden, manager.Ask(new ApplyPlan(null), who).Refusal?.Code);
        Assert.Equal(who.StartsWith("operator", StringComparison.Ordinal),
            manager.Ask(new AskPlan(null), who).Refusal is null);
    }

    [Fact]
    public void Bad_settings_are_refused_and_change_nothing()
    {
        var manager = Managers.Manager();
        Assert.Equal("out-of-range", manager.Set(new SetAdaptation(PeriodSeconds: 0)).Refusal?.Code);
        Assert.Equal("out-of-range", manager.Set(new SetAdaptation(PeriodSeconds: 3601)).Refusal?.Code);
        Assert.Equal("bad-policy", manager.Set(new SetAdaptation(Policy: PolicyChoice.Of("luck"))).Refusal?.Code);
        Assert.Empty(manager.Journal);
    }

    [Fact]
    public void A_closed_host_is_remembered_until_it_opens()
    {
        var manager = Managers.Manager();
        var closed = manager.Ask(new CloseHost(Sites.Host(1), "host1", true), "operator:olga");
        // The site places nothing there from now on.
        Assert.Equal([new HostDrains(Sites.Host(1), true)], closed.Sends.Select(send => send.Message));
        Assert.Empty(manager.Ask(new CloseHost(Sites.Host(1), "host1", true), "operator:olga").Events);
        Assert.Equal("host1", manager.State.Closed[Sites.Host(1)]);
        manager.Ask(new CloseHost(Sites.Host(1), "host1", false), "operator:olga");
        Assert.Empty(manager.State.Closed);
        manager.AssertReplays();
    }
}
