using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Switching;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>Real machines on ports without a kernel between, as a user without any rights.</summary>
public sealed class MachinePortTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task MachinesOnAStreamSocketAndOnVhostUserReachEachOtherWithoutRights()
    {
        await using MachineLab lab = await MachineLab.StartAsync();
        using var ca = new SiteCa();
        await using SwitchControlClient client = await StartSwitchdAsync(lab, ca);
        Process first = lab.StartMachine("serial1", 1, 2, lab.Stream("m1", 1));
        lab.StartMachine("serial2", 2, 1, lab.Vhost("m2", 2));
        Assert.Empty((await client.ApplyAsync(State(
            1, [Port(1, "stream", "m1"), Port(2, "vhost-user", "m2")],
            [SwitchLab.Node(1, "a"), SwitchLab.Node(2, "a")]), None)).Errors);
        await lab.SaysAsync("serial1", "VIO reach 10.1.0.2");
        await lab.SaysAsync("serial2", "VIO reach 10.1.0.1");
        await lab.SaysAsync("serial1", "VIO tcp 3");
        await lab.SaysAsync("serial2", "VIO tcp 3");

        PortStatus[] ports = await PortsAsync(client);
        Assert.Equal(("stream", "", (string?)null), (ports[0].Kind, ports[0].Offloads, ports[0].Trouble));
        Assert.Equal(
            ("vhost-user", "csum tso4 tso6 ecn", (string?)null), (ports[1].Kind, ports[1].Offloads, ports[1].Trouble));
        PingReport ping = await client.PingAsync(
            "e", SwitchLab.Ip(2), TimeSpan.FromMilliseconds(50), 20, TimeSpan.FromSeconds(2), None);
        Assert.Equal((20, 0), (ping.Received, ping.Duplicates));

        // A machine that ends is noticed, and its successor is found.
        await MachineLab.EndAsync(first);
        await Until.TrueAsync("the switch notices", async () => (await PortsAsync(client))[0].Trouble is not null);
        lab.StartMachine("serial1b", 1, 2, lab.Stream("m1", 1));
        await lab.SaysAsync("serial1b", "VIO reach 10.1.0.2");
        Assert.Null((await PortsAsync(client))[0].Trouble);
    }

    [Fact]
    public async Task AMachineOnVhostUserMovesLiveToAnotherHostAndKeepsItsConnection()
    {
        await using MachineLab lab = await MachineLab.StartAsync();
        using var ca = new SiteCa();
        await using SwitchDaemon a = await StartAsync(lab, ca, "a"), b = await StartAsync(lab, ca, "b");
        await using SwitchControlClient toA = await ConnectAsync(lab, ca, "a"), toB = await ConnectAsync(lab, ca, "b");
        WantedMember[] members = [Member("a", a.Port), Member("b", b.Port)];
        WantedNode[] before = [SwitchLab.Node(1, "a", preBound: "b", sequence: 5), SwitchLab.Node(2, "b")];
        string[] monitored = ["-monitor", $"unix:{lab.PathOf("mon")},server=on,wait=off"];
        lab.StartMachine("serial1", 1, 2, [.. lab.Vhost("m1", 1), .. monitored]);
        lab.StartMachine("serial2", 2, 1, lab.Stream("m2", 2));
        lab.StartMachine("serial3", 1, 2, [.. lab.Vhost("m3", 1), "-incoming", $"unix:{lab.PathOf("move")}"]);
        Assert.Empty((await toA.ApplyAsync(State(1, [Port(1, "vhost-user", "m1")], before, members), None)).Errors);
        WantedPort target = Port(1, "vhost-user", "m3") with { Tap = "m3", Open = false };
        Assert.Empty((await toB.ApplyAsync(
            State(1, [Port(2, "stream", "m2"), target], before, members), None)).Errors);
        await lab.SaysAsync("serial1", "VIO reach 10.1.0.2");
        await lab.SaysAsync("serial1", "VIO tcp 3");
        int said = Tcp(lab.Said("serial1"));

        using Socket monitor = Monitor(lab.PathOf("mon"));
        Say(monitor, $"migrate -d unix:{lab.PathOf("move")}");
        await Until.TrueAsync(
            () => $"the machine goes on counting past {said}: {lab.Said("serial3")}; {Say(monitor, "info migrate")}",
            () => Task.FromResult(Tcp(lab.Said("serial3")) > said + 5), 100);
        Assert.DoesNotContain("tcp-broken", lab.Said("serial1") + lab.Said("serial3"), StringComparison.Ordinal);
        NodeLocation location = (await toA.StatusAsync(None)).Environments[0].Nodes.Single(n => n.Node == "n1");
        Assert.Equal("b", location.Host);
        Assert.True((await PortsAsync(toB)).Single(port => port.Tap == "m3").Open);
    }

    private static Socket Monitor(string path)
    {
        var monitor = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        monitor.Connect(new UnixDomainSocketEndPoint(path));
        Say(monitor, "");
        return monitor;
    }

    /// <summary>One line for QEMU's monitor; what it said until it is ready for another.</summary>
    private static string Say(Socket monitor, string line)
    {
        const string prompt = "(qemu) ";
        var said = new System.Text.StringBuilder();
        byte[] bytes = new byte[4000];
        if (line.Length > 0)
            monitor.Send(System.Text.Encoding.ASCII.GetBytes(line + "\n"));
        monitor.ReceiveTimeout = 10_000;
        while (!said.ToString().EndsWith(prompt, StringComparison.Ordinal))
        {
            int read = monitor.Receive(bytes);
            if (read == 0)
                break;
            said.Append(System.Text.Encoding.ASCII.GetString(bytes, 0, read));
        }

        return said.ToString();
    }

    private static int Tcp(string said) => Regex.Matches(said, @"VIO tcp (\d+)\n")
        .Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))
        .DefaultIfEmpty().Max();

    private static async Task<PortStatus[]> PortsAsync(SwitchControlClient client) =>
        [.. (await client.StatusAsync(None)).Environments[0].Ports];

    private static WantedMember Member(string host, int port) => new()
    {
        Host = host,
        Endpoint = $"127.0.0.1:{port}",
        ProberMac = $"02:ff:00:00:00:0{host}",
        ProberIp = $"10.1.255.{host[0]}".Replace("a", "1").Replace("b", "2"),
    };

    private static SwitchWantedState State(
        long version, WantedPort[] ports, WantedNode[] table, WantedMember[]? members = null) => new()
        {
            Version = version,
            Environments =
            [
                new WantedEnvironment
                {
                    Id = "e",
                    Members = members ?? [Member("a", 7999)],
                    Ports = ports,
                    Table = table,
                },
            ],
        };

    private static WantedPort Port(int node, string kind, string socket) => new()
    {
        Tap = socket,
        Kind = kind,
        Socket = socket,
        Node = "n" + node,
        Mac = SwitchLab.Mac(node),
        Ip = SwitchLab.Ip(node),
    };

    private static Task<SwitchDaemon> StartAsync(MachineLab lab, SiteCa ca, string host) =>
        SwitchDaemon.StartAsync(
            new SwitchDaemonOptions
            {
                HostId = host,
                SiteId = "lab",
                SiteCaPem = ca.Pem,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                ControlSocketPath = lab.PathOf("control-" + host),
                PortSocketDirectory = lab.Folder,
                DisableBridgeFilter = false,
            },
            TimeProvider.System);

    private static async Task<SwitchControlClient> StartSwitchdAsync(MachineLab lab, SiteCa ca)
    {
        string config = lab.PathOf("switchd.json");
        new SwitchdConfig(
            new HostId("a"), new SiteId("lab"), ca.Pem, "127.0.0.1:0", lab.PathOf("control-a"),
            PortSockets: lab.Folder).Save(config);
        lab.StartSwitchd(config);
        await Until.TrueAsync("the switch listens", () => File.Exists(lab.PathOf("control-a")));
        return await ConnectAsync(lab, ca, "a");
    }

    private static async Task<SwitchControlClient> ConnectAsync(MachineLab lab, SiteCa ca, string host)
    {
        SwitchControlClient client = await SwitchControlClient.ConnectAsync(
            lab.PathOf("control-" + host), "test", None);
        (string pem, ECDsa key) = ca.Issue(host);
        using (key)
            await client.RenewIdentityAsync(pem, key, TimeProvider.System.GetUtcNow().AddHours(1), None);
        return client;
    }
}
