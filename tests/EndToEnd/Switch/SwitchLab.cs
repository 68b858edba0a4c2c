using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using VioActors.Contracts;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Shell;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// Two hosts, each a network namespace with a switch daemon, joined by a veth of MTU 1500; guests are further
/// namespaces whose
/// veth end sits in the port's bridge where a hypervisor's TAP would.
/// </summary>
internal sealed class SwitchLab : IAsyncDisposable
{
    private static int _labs;
    private readonly string _prefix = $"vsw{Environment.ProcessId}x{Interlocked.Increment(ref _labs)}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viosw");
    private readonly SiteCa _ca = new();
    private readonly List<string> _namespaces = [];
    private readonly Dictionary<string, SwitchDaemon> _daemons = [];
    private readonly Dictionary<string, SwitchControlClient> _clients = [];
    private readonly bool _isolated;

    private readonly int _lanes;

    private SwitchLab(bool isolated, int lanes) => (_isolated, _lanes) = (isolated, lanes);

    public SwitchControlClient A => _clients["a"];
    public SwitchControlClient B => _clients["b"];

    /// <summary>Skips the test where this machine cannot run it.</summary>
    public static async Task<SwitchLab> StartAsync(bool isolated = true, int lanes = 1)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root for network namespaces and TAPs");
        foreach (string tool in (string[])["ip", "busybox", "nft"])
        {
            if (!"/usr/sbin:/usr/bin:/sbin:/bin".Split(':').Any(d => File.Exists(Path.Combine(d, tool))))
                Assert.Skip($"needs the program {tool}");
        }

        if (!File.Exists("/dev/net/tun"))
            Assert.Skip("needs /dev/net/tun");
        var lab = new SwitchLab(isolated, lanes);
        try
        {
            lab.AddNamespace("a");
            lab.AddNamespace("b");
            Shell.Run("ip", "link", "add", "under0", "netns", lab.Namespace("a"), "type", "veth", "peer", "name",
                "under0", "netns",
                lab.Namespace("b"));
            foreach ((string host, string address) in (
                (string, string)[])[("a", "10.77.0.1/24"), ("b", "10.77.0.2/24")])
            {
                Shell.In(lab.Namespace(host), "ip", "address", "add", address, "dev", "under0");
                Shell.In(lab.Namespace(host), "ip", "link", "set", "under0", "up");
                await lab.StartDaemonAsync(host);
            }

            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public string Namespace(string name) => _prefix + name;

    /// <summary>Control socket of a host's switch.</summary>
    public string SocketOf(string host) => Path.Combine(OptionsOf(host).SwitchDirectory, "control.sock");

    /// <summary>The agent's client of a host's switch.</summary>
    public SwitchdDataPlane AgentOf(string host)
    {
        AgentOptions options = OptionsOf(host);
        Directory.CreateDirectory(options.IdentityDirectory);
        (string pem, ECDsa key) = _ca.Issue(host);
        using (key)
            File.WriteAllText(Path.Combine(options.IdentityDirectory, "agent.key"), key.ExportPkcs8PrivateKeyPem());
        AgentIdentity.Save(options.IdentityDirectory, pem, _ca.Pem, new SiteMembership(
            new SiteId("lab"), new HostId(host), host, []));
        var supervisor = new SwitchSupervisor(
            options, AgentIdentity.Load(options.IdentityDirectory),
            new SwitchProcess(options, new ProcessRunner(TimeProvider.System)), TimeProvider.System,
            NullLogger.Instance);
        return new SwitchdDataPlane(supervisor, TimeProvider.System);
    }

    public async Task StartDaemonAsync(string host)
    {
        Directory.CreateDirectory(OptionsOf(host).SwitchDirectory);
        string socket = SocketOf(host);
        _daemons[host] = await SwitchDaemon.StartAsync(new SwitchDaemonOptions
        {
            HostId = host,
            SiteId = "lab",
            SiteCaPem = _ca.Pem,
            Listen = IPEndPoint.Parse(Endpoint(host)),
            ControlSocketPath = socket,
            NetworkNamespacePath = "/run/netns/" + Namespace(host),
            Lanes = _lanes,
            UnsafeNoIsolation = !_isolated,
            Lab = true,
        }, TimeProvider.System);
        SwitchControlClient client = await SwitchControlClient.ConnectAsync(socket, "test", CancellationToken.None);
        _clients[host] = client;
        (string pem, ECDsa key) = _ca.Issue(host);
        using (key)
            await client.RenewIdentityAsync(
                pem, key, TimeProvider.System.GetUtcNow().AddHours(1), CancellationToken.None);
    }

    /// <summary>What the kernel does when the process is killed: descriptors close, bridges stay.</summary>
    public async Task StopDaemonAsync(string host)
    {
        await _clients[host].DisposeAsync();
        await _daemons[host].DisposeAsync();
    }

    /// <summary>Address of a host's switch.</summary>
    public static string Endpoint(string host) => host == "a" ? "10.77.0.1:7946" : "10.77.0.2:7946";

    public static WantedMember[] Members() =>
    [
        new() { Host = "a", Endpoint = Endpoint("a"), ProberMac = "02:ff:00:00:00:0a", ProberIp = "10.1.255.1" },
        new() { Host = "b", Endpoint = Endpoint("b"), ProberMac = "02:ff:00:00:00:0b", ProberIp = "10.1.255.2" },
    ];

    public static WantedPort Port(string suffix, int node, bool open = true) => new()
    {
        Tap = "viot" + suffix,
        Bridge = "viob" + suffix,
        Node = "n" + node,
        Mac = Mac(node),
        Ip = Ip(node),
        Open = open,
    };

    public static WantedNode Node(int node, string host, string? preBound = null, ulong sequence = 1) =>
        new()
        {
            Mac = Mac(node),
            Ip = Ip(node),
            Node = "n"
            + node,
            Host = host,
            PreBound = preBound,
            Sequence = sequence
        };

    public static string Mac(int node) => $"02:00:00:00:00:{node:x2}";

    public static string Ip(int node) => $"10.1.0.{node}";

    /// <summary>Plugs a guest into a port's bridge on a host.</summary>
    public string AddGuest(string host, string portSuffix, int node, bool up = true) =>
        AddGuest(host, "g" + portSuffix + host, "viob" + portSuffix, "q" + portSuffix, Mac(node), Ip(node), up);

    /// <summary>Plugs a guest into a bridge on a host.</summary>
    public string AddGuest(
        string host, string name, string bridge, string outer, string mac, string ip, bool up = true)
    {
        string guest = AddNamespace(name);
        Plug(Namespace(host), guest, bridge, outer, mac, ip);
        if (up)
            Shell.In(guest, "ip", "link", "set", "eth0", "up");
        return guest;
    }

    /// <summary>Joins a guest's namespace to a bridge of a host's; its interface is still down.</summary>
    public static void Plug(string host, string guest, string bridge, string outer, string mac, string ip)
    {
        Shell.Run("ip", "link", "add", outer, "netns", host, "type", "veth", "peer", "name", "eth0", "netns", guest);

        // As whoever plugs a machine in has to: this end belongs to the hypervisor, not to the switch.
        Shell.In(host, "busybox", "sysctl", "-qw", $"net.ipv6.conf.{outer}.disable_ipv6=1");
        Shell.In(host, "ip", "link", "set", outer, "master", bridge, "up");
        Shell.In(guest, "ip", "link", "set", "eth0", "address", mac);
        Shell.In(guest, "ip", "address", "add", ip + "/16", "dev", "eth0");
    }

    /// <summary>Pulls a guest's plug and ends it.</summary>
    public void RemoveGuest(string host, string name, string outer)
    {
        Shell.In(Namespace(host), "ip", "link", "delete", outer);
        Shell.Run("ip", "netns", "delete", Namespace(name));
        _namespaces.Remove(Namespace(name));
    }

    public async Task WaitUpAsync(string environment)
    {
        foreach (SwitchControlClient client in (SwitchControlClient[])[A, B])
        {
            await Until.TrueAsync(
                $"tunnels of {environment} are up",
                async () => (await client.StatusAsync(CancellationToken.None)).Environments
                    .Single(e => e.Id == environment).Tunnels.All(t => t.Up));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SwitchControlClient client in _clients.Values)
            await client.DisposeAsync();
        foreach (SwitchDaemon daemon in _daemons.Values)
            await daemon.DisposeAsync();
        foreach (string name in _namespaces)
            Shell.Try("ip", "netns", "delete", name);
        _directory.Delete(recursive: true);
        _ca.Dispose();
    }

    private AgentOptions OptionsOf(string host) => new()
    {
        Name = host,
        DataDirectory = Path.Combine(_directory.FullName, host),
        RunDirectory = Path.Combine(_directory.FullName, host),
        MemoryMiB = 64,
        Cores = 1,
        SwitchListen = Endpoint(host),
        MoveListen = "",
    };

    private string AddNamespace(string name)
    {
        string full = Namespace(name);
        Shell.Run("ip", "netns", "add", full);
        _namespaces.Add(full);
        Shell.In(full, "ip", "link", "set", "lo", "up");
        return full;
    }
}
