using VioActors.Contracts;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch.Tests;

/// <summary>Every message under every role and sender: people may nothing here, actors what the table says.</summary>
public class AccessTests
{
    private static readonly ActorKey[] Senders =
    [
        Nets.Asker, new(ActorKinds.Environment, "s01.other"), Nets.NetworkKey, new(ActorKinds.Network, "s01.other"),
        Nets.SwitchOf(Nets.Hosts[0]), Nets.SwitchOf(Nets.Hosts[1]), new(ActorKinds.Host, "h-a"),
        new(ActorKinds.Host, "h-b"),
    ];

    private static readonly (object Message, ActorKey? Only)[] OfNetworks =
    [
        (new CreateNetwork(Nets.Astro, "10.0.0.0/24"), Nets.Asker),
        (new Plug("r", []), Nets.Asker),
        (new Unplug("r", []), Nets.Asker),
        (new Prebind("r", Nets.Node(1), Nets.Hosts[0]), Nets.Asker),
        (new Settle("r", Nets.Node(1), Nets.Hosts[0]), Nets.Asker),
        (new SwitchPartApplied(Nets.Astro, Nets.Hosts[0], 1, null, null), Nets.SwitchOf(Nets.Hosts[0])),
        (new NetworkAnswer("r", null), null),
    ];

    private static readonly (object Message, ActorKey? Only)[] OfSwitches =
    [
        (new SetSwitchPart(Nets.Astro, 1, Nets.Part()), Nets.NetworkKey),
        (new SwitchHostConnected(Nets.Hosts[0], "h-a:7000"), new(ActorKinds.Host, "h-a")),
        (new SwitchHostDisconnected(Nets.Hosts[0]), new(ActorKinds.Host, "h-a")),
        (new Plug("r", []), null),
    ];

    private static readonly object[] ResultsAndTimers =
    [
        new SwitchAnswered(1, null), new SwitchRetry(1), new EffectFailed("x", new SwitchRetry(1), "a", "b"),
    ];

    [Fact]
    public void OnlyTheRightActorIsHeard()
    {
        foreach (var sender in Senders)
        {
            foreach (var (message, only) in OfNetworks)
                Assert.Equal(only != sender, Nets.Network().Hear(sender, message).Refusal?.Code == "forbidden");
            foreach (var (message, only) in OfSwitches)
                Assert.Equal(
                    only != sender, Nets.Switch(Nets.Hosts[0]).Hear(sender, message).Refusal?.Code == "forbidden");
            foreach (var message in ResultsAndTimers)
                Assert.Equal("forbidden", Nets.Switch(Nets.Hosts[0]).Hear(sender, message).Refusal?.Code);
        }
    }

    [Theory]
    [InlineData("viewer:eve"), InlineData("owner:eve"), InlineData("operator:eve"), InlineData("admin:eve")]
    [InlineData("agent:h-a"), InlineData("system:system")]
    public void NobodyOutsideIsHeard(string principal)
    {
        foreach (var (message, _) in OfNetworks)
            Assert.Equal("forbidden", Nets.Network().Ask(message, principal).Refusal?.Code);
        foreach (var (message, _) in OfSwitches)
            Assert.Equal("forbidden", Nets.Switch(Nets.Hosts[0]).Ask(message, principal).Refusal?.Code);
    }

    [Fact]
    public void AMessageForAnotherEnvironmentIsDenied()
    {
        var other = EnvironmentId.From("s01.other");
        Assert.Equal(
            "forbidden", Nets.Network().Hear(Nets.Asker, new CreateNetwork(other, "10.0.0.0/24")).Refusal?.Code);
        Assert.Equal("forbidden", Nets.Network().Hear(
            Nets.SwitchOf(Nets.Hosts[0]), new SwitchPartApplied(other, Nets.Hosts[0], 1, null, null)).Refusal?.Code);
    }
}
