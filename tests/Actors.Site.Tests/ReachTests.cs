using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site.Tests;

/// <summary>Relays and routes: what each host's switch is told, and what is refused.</summary>
public class ReachTests
{
    private readonly ActorHarness<SiteState> _site = Sites.Empty();
    private readonly HostId[] _hosts;

    public ReachTests()
    {
        _hosts = [.. "abcd".Select(name => _site.Join($"{name}"))];
        foreach (var host in _hosts) Tell(host, $"{host}:7000");
    }

    [Fact]
    public void A_relay_knows_everybody_and_the_others_know_it()
    {
        var told = Told(_site.Ask(new SetReach(new SiteReach { Relays = [_hosts[0]] }), "operator:olga"));
        Assert.Equal(_hosts[1..].Order(), told[_hosts[0]].Relays.Select(one => one.Host));
        foreach (var other in _hosts[1..])
            Assert.Equal($"{_hosts[0]}:7000", Assert.Single(told[other].Relays).Endpoint);
        _site.AssertReplays();
    }

    [Fact]
    public void Each_host_of_a_route_knows_the_others_of_it()
    {
        var told = Told(_site.Ask(new SetReach(new SiteReach { Routes = [new([.. _hosts[..3]])] }), Sites.Admin));
        foreach (var host in _hosts[..3])
        {
            Assert.Equal(_hosts[..3].Where(other => other != host).Order(), told[host].Relays.Select(one => one.Host));
            Assert.Equal(_hosts[..3], Assert.Single(told[host].Routes).Hosts);
        }

        Assert.Empty(told[_hosts[3]].Relays);
        Assert.Empty(told[_hosts[3]].Routes);
    }

    [Fact]
    public void A_switch_that_is_elsewhere_now_is_told_under_a_higher_version()
    {
        var first = Told(_site.Ask(new SetReach(new SiteReach { Relays = [_hosts[0]] }), Sites.Admin));
        Assert.Empty(Tell(_hosts[0], $"{_hosts[0]}:7000").Sends); // nothing new
        var then = Told(Tell(_hosts[0], "10.0.0.9:1"));
        Assert.Equal("10.0.0.9:1", Assert.Single(then[_hosts[1]].Relays).Endpoint);
        Assert.True(then[_hosts[1]].Version > first[_hosts[1]].Version);
        // And taken away again everywhere.
        Assert.All(
            Told(_site.Ask(new SetReach(SiteReach.None), Sites.Admin)).Values, ask => Assert.Empty(ask.Relays));
    }

    [Theory]
    [InlineData("ab", "3 to 6 different hosts")]
    [InlineData("aba", "3 to 6 different hosts")]
    [InlineData("abc acb", "over another neighbour")]
    [InlineData("abx", "'h-none'")]
    public void A_route_that_makes_no_sense_is_refused(string routes, string why)
    {
        HostId Of(char name) => name == 'x' ? HostId.From("h-none") : _hosts[name - 'a'];
        var refused = _site.Ask(new SetReach(new SiteReach
        {
            Routes = [.. routes.Split(' ').Select(one => new ReachRoute([.. one.Select(Of)]))],
        }), Sites.Admin).Refusal!;
        Assert.Contains(why, refused.Reason);
        Assert.True(_site.State.Reach.IsNone);
    }

    [Fact]
    public void Owners_of_environments_may_not_say_it() => Assert.Equal(
        FailureCode.Forbidden, _site.Ask(new SetReach(SiteReach.None), "owner:alice").Refusal!.Code);

    private static Dictionary<HostId, SetSwitchReach> Told(Decision decision) => decision.Sends.ToDictionary(
        sent => HostId.From(sent.To.Id), sent => Assert.IsType<SetSwitchReach>(sent.Message));

    private Decision Tell(HostId host, string endpoint) => _site.Hear(
        new ActorKey(ActorKinds.Host, host.Value),
        new HostCapacity(host, "x", true, 1024, 1024, 4, 0, 1000, SwitchEndpoint: endpoint));
}
