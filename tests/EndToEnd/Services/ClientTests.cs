using System.Net;
using System.Net.Sockets;
using VioActors.EndToEnd.Switch;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Services;

/// <summary>Clients that others wrote get what they ask for: busybox, and the kernel.</summary>
public class ClientTests
{
    private const string Script = """
        #!/bin/busybox sh
        [ "$1" = bound ] || [ "$1" = renew ] || exit 0
        busybox ip address replace "$ip/$mask" dev "$interface"
        [ -z "$router" ] || busybox ip route replace default via "$router"
        echo "$ip/$mask dns=$dns domain=$domain host=$hostname mtu=$mtu server=$serverid router=$router"
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANodeGetsItsAddressByDhcpAndFindsTheOthersByName(bool oneHost)
    {
        await using ServiceLab lab = await ServiceLab.StartAsync(oneHost);
        foreach ((string guest, int node, string name) in ((string, int, string)[])
            [(lab.One, 1, "one"), (lab.Two, 2, "two")])
        {
            Shell.In(guest, "ip", "address", "flush", "dev", "eth0", "scope", "global");
            string said = Dhcp(guest);
            Assert.Contains($"lease of 10.1.0.{node} obtained from 10.1.255.3, lease time 3600", said);
            Assert.Contains(
                $"10.1.0.{node}/16 dns=10.1.255.3 domain=astro.vio host={name} mtu=1500 server=10.1.255.3 router=\n",
                said);
        }

        Assert.Contains("10.1.0.2", Lookup(lab.One, "two.astro.vio"));
        Assert.Contains("fd00:1::2", Lookup(lab.One, "two.astro.vio"));
        Assert.Contains("10.1.0.1", Lookup(lab.Two, "one"));
        Assert.Contains("one.astro.vio", Lookup(lab.Two, "10.1.0.1"));
        Assert.Contains("NXDOMAIN", Lookup(lab.One, "three.astro.vio"));
        Assert.Contains("REFUSED", Lookup(lab.One, "example.org"));
        Shell.In(lab.One, "busybox", "ping", "-c", "1", "-w", "5", "10.1.0.2");
        IReadOnlyDictionary<string, long> counters = await lab.CountersAsync(1);
        Assert.InRange(counters["servicesAnswered"], 6, 40);
        Assert.Equal(0, counters["dropNotServed"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANodeHasIpv6AndNobodyElses(bool oneHost)
    {
        await using ServiceLab lab = await ServiceLab.StartAsync(oneHost);

        // The kernel asks for routers when the link comes up, and hears that the prefix is on the link.
        await Until.TrueAsync("the prefix is known",
            () => Shell.In(lab.One, "ip", "-6", "route").Contains("fd00:1::/64 dev eth0 proto kernel"));
        Assert.DoesNotContain("default", Shell.In(lab.One, "ip", "-6", "route"));
        Assert.Equal(IPAddress.Parse(ServiceLab.Ip6(1)), Dhcp6(lab.One));
        foreach ((string guest, int node) in ((string, int)[])[(lab.One, 1), (lab.Two, 2)])
            Shell.In(guest, "ip", "address", "add", ServiceLab.Ip6(node) + "/64", "dev", "eth0", "nodad");
        Shell.In(lab.One, "busybox", "ping", "-6", "-c", "2", "-w", "5", ServiceLab.Ip6(2));
        Assert.Contains("10.1.0.2", Shell.TryIn(
            lab.One, "busybox", "nslookup", "two.astro.vio", ServiceLab.Service6).Output);
        Assert.NotEqual(0, (await lab.CountersAsync(1))["neighborsAnswered"]);

        // Another address of the same prefix is not the node's.
        Shell.In(lab.One, "ip", "address", "add", ServiceLab.Ip6(7) + "/64", "dev", "eth0", "nodad");
        Assert.NotEqual(0, Shell.TryIn(lab.One, "busybox", "ping", "-6", "-c", "1", "-W", "1", "-I", ServiceLab.Ip6(7),
            ServiceLab.Ip6(2)).Code);
        Assert.NotEqual(0, (await lab.CountersAsync(1))["dropSpoofedIp"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANodeChoosesItsLinkLocalAddressAndNobodyElseGetsIt(bool oneHost)
    {
        const string Chosen = "fe80::3d4f:81a2:5c60:9b17", First = "fe80::ff:fe00:1", Second = "fe80::ff:fe00:2";
        await using ServiceLab lab = await ServiceLab.StartAsync(oneHost);
        static string Addresses(string guest) => Shell.In(guest, "ip", "-6", "address", "show", "dev", "eth0");
        await Until.TrueAsync("the second has its own", () => Addresses(lab.Two) is { } seen
            && seen.Contains(Second) && !seen.Contains("tentative"));
        Shell.In(lab.One, "ip", "address", "flush", "dev", "eth0", "scope", "link");
        Shell.In(lab.One, "ip", "address", "add", Chosen + "/64", "dev", "eth0");
        await Until.TrueAsync("the kernel found it free", () => !Addresses(lab.One).Contains("tentative"));
        Assert.DoesNotContain("dadfailed", Addresses(lab.One));
        Shell.In(lab.One, "busybox", "ping", "-6", "-c", "2", "-w", "5", Second + "%eth0");
        Shell.In(lab.Two, "busybox", "ping", "-6", "-c", "2", "-w", "5", Chosen + "%eth0");

        Shell.In(lab.One, "ip", "address", "add", First + "/64", "dev", "eth0", "nodad");
        Shell.In(lab.Two, "busybox", "ping", "-6", "-c", "1", "-w", "5", First + "%eth0");

        // Another node that wants it hears that it is taken; one that does not listen is not heard.
        Shell.In(lab.Two, "ip", "address", "flush", "dev", "eth0", "scope", "link");
        Shell.In(lab.Two, "ip", "address", "add", Chosen + "/64", "dev", "eth0");
        await Until.TrueAsync("the kernel heard that it is taken", () => Addresses(lab.Two).Contains("dadfailed"));
        Shell.In(lab.Two, "ip", "address", "del", Chosen + "/64", "dev", "eth0");
        Shell.In(lab.Two, "ip", "address", "add", Chosen + "/64", "dev", "eth0", "nodad");
        Assert.NotEqual(0, Shell.TryIn(
            lab.Two, "busybox", "ping", "-6", "-c", "1", "-W", "1", First + "%eth0").Code);
        Assert.NotEqual(0, (await lab.CountersAsync(2))["dropSpoofedIp"]);
        Assert.Equal(1, (await lab.CountersAsync(1))["addressesChosen"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANodeFindsTheWayOutAndWhatComesBackPasses(bool gateway)
    {
        await using ServiceLab lab = await ServiceLab.StartAsync(oneHost: false, gateway: gateway);

        // The outside is on the way out itself; so that it asks as itself for MACs, as for what a router passes on.
        Shell.In(lab.Two, "busybox", "sysctl", "-qw", "net.ipv4.conf.all.arp_announce=2");
        Shell.In(lab.Two, "ip", "address", "add", "198.51.100.1/32", "dev", "lo");
        Shell.In(lab.Two, "ip", "address", "add", "2001:db8::1/128", "dev", "lo");
        Shell.In(lab.Two, "ip", "address", "add", ServiceLab.Ip6(2) + "/64", "dev", "eth0", "nodad");
        Shell.In(lab.One, "ip", "address", "flush", "dev", "eth0", "scope", "global");
        Assert.Equal(gateway, Dhcp(lab.One).Contains("router=10.1.0.2"));
        Shell.In(lab.One, "ip", "address", "add", ServiceLab.Ip6(1) + "/64", "dev", "eth0", "nodad");
        await Until.TrueAsync("both heard an advertisement",
            async () => (await lab.CountersAsync(1))["servicesAnswered"] >= 3
                && (await lab.CountersAsync(2))["servicesAnswered"] >= 1);
        Assert.Equal(gateway, Shell.In(lab.One, "ip", "-6", "route").Contains("default via fe80::ff:fe00:2 "));
        if (!gateway)
        {
            // The control: a node that says it is the way out is not heard from outside.
            Shell.In(lab.One, "ip", "route", "add", "default", "via", "10.1.0.2");
            Shell.In(lab.One, "ip", "route", "add", "default", "via", "fd00:1::2");
        }

        foreach (string[] target in (string[][])[["198.51.100.1"], ["-6", "2001:db8::1"]])
        {
            int code = Shell.TryIn(lab.One, ["busybox", "ping", "-c", "2", "-W", "1", .. target]).Code;
            Assert.Equal(gateway, code == 0);
        }

        Assert.Equal(gateway ? 0 : 4, (await lab.CountersAsync(2))["dropSpoofedIp"]);
    }

    private static string Dhcp(string guest)
    {
        string script = Path.GetTempFileName();
        try
        {
            File.WriteAllText(script, Script + "\n");
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return Shell.In(guest, "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "5", "-T", "1", "-s",
                script);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static string Lookup(string guest, string name) =>
        Shell.TryIn(guest, "busybox", "nslookup", name, ServiceLab.Service).Output;

    // No client of DHCPv6 is to be had here; this one asks once and takes the address out of the answer.
    private static IPAddress Dhcp6(string guest)
    {
        byte[] mac = [2, 0, 0, 0, 0, 1], answer = new byte[1500];
        byte[] solicit =
        [
            1, 9, 9, 9, 0, 1, 0, 10, 0, 3, 0, 1, .. mac, 0, 14, 0, 0, 0, 3, 0, 12, 0, 0, 0, 1, .. new byte[8],
        ];
        int length = 0;
        Exception? failure = null;
        Thread thread = NetworkNamespace.Start("dhcp6", "/run/netns/" + guest, () =>
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
                socket.ReceiveTimeout = 5000;
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 546));
                IPAddress everyServer = IPAddress.Parse("ff02::1:2");
                everyServer.ScopeId = LibC.if_nametoindex("eth0");
                socket.SendTo(solicit, new IPEndPoint(everyServer, 547));
                length = socket.Receive(answer);
            }
            catch (SocketException e)
            {
                failure = e;
            }
        });
        thread.Join();
        Assert.Null(failure);
        Assert.Equal(7, answer[0]);
        int at = answer.AsSpan(0, length).IndexOf((byte[])[0, 5, 0, 24]);
        return new IPAddress(answer.AsSpan(at + 4, 16));
    }
}
