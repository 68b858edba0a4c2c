using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch.Tests;

public class SwitchTests
{
    private static SwitchCall Call(Decision decision) =>
        Assert.IsType<SwitchCall>(Assert.Single(decision.Effects).Payload);

    private static Decision Applied(ActorHarness<SwitchState> @switch) =>
        @switch.Ask(new SwitchAnswered(@switch.State.Version, null));

    [Fact]
    public void ANewerWantedStateCancelsTheOlder()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        @switch.Connect();
        Applied(@switch);
        var first = @switch.Set(1);
        Assert.Empty(first.CancelledEffects);
        Assert.Equal(7, Call(first).Wanted.Generation);
        var second = @switch.Set(1, environment: "s01.boson");
        Assert.Equal([first.Effects[0].Id], second.CancelledEffects);
        Assert.Equal(2, Call(second).Wanted.Environments.Length);
        Assert.True(Call(second).Wanted.Version > Call(first).Wanted.Version);
        var told = Applied(@switch);
        Assert.Equal(2, told.Sent<SwitchPartApplied>().Length);
        Assert.All(told.Sent<SwitchPartApplied>(), news => Assert.Equal("h-a:7000", news.Endpoint));
        Assert.Empty(Applied(@switch).Sends);
        @switch.AssertReplays();
    }

    [Fact]
    public void TheSitesReachGoesWithTheWantedState()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        var site = new ActorKey(ActorKinds.Site, "s01");
        SetSwitchReach Reach(long version) => new(
            version, [new SwitchRelay(Nets.Hosts[1], "h-b:7000")], [new ReachRoute([.. Nets.Hosts])]);
        Assert.Empty(@switch.Hear(site, Reach(2)).Effects); // the host is away
        var wanted = Call(@switch.Connect()).Wanted;
        Assert.Equal(Nets.Hosts[1], Assert.Single(wanted.Relays).Host);
        Assert.Equal(Nets.Hosts, Assert.Single(wanted.Routes).Hosts);
        Applied(@switch);
        Assert.Empty(@switch.Hear(site, Reach(1)).Effects); // older
        Assert.Empty(Call(@switch.Hear(site, new SetSwitchReach(3, [], []))).Wanted.Relays);
        Assert.NotNull(@switch.Hear(new ActorKey(ActorKinds.Host, Nets.Hosts[0].Value), Reach(4)).Refusal);
        @switch.AssertReplays();
    }

    [Fact]
    public void ARepeatedPartIsAnsweredWithoutWork()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        @switch.Connect();
        @switch.Set(5);
        Assert.Equivalent(Decision.Nothing, @switch.Set(5)); // under way: its effect will answer
        Applied(@switch);
        var repeat = @switch.Set(5);
        Assert.Empty(repeat.Effects);
        Assert.Null(repeat.One<SwitchPartApplied>().Failure);
        Assert.Equal(5, @switch.Set(4).One<SwitchPartApplied>().Version); // older: the newer one stands
    }

    [Fact]
    public void ARemovedPartIsForgottenOnceApplied()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        Assert.Null(@switch.Set(1, remove: true).One<SwitchPartApplied>().Failure);
        @switch.Connect();
        @switch.Set(2);
        Applied(@switch);
        Assert.Empty(Call(@switch.Set(3, remove: true)).Wanted.Environments);
        Assert.Single(@switch.State.Parts);
        Assert.Equal(3, Applied(@switch).One<SwitchPartApplied>().Version);
        Assert.Empty(@switch.State.Parts);
    }

    [Fact]
    public void AHostThatIsAwayFailsAtOnceAndGetsEverythingWhenItReturns()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        var news = @switch.Set(1).One<SwitchPartApplied>();
        Nets.AssertFailure(news.Failure, FailureCode.HostUnreachable, "host 'h-a' cannot be reached");
        Assert.Null(news.Endpoint);
        var again = @switch.Set(1).One<SwitchPartApplied>();
        Nets.AssertFailure(again.Failure, FailureCode.HostUnreachable, "host 'h-a' cannot be reached");
        Assert.Single(Call(@switch.Connect()).Wanted.Environments);
        Assert.Null(Applied(@switch).One<SwitchPartApplied>().Failure);

        var anew = @switch.Connect(); // a new connection without a farewell: switchd may be a new one
        Assert.Single(Call(anew).Wanted.Environments);
        var gone = @switch.Disconnect();
        Assert.Equal([anew.Effects[0].Id], gone.CancelledEffects);
        Nets.AssertFailure(
            gone.One<SwitchPartApplied>().Failure, FailureCode.HostUnreachable, "host 'h-a' cannot be reached");
        Assert.Equivalent(Decision.Nothing, @switch.Disconnect());
        Assert.Equivalent(Decision.Nothing, @switch.Ask(new SwitchAnswered(@switch.State.Version, null)));
        @switch.AssertReplays();
    }

    [Fact]
    public void AFailureIsToldAndTriedAgainEverMoreSlowly()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        @switch.Connect();
        var effect = @switch.Set(1).Effects[0];
        var ids = new HashSet<string> { effect.Id };
        TimeSpan[] expected = [.. new[] { 1, 2, 4, 8, 16, 30, 30 }.Select(seconds => TimeSpan.FromSeconds(seconds))];
        foreach (var wait in expected)
        {
            var failed = @switch.Ask(new EffectFailed(@switch.State.EffectId(), effect.Payload, "boom", "it broke"));
            Nets.AssertFailure(failed.One<SwitchPartApplied>().Failure, FailureCode.HostUnreachable,
                "(boom: it broke)");
            var timer = Assert.Single(failed.Timers);
            Assert.Equal(@switch.Now + wait, timer.Due);
            Assert.True(ids.Add(Assert.Single(@switch.Ask(timer.Message!).Effects).Id),
                "Each try has its own effect id.");
        }
        Assert.Null(Applied(@switch).One<SwitchPartApplied>().Failure);
        Assert.Equal(0, @switch.State.Failures);
        Assert.Equivalent(Decision.Nothing, @switch.Ask(new SwitchRetry(@switch.State.Version - 1)));
    }

    [Fact]
    public void NewsOfAnOlderStateDoesNotEndTheNewer()
    {
        var @switch = Nets.Switch(Nets.Hosts[0]);
        @switch.Connect();
        var older = @switch.Set(1).Effects[0];
        var version = @switch.State.Version;
        @switch.Set(2);
        Assert.Equivalent(Decision.Nothing, @switch.Ask(new EffectFailed(older.Id, older.Payload, "x", "y")));
        Assert.Equivalent(Decision.Nothing, @switch.Ask(new SwitchAnswered(version, Nets.Broken)));
        Assert.Empty(@switch.Ask(new SwitchAnswered(version, null)).Sent<SwitchPartApplied>());
        Assert.True(@switch.State.Sending);
        Assert.Equal(2, Applied(@switch).One<SwitchPartApplied>().Version);
    }
}
