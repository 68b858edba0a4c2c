namespace VioActors.Switch.DataPlane.Tests;

/// <summary>Nobody takes an address from a node by asking for it where the switch does not look.</summary>
public sealed class TaggedProbeTests
{
    [Theory]
    [InlineData("aaa")]
    [InlineData("abb")]
    public void AProbeInATagReachesNoNodeEither(string hosts)
    {
        // Receivers take a tag of VLAN 0 for none: the node that has the address, or begins to, would give it up.
        using var rig = new LinkLocalRig(hosts);
        byte[] neighbor = Tagged(Sample6.Neighbor(
            "33:33:ff:00:00:02", Sample.Mac1, default, NeighborMessage.Solicitation,
            Ipv6.LinkLocalOf(LinkLocalRig.Mac(2))));
        rig.Send(1, neighbor);
        rig.Send(1, Tagged(Sample.Arp(1, Sample.Mac1, "0.0.0.0", Sample.Ip2)));
        rig.Network.Run();
        Assert.Equal(0, rig.Got(2).Length + rig.Got(3).Length);
        if (hosts == "aaa")
            return;

        // Nor one that a hostile host lets pass.
        SwitchEnvironment environment = rig.Hosts['a'].Core.Environments["e"];
        rig.Hosts['a'].Core.FromSwitch(
            environment, environment.Find(LinkLocalRig.Mac(2))!, Sample.Super(neighbor));
        rig.Network.Run();
        Assert.Equal(0, rig.Got(2).Length + rig.Got(3).Length);
    }

    private static byte[] Tagged(byte[] frame) => [.. frame[..12], 0x81, 0, 0, 0, .. frame[12..]];
}
