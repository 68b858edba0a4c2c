using System.Diagnostics;
using System.Net;
using System.Text.Json;
using VioActors.EndToEnd.Switch;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Reach;

/// <summary>Hosts that the network keeps apart, with real kernels, routers and NAT between them.</summary>
public sealed class ReachTests
{
    [Fact]
    public async Task Two_hosts_behind_nat_find_each_other_fall_back_to_a_relay_and_come_back()
    {
        await using ReachLab lab = await BehindNatAsync();
        string[] guests = await lab.ApplyAsync(
            [Member("a", ""), Member("b", ""), Member("h", "203.0.113.3")], ["a", "b"]);
        foreach ((string host, string peer, string seen) in (
            (string, string, string)[])[("a", "b", "203.0.113.12:7946"), ("b", "a", "203.0.113.11:7946")])
        {
            await lab.WaitAsync(host, peer, t => t.Up && t.Path == "direct" && t.RttMs is not null);
            Assert.Equal(seen, (await lab.TunnelAsync(host, peer)).Endpoint);
        }

        Ping(lab, guests);

        // No way between the two any more, until the rule is gone.
        string[] routers = ["na", "nb"];
        foreach (string router in routers)
            lab.In(router, "nft", "add chain ip f apart { type filter hook forward priority 0; };"
                + "add rule ip f apart ip daddr { 203.0.113.11, 203.0.113.12 } udp dport 7946 drop");
        foreach ((string host, string peer) in ((string, string)[])[("a", "b"), ("b", "a")])
            await lab.WaitAsync(host, peer, t => t is { Up: true, Path: "relayed via h", RttMs: not null });
        Ping(lab, guests);
        long relayed = (await lab.TunnelAsync("h", "a")).Counters["bytesRelayed"];
        Assert.NotEqual(0, relayed);

        foreach (string router in routers)
            lab.In(router, "nft", "flush chain ip f apart");
        var opened = Stopwatch.StartNew();
        foreach ((string host, string peer) in ((string, string)[])[("a", "b"), ("b", "a")])
            await lab.WaitAsync(host, peer, t => t.Path == "direct");
        Assert.InRange(opened.Elapsed.TotalSeconds, 0, 5.5);
        Ping(lab, guests);
    }

    [Fact]
    public async Task Hosts_that_never_reach_each_other_are_relayed_from_the_start()
    {
        await using ReachLab lab = await BehindNatAsync();
        foreach (string router in (string[])["na", "nb"])
            lab.In(router, "nft", "add chain ip f apart { type filter hook forward priority 0; };"
                + "add rule ip f apart ip daddr { 203.0.113.11, 203.0.113.12 } drop");
        string[] guests = await lab.ApplyAsync(
            [Member("a", ""), Member("b", ""), Member("h", "203.0.113.3")], ["a", "b"]);
        await lab.WaitAsync("a", "b", t => t is { Up: true, Path: "relayed via h", RttMs: not null });
        await lab.WaitAsync("b", "a", t => t is { Up: true, Path: "relayed via h", RttMs: not null });
        Ping(lab, guests);
    }

    /// <summary>The router before a passes on TCP only: a reaches the relay so, and through it b.</summary>
    [Fact]
    public async Task Where_only_tcp_passes_a_connection_to_the_relay_carries_everything()
    {
        await using ReachLab lab = await BehindNatAsync();
        lab.In("na", "nft", "add chain ip f apart { type filter hook forward priority 0; };"
            + "add rule ip f apart ip protocol udp drop");
        string[] guests = await lab.ApplyAsync(
            [Member("a", ""), Member("b", ""), Member("h", "203.0.113.3") with { TcpEndpoint = "203.0.113.3:443" }],
            ["a", "b"]);
        await lab.WaitAsync("a", "h", t => t is { Up: true, Path: "tcp", Mtu: 1500 });
        await lab.WaitAsync("h", "a", t => t is { Up: true, Path: "tcp" });
        await lab.WaitAsync("a", "b", t => t is { Up: true, Path: "relayed via h", RttMs: not null });
        await lab.WaitAsync("b", "a", t => t is { Up: true, Path: "relayed via h", RttMs: not null });
        Ping(lab, guests);
        lab.In("na", "nft", "flush chain ip f apart");
        var opened = Stopwatch.StartNew();
        foreach ((string host, string peer) in ((string, string)[])[("a", "h"), ("a", "b"), ("b", "a")])
            await lab.WaitAsync(host, peer, t => t.Path == "direct");
        Assert.InRange(opened.Elapsed.TotalSeconds, 0, 7);
        Ping(lab, guests);
    }

