using System.Globalization;
using System.Text.RegularExpressions;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// A machine of QEMU scans its host over and over, by IPv4, ARP and IPv6. Nothing comes of it until the test takes our
/// containment away; then each scan, unchanged, finds the host.
/// </summary>
public partial class HiddenHostTests(ITestOutputHelper output)
{
    private const string Node = "vioq1";

    [Fact]
    public async Task AGuestFindsNothingOfItsHost()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        string host = lab.Namespace("a");
        Assert.Empty((await lab.A.ApplyAsync(ContainmentTests.State(1), CancellationToken.None)).Errors);
        Shell.In(host, "ip", "address", "add", "10.77.0.3/24", "dev", "under0");

        // Counts what the host's IPv4 takes from the node, whether or not an answer finds its way back.
        foreach (string rule in (string[])
            [
                "add table ip scan", "add chain ip scan in { type filter hook input priority 0; }",
                "add rule ip scan in ip saddr 10.77.0.200 ip daddr 10.77.0.1 counter",
                "add rule ip scan in ip saddr 10.77.0.200 ip daddr 10.77.0.3 counter",
            ])
            Shell.In(host, ["nft", .. rule.Split(' ')]);

        string mac = Shell.In(host, "cat", "/sys/class/net/viob1/address").Trim();
        await using ScanningGuest guest = await ScanningGuest.StartAsync(
            lab, "a", Node, SwitchLab.Mac(1), mac, LinkLocal(mac), output);
        Assert.Equal(new Findings(0, 0, 0, 0), await ScanAsync(host, guest));

        // What keeps the way by a bridge's link-local group closed is on the node's TAP alone.
        Shell.In(host, "nft", "flush", "chain", "netdev", "vioswitch", Node);
        Loosen(host, Node);
        Findings group = await ScanAsync(host, guest);
        Assert.Equal((0, 0, 0), (group.Direct, group.Arp, group.Ipv6));
        Assert.NotEqual(0, group.ByGroup);

        Shell.In(host, "nft", "delete", "chain", "netdev", "vioswitch", "viob1");
        Loosen(host, "viob1");
        await Until.TrueAsync("every scan finds the host when nothing hides it", async () =>
        {
            Findings open = await ScanAsync(host, guest);
            return open is { Direct: > 0, ByGroup: > 0, Arp: > 0, Ipv6: > 0 };
        });
    }

    private sealed record Findings(int Direct, int ByGroup, int Arp, int Ipv6);

    // One whole scan that began after the call; what the host took meanwhile is counted from the call on.
    private static async Task<Findings> ScanAsync(string host, ScanningGuest guest)
    {
        (int direct, int group) = Taken(host);
        (int arp, int ipv6) = await guest.NextScanAsync();
        (int directNow, int groupNow) = Taken(host);
        return new Findings(directNow - direct, groupNow - group, arp, ipv6);
    }

    private static void Loosen(string host, string link) => Shell.In(
        host, "busybox", "sysctl", "-qw", $"net.ipv4.conf.{link}.arp_ignore=0", $"net.ipv4.conf.{link}.rp_filter=0",
        "net.ipv4.conf.all.rp_filter=0", $"net.ipv6.conf.{link}.disable_ipv6=0");

    private static (int Direct, int ByGroup) Taken(string host)
    {
        int[] packets = [.. Packets().Matches(Shell.In(host, "nft", "list", "chain", "ip", "scan", "in"))
            .Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
        return (packets[0], packets[1]);
    }

    /// <summary>The address that the kernel gives a link of this MAC (RFC 4291, appendix A).</summary>
    private static string LinkLocal(string mac)
    {
        byte[] b = [.. mac.Split(':').Select(part => byte.Parse(part, NumberStyles.HexNumber, null))];
        return $"fe80::{b[0] ^ 2:x2}{b[1]:x2}:{b[2]:x2}ff:fe{b[3]:x2}:{b[4]:x2}{b[5]:x2}";
    }

    [GeneratedRegex(@"packets (\d+)")]
    private static partial Regex Packets();
}
