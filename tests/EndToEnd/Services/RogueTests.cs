using VioActors.EndToEnd.Switch;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Services;

/// <summary>A node that plays router, DHCP server or another node is stopped at its port, and named.</summary>
public class RogueTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANodeIsNoRouterAndNoDhcpServer(bool oneHost)
    {
        await using ServiceLab lab = await ServiceLab.StartAsync(oneHost);
        await Until.TrueAsync("the link is quiet",
            () => Shell.In(lab.One, "ip", "-6", "route").Contains("fd00:1::/64"));
        RawFrame.Send(lab.Two, "eth0", RouterAdvertisement());
        RawFrame.Send(lab.Two, "eth0", DhcpOffer());
        await Until.TrueAsync("both frames were judged", async () =>
            (await lab.CountersAsync(2)) is var c && c["dropRogueRouter"] == 1 && c["dropRogueDhcp"] == 1);
        Assert.DoesNotContain("default", Shell.In(lab.One, "ip", "-6", "route"));
    }

    [Theory]
    [InlineData(true, "quarantine")]
    [InlineData(false, "quarantine")]
    [InlineData(true, null)]
    public async Task ANodeWithTheAddressOfAnotherIsNamedAndKeptOutIfWanted(bool oneHost, string? policy)
    {
        await using ServiceLab lab = await ServiceLab.StartAsync(oneHost, policy);
        Shell.In(lab.Two, "busybox", "ping", "-c", "1", "-w", "5", "10.1.0.1");
        Shell.In(lab.Two, "ip", "address", "add", "10.1.0.1/16", "dev", "eth0");
        Shell.TryIn(lab.Two, "busybox", "ping", "-c", "8", "-W", "1", "-I", "10.1.0.1", "10.1.0.77");
        DuplicateStatus found = Assert.Single((await lab.EnvironmentAsync(2)).Duplicates);
        Assert.Equal(("othersAddress", "n2", "10.1.0.1", "n1", policy is not null),
            (found.Kind, found.Node, found.Address, found.OtherNode, found.Quarantined));
        Assert.Equal(oneHost ? ["a", "a"] : ["b", "a"], found.Hosts);
        Shell.In(lab.Two, "ip", "address", "del", "10.1.0.1/16", "dev", "eth0");
        foreach (string target in (string[])[ServiceLab.Service, "10.1.0.1"])
        {
            int code = Shell.TryIn(lab.Two, "busybox", "ping", "-c", "2", "-W", "1", target).Code;
            Assert.Equal(policy is null, code == 0);
        }
    }

    private static byte[] RouterAdvertisement()
    {
        byte[] frame = new byte[14 + 40 + 16];
        Assert.True(MacAddress.TryParse(SwitchLab.Mac(2), out MacAddress mac));
        Assert.True(MacAddress.TryParse("33:33:00:00:00:01", out MacAddress all));
        PacketWriter.Ethernet(frame, all, mac, FrameView.TypeIpv6);
        frame[54] = 134;
        frame[60] = 1;
        PacketWriter.Icmp6(frame.AsSpan(14), Ipv6.LinkLocalOf(mac), Ipv6.AllNodes);
        return frame;
    }

    private static byte[] DhcpOffer()
    {
        byte[] frame = new byte[14 + 28 + 244];
        Assert.True(MacAddress.TryParse(SwitchLab.Mac(2), out MacAddress mac));
        Assert.True(Ipv4.TryParse(SwitchLab.Ip(2), out Ipv4 ip));
        PacketWriter.Ethernet(frame, MacAddress.Broadcast, mac, FrameView.TypeIpv4);
        PacketWriter.Udp4(frame.AsSpan(14), (ip, 67), (new Ipv4(uint.MaxValue), 68));
        return frame;
    }
}
