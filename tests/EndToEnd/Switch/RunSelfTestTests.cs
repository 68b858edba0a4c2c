using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>The self-test of runs (UDP GSO) between two switches, with a host that loses runs and nothing else.
/// </summary>
public class RunSelfTestTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task RunsThatGetLostAreGivenUpAndTheGuestsGoOn()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();

        // A run crosses a veth in one piece; what is longer than any single datagram is one.
        string b = lab.Namespace("b");
        Shell.In(b, "nft", "add", "table", "inet", "lossy");
        Shell.In(b, "nft", "add", "chain", "inet", "lossy", "in",
            "{ type filter hook prerouting priority 0; policy accept; }");
        Shell.In(b, "nft", "add", "rule", "inet", "lossy", "in", "udp", "length", ">", "2500", "counter", "drop");
        (string g1, _) = await SwitchTests.OneGuestPerHostAsync(lab, "astro", "1", "2");
        await Until.TrueAsync(
            "a gives runs to b up", async () => await OffloadsAsync(lab.A) == "gso off (self-test)", 30);
        Assert.DoesNotContain("packets 0", Shell.In(b, "nft", "list", "chain", "inet", "lossy", "in"));

        // The other direction loses nothing and keeps its runs: the control.
        await Until.TrueAsync("b has tested", async () => await CountAsync(lab.B, "runTestsOut") > 0, 30);
        Assert.Equal("gso", await OffloadsAsync(lab.B));
        Assert.Equal(0, await CountAsync(lab.B, "runTestsFailed"));

        // What the guest sends in fragments leaves the switch in datagrams that go one by one.
        Shell.In(g1, "busybox", "ping", "-c", "3", "-w", "10", "-s", "30000", SwitchLab.Ip(2));
    }

    private static async Task<string?> OffloadsAsync(SwitchControlClient client) =>
        (await client.StatusAsync(None)).Environments[0].Tunnels[0].Offloads;

    private static async Task<long> CountAsync(SwitchControlClient client, string counter) =>
        (await client.StatusAsync(None)).Environments[0].Tunnels[0].Counters[counter];
}