    /// <summary>A middle hop of 1280 bytes that tells nobody, and a receiver that takes no fragments.</summary>
    [Fact]
    public async Task A_hop_of_1280_bytes_carries_full_frames_with_no_setting()
    {
        await using ReachLab lab = ReachLab.Create();
        foreach (string name in (string[])["a", "r", "s", "b"])
            lab.AddNamespace(name);
        lab.Link("a", "10.71.1.1", "r", "10.71.1.2");
        string middle = lab.Link("r", "10.71.2.1", "s", "10.71.2.2");
        lab.Link("s", "10.71.3.2", "b", "10.71.3.1");
        foreach ((string router, string far, string next) in (
            (string, string, string)[])[("r", "10.71.3.0/24", "10.71.2.2"), ("s", "10.71.1.0/24", "10.71.2.1")])
        {
            lab.Route(router);
            lab.In(router, "ip", "route", "add", far, "via", next);
            lab.In(router, "nft", "add table ip f; add chain ip f o { type filter hook output priority 0; };"
                + "add rule ip f o ip protocol icmp drop");
        }

        lab.In("a", "ip", "route", "add", "default", "via", "10.71.1.2");
        lab.In("b", "ip", "route", "add", "default", "via", "10.71.3.2");
        foreach (string host in (string[])["a", "b"])
            await lab.StartDaemonAsync(host);
        string[] guests = await lab.ApplyAsync([Member("a", "10.71.1.1"), Member("b", "10.71.3.1")], ["a", "b"]);
        await lab.WaitAsync("a", "b", t => t is { Up: true, Mtu: 1500 });
        await lab.WaitAsync("b", "a", t => t is { Up: true, Mtu: 1500 });
        Ping(lab, guests);

        foreach (string host in (string[])["a", "b"])
            lab.In(host, "nft", "add table ip f; add chain ip f i { type filter hook prerouting priority -500; };"
                + "add rule ip f i ip frag-off & 0x3fff != 0 drop");
        foreach (string router in (string[])["r", "s"])
            lab.In(router, "ip", "link", "set", middle, "mtu", "1280");
        await lab.WaitAsync("a", "b", t => t.Up && t.Mtu is >= 1280 - MtuSearch.Step and <= 1280);
        await lab.WaitAsync("b", "a", t => t.Up && t.Mtu is >= 1280 - MtuSearch.Step and <= 1280);
        Ping(lab, guests);
        TunnelStatus tunnel = await lab.TunnelAsync("a", "b");
        Assert.True(tunnel.TakesRuns, tunnel.Offloads);
        if (File.Exists("/usr/bin/iperf3"))
            Assert.True(Mbps(lab, guests) > 100, "runs of datagrams that are too large for the path are all lost");
    }

    [Fact]
    public async Task The_ends_of_a_chain_of_four_talk_through_the_two_between()
    {
        await using ReachLab lab = ReachLab.Create();
        string[] hosts = ["a", "b", "c", "d"];
        foreach (string name in hosts)
            lab.AddNamespace(name);
        for (int i = 0; i < 3; i++)
            lab.Link(hosts[i], $"10.72.{i}.1", hosts[i + 1], $"10.72.{i}.2");
        foreach (string host in hosts)
            await lab.StartDaemonAsync(host);
        string[] guests = await lab.ApplyAsync(
            [
                Member("a", "10.72.0.1"), Member("b", "10.72.0.2", "10.72.1.1"),
                Member("c", "10.72.1.2", "10.72.2.1"), Member("d", "10.72.2.2"),
            ],
            ["a", "d"], [new WantedRoute(hosts)]);
        await lab.WaitAsync("a", "d", t => t is { Up: true, Path: "relayed via b", RttMs: not null });
        await lab.WaitAsync("d", "a", t => t is { Up: true, Path: "relayed via c", RttMs: not null });
        Ping(lab, guests);
        Assert.NotEqual(0, (await lab.TunnelAsync("b", "a")).Counters["bytesRelayed"]);
        Assert.NotEqual(0, (await lab.TunnelAsync("c", "b")).Counters["bytesRelayed"]);
    }

    /// <summary>a and b each behind a router of its own, h in the open.</summary>
    private static async Task<ReachLab> BehindNatAsync()
    {
        ReachLab lab = ReachLab.Create();
        try
        {
            foreach (string name in (string[])["inet", "na", "nb", "a", "b", "h"])
                lab.AddNamespace(name);
            lab.In("inet", "ip", "link", "add", "br0", "type", "bridge");
            lab.In("inet", "ip", "link", "set", "br0", "up");
            foreach ((string name, string address) in ((string, string)[])
                [("na", "203.0.113.11"), ("nb", "203.0.113.12"), ("h", "203.0.113.3")])
            {
                string device = lab.Link("inet", "", name, address);
                lab.In("inet", "ip", "link", "set", device, "master", "br0");
                if (name != "h")
                    lab.Route(name, masquerade: device);
            }

            lab.Link("na", "10.66.1.1", "a", "10.66.1.2");
            lab.Link("nb", "10.66.2.1", "b", "10.66.2.2");
            lab.In("a", "ip", "route", "add", "default", "via", "10.66.1.1");
            lab.In("b", "ip", "route", "add", "default", "via", "10.66.2.1");
            foreach (string host in (string[])["a", "b"])
                await lab.StartDaemonAsync(host);
            await lab.StartDaemonAsync(
                "h", options => options with { TcpListen = IPEndPoint.Parse("203.0.113.3:443") });
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private static void Ping(ReachLab lab, string[] guests)
    {
        lab.In(guests[0], "busybox", "ping", "-c", "3", "-w", "8", "-s", "1472", SwitchLab.Ip(2));
        lab.In(guests[1], "busybox", "ping", "-c", "3", "-w", "8", "-s", "1472", SwitchLab.Ip(1));
    }

    private static double Mbps(ReachLab lab, string[] guests)
    {
        lab.In(guests[1], "iperf3", "-s", "-1", "-D");
        string json = lab.In(guests[0], "iperf3", "-c", SwitchLab.Ip(2), "-t", "2", "-J", "--connect-timeout", "5000");
        return JsonDocument.Parse(json).RootElement.GetProperty("end").GetProperty("sum_received")
            .GetProperty("bits_per_second").GetDouble() / 1e6;
    }

    private static WantedMember Member(string host, string address, string? second = null) => new()
    {
        Host = host,
        Endpoint = address.Length > 0 ? address + ":7946" : "",
        Candidates = second is null ? [] : [second + ":7946"],
    };
}
