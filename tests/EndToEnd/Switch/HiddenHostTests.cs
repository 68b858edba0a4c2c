using System.Globalization;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// A guest scans its host by IPv4, ARP and IPv6. The control undoes our settings and sees the host answer.
/// </summary>
public class HiddenHostTests
{
    [Fact]
    public async Task AGuestFindsNothingOfItsHost()
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        (string guest, _) = await SwitchTests.OneGuestPerHostAsync(lab, "astro", "1", "2");
        string host = lab.Namespace("a");
        string bridgeMac = Shell.In(host, "ip", "-br", "link", "show", "viob1").Split(
            ' ', StringSplitOptions.RemoveEmptyEntries)[2];

        // The guest knows what a guest can guess: the host's address, and the MAC of the bridge.
        Shell.In(guest, "ip", "address", "add", "10.77.0.200/24", "dev", "eth0");
        Shell.In(guest, "ip", "neighbour", "replace", "10.77.0.1", "lladdr", bridgeMac, "dev", "eth0");
        Assert.Equal((0, 0, 0), Scan(host, guest));

        Shell.In(host, "nft", "delete", "chain", "netdev", "vioswitch", "viob1");
        Shell.In(host, "busybox", "sysctl", "-qw", "net.ipv4.conf.viob1.arp_ignore=0",
            "net.ipv4.conf.viob1.rp_filter=0",
            "net.ipv4.conf.all.rp_filter=0", "net.ipv6.conf.viob1.disable_ipv6=0");
        Shell.In(host, "ip", "address", "add", "fe80::77/64", "dev", "viob1", "nodad");
        (int received, int arp, int ipv6) = Scan(host, guest);
        Assert.NotEqual(0, received);
        Assert.NotEqual(0, arp);
        Assert.NotEqual(0, ipv6);
    }

    /// <summary>Echo requests that the host's IPv4 took, ARP replies and IPv6 replies that the guest got.</summary>
    private static (int Received, int Arp, int Ipv6) Scan(string host, string guest)
    {
        int before = InEchos(host);
        Shell.TryIn(guest, "timeout", "4", "busybox", "ping", "-c", "2", "-w", "2", "10.77.0.1");
        string arp = Shell.TryIn(guest, "timeout", "4", "busybox", "arping", "-c", "2", "-w", "2", "-I", "eth0",
            "10.77.0.1").Output;
        string ipv6 =
            Shell.TryIn(guest, "timeout", "4", "busybox", "ping", "-6", "-c", "2", "-w", "2", "fe80::77%eth0").Output;
        return (InEchos(host) - before, arp.Split("reply from").Length - 1, ipv6.Split("bytes from").Length - 1);
    }

    private static int InEchos(string host)
    {
        string[][] icmp = [.. Shell.In(host, "cat", "/proc/net/snmp").Split('\n').Where(
            l => l.StartsWith("Icmp:", StringComparison.Ordinal))
            .Select(l => l.Split(' '))];
        return int.Parse(icmp[1][Array.IndexOf(icmp[0], "InEchos")], CultureInfo.InvariantCulture);
    }
}
