using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;

namespace VioActors.Actors.Switch.Tests;

public class LimitTests
{
    private static readonly SwitchLimit OneTwo = SwitchLimit.Of(Nets.Node(2), Nets.Node(1), 1000);
    private static readonly SwitchLimit OneThree = SwitchLimit.Of(Nets.Node(1), Nets.Node(3), 64);

    [Fact]
    public void LimitsReachEveryMemberAndWaitForTheirNodes()
    {
        var network = Nets.Plugged(2);
        var version = network.State.Version;
        var told = network.Hear(Nets.Asker, new LimitPairs([OneTwo, OneThree]));
        Assert.Equal(version + 1, network.State.Version);
        Assert.Equal(2, told.Sent<SetSwitchPart>().Count());
        Assert.All(told.Sent<SetSwitchPart>(), part => Assert.Equal([OneTwo], part.Part!.Limits));
        var later = network.Hear(Nets.Asker, new Plug("p1", [Nets.Item(3, Nets.Hosts[2])]));
        Assert.All(later.Sent<SetSwitchPart>(), part => Assert.Equal([OneTwo, OneThree], part.Part!.Limits));
        var gone = network.Hear(Nets.Asker, new Unplug("u1", [Nets.Node(2)]));
        Assert.All(gone.Sent<SetSwitchPart>().Where(part => part.Part is not null),
            part => Assert.Equal([OneThree], part.Part!.Limits));
        network.AssertReplays();
    }

    [Fact]
    public void ALimitOfOneNodeGoesWithIt()
    {
        var network = Nets.Plugged(2);
        var alone = new SwitchLimit(Nets.Node(1), null, 500);
        var told = network.Hear(Nets.Asker, new LimitPairs([alone]));
        Assert.All(told.Sent<SetSwitchPart>(), part => Assert.Equal([alone], part.Part!.Limits));
        var gone = network.Hear(Nets.Asker, new Unplug("u1", [Nets.Node(1)]));
        Assert.All(gone.Sent<SetSwitchPart>().Where(part => part.Part is not null),
            part => Assert.Empty(part.Part!.Limits));
    }

    [Fact]
    public void LimitsThatComeBeforeTheNetworkAreKept()
    {
        var network = new ActorHarness<NetworkState>(new NetworkActor(), Nets.NetworkKey);
        Assert.Empty(network.Hear(Nets.Asker, new LimitPairs([OneTwo])).Sends);
        network.Hear(Nets.Asker, new CreateNetwork(Nets.Astro, "10.10.0.0/24"));
        var told = network.Hear(
            Nets.Asker, new Plug("p1", [Nets.Item(1, Nets.Hosts[0]), Nets.Item(2, Nets.Hosts[0])]));
        Assert.Equal([OneTwo], told.One<SetSwitchPart>().Part!.Limits);
    }

    [Fact]
    public void TheSameLimitsAgainChangeNothingAndStrangersSetNone()
    {
        var network = Nets.Plugged(1);
        network.Hear(Nets.Asker, new LimitPairs([OneTwo]));
        var again = network.Hear(Nets.Asker, new LimitPairs([OneTwo]));
        Assert.Empty(again.Events);
        Assert.Empty(again.Sends);
        Assert.NotNull(network.Hear(Nets.SwitchOf(Nets.Hosts[0]), new LimitPairs([])).Refusal);
        var many = network.Hear(Nets.Asker, new LimitPairs([.. Enumerable.Repeat(OneTwo, 257)])).Refusal!;
        Assert.Equal("too-many-limits", many.Code);
        Assert.Equal([OneTwo], network.State.Limits);
    }
}
