using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.Switch.Tests;

public class NetworkTests
{
    private static readonly HostId A = Nets.Hosts[0];
    private static readonly HostId B = Nets.Hosts[1];
    private static readonly HostId C = Nets.Hosts[2];

    [Fact]
    public void PlugFillsTheTableAndTellsEveryMember()
    {
        var network = Nets.Network();
        var decision = network.Hear(Nets.Asker, new Plug("p1", [Nets.Item(1, A), Nets.Item(2, B)]));
        var parts = decision.Sent<SetSwitchPart>();
        Assert.Equal([Nets.SwitchOf(A), Nets.SwitchOf(B)], decision.Sends.Select(send => send.To));
        Assert.All(parts, part => Assert.Equal(network.State.Version, part.Version));
        Assert.Equal(
            [("10.10.0.254", "0a:56:49:4f:00:00"), ("10.10.0.253", "0a:56:49:4f:00:01")],
            parts[0].Part!.Members.Select(member => (member.ProberIp, member.ProberMac)));
        Assert.Equal([A, B], parts[0].Part!.Entries.Select(entry => entry.Host));
        Assert.Empty(decision.Sent<NetworkAnswer>());
        foreach (var host in new[] { A, B }) // an older version than asked for ends nothing
            Assert.Empty(network.Report(host, network.State.Version - 1).Sent<NetworkAnswer>());
        Assert.Empty(network.Report(A).Sent<NetworkAnswer>());
        Assert.Equal(new NetworkAnswer("p1", null), network.Report(B).One<NetworkAnswer>());
        network.AssertReplays();
    }

    [Fact]
    public void AnEndpointIsPassedOnToAllMembersOnce()
    {
        var network = Nets.Plugged(2);
        var decision = network.Report(A, endpoint: "new:1");
        Assert.Equal(["new:1", "h-b:7000"], decision.Sent<SetSwitchPart>()[1].Part!.Members.Select(m => m.Endpoint));
        Assert.Empty(network.Report(A, endpoint: "new:1").Sends);
        Assert.Empty(network.Report(C, endpoint: "stranger:1").Sends);
    }

    [Fact]
    public void AMoveRaisesTheSequenceAndEndsOnOneHost()
    {
        var network = Nets.Plugged(2);
        long Sequence() => network.State.Entries[Nets.Node(1)].Sequence;
        var before = Sequence();
        network.Hear(Nets.Asker, new Prebind("m1", Nets.Node(1), C));
        var prebound = Sequence();
        Assert.Equal((A, C),
            (network.State.Entries[Nets.Node(1)].Host, network.State.Entries[Nets.Node(1)].PreboundHost));
        Assert.Empty(network.Report(B).Sent<NetworkAnswer>()); // does not matter here
        network.Report(A);
        network.Report(C).One<NetworkAnswer>();
        var settle = network.Hear(Nets.Asker, new Settle("m2", Nets.Node(1), C));
        Assert.True(before < prebound && prebound < Sequence());
        Assert.Null(
            settle.Sent<SetSwitchPart>().Zip(settle.Sends).Single(p => p.Second.To == Nets.SwitchOf(A)).First.Part);
        Assert.Equal([B, C], network.State.Members.Keys);
        network.Report(A);
        network.Report(C).One<NetworkAnswer>();
    }

    [Fact]
    public void FreedProberAddressesAreUsedAgain()
    {
        var network = Nets.Plugged(2);
        network.Hear(Nets.Asker, new Unplug("u", [Nets.Node(1)]));
        network.Hear(Nets.Asker, new Plug("p", [Nets.Item(3, C)]));
        Assert.Equal("10.10.0.254", network.State.Members[C].ProberIp);
        Assert.Equal("10.10.0.253", network.State.Members[B].ProberIp);
        network.AssertReplays();
    }

    [Fact]
    public void ASubnetSpansAsManyHostsAsItHasProbers()
    {
        var network = Nets.Network("10.10.0.0/28");
        PlugItem On(int i) => Nets.Item(i, HostId.From($"h-{i}"));
        network.Hear(Nets.Asker, new Plug("p", [On(1), On(2), On(3)]));
        var answer = network.Hear(Nets.Asker, new Plug("q", [On(4)])).One<NetworkAnswer>();
        Nets.AssertFailure(answer.Failure, "too-many-hosts", "10.10.0.0/28 keeps 3 addresses");
        Assert.Equal(3, network.State.Entries.Count);
    }

