using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>A port whose node could find its host does not come up, and the apply says why.</summary>
public class ContainmentTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("viob1")]
    [InlineData("vioq1")]
    public async Task APortThatCannotBeSealedIsNotBroughtUp(string link)
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        string host = lab.Namespace("a");
        Obstruct(host, link);
        ApplyError error = Assert.Single((await lab.A.ApplyAsync(State(1), None)).Errors);
        Assert.Equal(("astro", "port viot1"), (error.Environment, error.Item));
        Assert.Contains($"nftables refused to seal {link}", error.Reason);
        Assert.DoesNotContain("vio", Shell.In(host, "ip", "-br", "link"));

        // The control: without the obstacle, which went with the failed port, the same apply makes it; the link is up.
        Assert.Empty((await lab.A.ApplyAsync(State(1), None)).Errors);
        Assert.True(IsUp(host, "viob1") && IsUp(host, "vioq1"));

        // A joint that is taken over, perhaps with a machine plugged in, goes down rather than on without its seal.
        await lab.StopDaemonAsync("a");
        Shell.In(host, "nft", "delete", "chain", "netdev", "vioswitch", link);
        Obstruct(host, link);
        await lab.StartDaemonAsync("a");
        Assert.Contains(link, Assert.Single((await lab.A.ApplyAsync(State(1), None)).Errors).Reason);
        Assert.False(IsUp(host, "viob1") || IsUp(host, "vioq1"));
        Shell.In(host, "nft", "delete", "chain", "netdev", "vioswitch", link);
        Assert.Empty((await lab.A.ApplyAsync(State(1), None)).Errors);
        Assert.True(IsUp(host, "viob1") && IsUp(host, "vioq1"));
        await lab.A.ApplyAsync(new SwitchWantedState { Version = 2 }, None);
        Assert.DoesNotContain("vio", Shell.In(host, "ip", "-br", "link"));
    }

    [Fact]
    public async Task EveryLinkIsSilentAndStaysSoForAStranger()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        string host = lab.Namespace("a");
        Assert.Empty((await lab.A.ApplyAsync(State(1), None)).Errors);
        foreach (string link in (string[])["viob1", "viot1", "vioq1"])
        {
            Assert.Equal("1", Setting(host, $"ipv6/conf/{link}/disable_ipv6"));
            Assert.Equal("8", Setting(host, $"ipv4/conf/{link}/arp_ignore"));
            Assert.DoesNotContain("inet", Shell.In(host, "ip", "address", "show", "dev", link));
        }

        // The control: a link that nobody silenced has IPv6 here.
        Assert.Equal("0", Setting(host, "ipv6/conf/under0/disable_ipv6"));

        // What is left behind by a killed daemon and not wanted any more goes, the node's TAP included.
        await lab.StopDaemonAsync("a");
        Assert.Contains("vioq1", Shell.In(host, "ip", "-br", "link"));
        await lab.StartDaemonAsync("a");
        await lab.A.ApplyAsync(new SwitchWantedState { Version = 1 }, None);
        Assert.DoesNotContain("vio", Shell.In(host, "ip", "-br", "link"));
    }

    internal static SwitchWantedState State(long version) => new()
    {
        Version = version,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "astro",
                Members = SwitchLab.Members(),
                Ports = [SwitchLab.Port("1", 1) with { NodeTap = "vioq1" }],
                Table = [SwitchLab.Node(1, "a"), SwitchLab.Node(2, "b")],
            },
        ],
    };

    // A chain of that name without a hook: nftables does not make it one that filters.
    private static void Obstruct(string host, string link)
    {
        Shell.In(host, "nft", "add", "table", "netdev", "vioswitch");
        Shell.In(host, "nft", "add", "chain", "netdev", "vioswitch", link);
    }

    private static bool IsUp(string host, string link) =>
        Shell.In(host, "ip", "-o", "link", "show", link).Split('>')[0].Split('<')[1].Split(',').Contains("UP");

    private static string Setting(string host, string path) =>
        Shell.In(host, "cat", "/proc/sys/net/" + path).Trim();
}