    [Fact]
    public void NodesHaveNamesAnIpv6AddressAndServices()
    {
        var network = new ActorHarness<NetworkState>(new NetworkActor(), Nets.NetworkKey);
        network.Hear(Nets.Asker, new CreateNetwork(Nets.Astro, "10.10.0.0/24", "astro"));
        var part = network.Hear(Nets.Asker, new Plug("p", [Nets.Item(1, A) with { Name = "one" }]))
            .One<SetSwitchPart>().Part!;
        var ip6 = PrivatePrefix.AddressOf(Nets.Astro, "10.10.0.1");
        Assert.Equal(("one", ip6), (part.Entries[0].Name, part.Entries[0].Ip6));
        Assert.EndsWith("::a0a:1", ip6);
        Assert.Equal(
            new SwitchServices(
                "0a:56:49:4f:00:ff", "10.10.0.239/24", PrivatePrefix.AddressOf(Nets.Astro, "10.10.0.239"), "astro.vio"),
            part.Services);

        var options = new NetworkOptions { Gateway = "one", BootServer = "two", BootFile = "f", Duplicates = "report" };
        var other = new ActorHarness<NetworkState>(new NetworkActor(), Nets.NetworkKey);
        other.Hear(Nets.Asker, new CreateNetwork(Nets.Astro, "10.10.0.0/24", "astro", options));
        part = other.Hear(Nets.Asker, new Plug("p", [Nets.Item(1, A) with { Name = "one" }]))
            .One<SetSwitchPart>().Part!;
        Assert.Equal(
            ("10.10.0.1", ip6, null, "f", "report"),
            (part.Services!.Gateway, part.Services.Gateway6, part.Services.BootServer, part.Services.BootFile,
                part.Duplicates));

        // A node that an older build plugged in without a name gets it when it is plugged in again.
        network.Hear(Nets.Asker, new Plug("q", [Nets.Item(2, A)]));
        Assert.Null(network.State.Entries[Nets.Node(2)].Name);
        network.Hear(Nets.Asker, new Plug("r", [Nets.Item(2, A) with { Name = "two" }]));
        Assert.Equal("two", network.State.Entries[Nets.Node(2)].Name);
        Assert.Equal("s01.astro.vio", Nets.Network().Hear(Nets.Asker, new Plug("p", [Nets.Item(1, A)]))
            .One<SetSwitchPart>().Part!.Services!.Domain);
        network.AssertReplays();
    }

    [Fact]
    public void AHostThatAnOlderBuildGaveTheServiceAddressKeepsIt()
    {
        var network = Nets.Plugged(2);
        var plan = SubnetPlan.Read("10.10.0.0/24", out _)!;
        var old = network.State with
        {
            Members = network.State.Members.SetItem(A, network.State.Members[A] with { ProberIp = plan.ServiceIp }),
        };
        Assert.NotNull(NetworkTable.Services(network.State));
        Assert.Null(NetworkTable.Services(old));
        var change = NetworkTable.WithMembers(
            old, plan, NetworkTable.Plug(old, plan, new Plug("p", [Nets.Item(3, C)])));
        Assert.Equal("10.10.0.254", change.Events.OfType<MemberAdded>().Single().ProberIp);
    }

    [Fact]
    public void WhatCannotBeIsAnsweredAtOnce()
    {
        Failure? Try(ActorHarness<NetworkState> network, object ask) =>
            network.Hear(Nets.Asker, ask).One<NetworkAnswer>().Failure;

        var network = Nets.Plugged(2);
        var item = Nets.Item(3, A);
        Nets.AssertFailure(Try(network, new Plug("r", [item with { Ip = "10.10.0.254" }])), "bad-address",
            "10.10.0.238");
        Nets.AssertFailure(Try(network, new Plug("r", [item with { Ip = "10.10.0.1" }])), "address-taken", "of node");
        Nets.AssertFailure(Try(network, new Plug("r", [item, item with { Node = Nets.Node(4) }])), "address-taken",
            "node");
        Nets.AssertFailure(Try(network, new Prebind("r", Nets.Node(9), B)), "not-found", "not in the network's table");
        Nets.AssertFailure(Try(network, new Prebind("r", Nets.Node(1), A)), "already-there", "on host 'h-a' already");
        Nets.AssertFailure(Try(network, new Settle("r", Nets.Node(9), B)), "not-found", "not in the network's table");
        Assert.Null(Try(network, new Unplug("r", [Nets.Node(9)])));
        Assert.Equal(2, network.State.Entries.Count);

        var missing = new ActorHarness<NetworkState>(new NetworkActor(), Nets.NetworkKey);
        Nets.AssertFailure(Try(missing, new Unplug("r", [])), "no-network", "has no network yet");
        Assert.Equal("bad-subnet",
            missing.Hear(Nets.Asker, new CreateNetwork(Nets.Astro, "10.0.0.0/30")).Refusal!.Code);
        Assert.Empty(network.Hear(Nets.Asker, new CreateNetwork(Nets.Astro, "10.9.0.0/24")).Events);
    }

    [Fact]
    public void RequestsAreBounded()
    {
        var network = Nets.Plugged(1);
        for (var i = 0; i < NetworkLimits.Waits; i++)
            network.Hear(Nets.Asker, new Plug($"r{i}", [Nets.Item(1, A)]));
        var answer = network.Hear(Nets.Asker, new Plug("more", [Nets.Item(1, A)])).One<NetworkAnswer>();
        Nets.AssertFailure(answer.Failure, "busy", "512 requests");
        Assert.Equal(NetworkLimits.Waits, network.Report(A).Sent<NetworkAnswer>().Length);
    }

    /// <summary>
    /// Every order in which up to three hosts say every mix of applied, away and broken, each once or twice: one
    /// answer per request, with a failure exactly when the rules say so.
    /// </summary>
    [Fact]
    public void EveryOrderOfAnswersEndsInOneAnswer()
    {
        Failure?[] outcomes = [null, Nets.Away, Nets.Broken];
        var (kinds, tried) = (new[] { "plug", "unplug", "prebind", "settle", "repeat" }, 0);
        foreach (var kind in kinds)
            foreach (var order in Orders(Nets.Hosts))
                foreach (var mix in Mixes(outcomes, Nets.Hosts.Length))
                    for (var times = 1; times <= 2; times++)
                    {
                        Try(kind, order, Nets.Hosts.Zip(mix).ToDictionary(pair => pair.First, pair => pair.Second),
                            times);
                        tried++;
                    }
        Assert.Equal(5 * 6 * 27 * 2, tried);
    }

    private static void Try(string kind, HostId[] order, Dictionary<HostId, Failure?> says, int times)
    {
        var network = kind == "plug" ? Nets.Network() : Nets.Plugged(3);
        var items = Nets.Hosts.Select((host, i) => Nets.Item(i + 1, host)).ToArray();
        var (ask, concerned, awayIsFine) = kind switch
        {
            "unplug" => (new Unplug("r", [.. items.Select(item => item.Node)]), Nets.Hosts, true),
            "prebind" => (new Prebind("r", Nets.Node(1), B), [A, B], false),
            "settle" => (new Settle("r", Nets.Node(1), B), [A, B], true),
            _ => ((object)new Plug("r", items), Nets.Hosts, false),
        };
        var answers = new List<NetworkAnswer>();
        answers.AddRange(network.Hear(Nets.Asker, ask).Sent<NetworkAnswer>());
        answers.AddRange(network.Hear(Nets.Asker, ask).Sent<NetworkAnswer>()); // asked twice, answered once
        foreach (var host in order)
            for (var i = 0; i < times; i++)
                answers.AddRange(
                    network.Report(host, failure: says[host], endpoint: $"{host}:7000").Sent<NetworkAnswer>());
        var bad = concerned.Select(host => says[host])
            .Where(failure => failure is not null && !(awayIsFine && failure == Nets.Away)).ToArray();
        var answer = Assert.Single(answers);
        Assert.Equal("r", answer.RequestId);
        Assert.Equal(bad.Length > 0, answer.Failure is not null);
        Assert.Empty(network.State.Waits);
        network.AssertReplays();
    }

    private static IEnumerable<HostId[]> Orders(HostId[] hosts) => hosts.Length == 0
        ? [[]]
        : hosts.SelectMany(first =>
            Orders([.. hosts.Where(host => host != first)]).Select(rest => (HostId[])[first, .. rest]));

    private static IEnumerable<Failure?[]> Mixes(Failure?[] outcomes, int length) => length == 0
        ? [[]]
        : Mixes(outcomes, length - 1).SelectMany(rest => outcomes.Select(outcome => (Failure?[])[.. rest, outcome]));
}
