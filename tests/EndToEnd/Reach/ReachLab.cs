using System.Net;
using System.Security.Cryptography;
using VioActors.EndToEnd.Switch;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Reach;

/// <summary>
/// Hosts and routers as network namespaces, joined by the links that a test makes; a switch daemon on each host, and
/// guests as <see cref="SwitchLab"/> has them. Everything is gone when this is disposed.
/// </summary>
internal sealed class ReachLab : IAsyncDisposable
{
    public const string Environment = "astro";
    private static int _labs;
    private readonly string _prefix = $"vre{System.Environment.ProcessId}x{Interlocked.Increment(ref _labs)}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("viore");
    private readonly SiteCa _ca = new();
    private readonly List<string> _namespaces = [];
    private readonly Dictionary<string, SwitchDaemon> _daemons = [];
    private readonly Dictionary<string, SwitchControlClient> _clients = [];
    private int _links;

    private ReachLab()
    {
    }

    public SwitchControlClient this[string host] => _clients[host];

    /// <summary>Skips the test where this machine cannot run it.</summary>
    public static ReachLab Create()
    {
        if (!System.Environment.IsPrivilegedProcess)
            Assert.Skip("needs root for network namespaces and TAPs");
        foreach (string tool in (string[])["ip", "busybox", "nft"])
        {
            if (!"/usr/sbin:/usr/bin:/sbin:/bin".Split(':').Any(d => File.Exists(Path.Combine(d, tool))))
                Assert.Skip($"needs the program {tool}");
        }

        if (!File.Exists("/dev/net/tun"))
            Assert.Skip("needs /dev/net/tun");
        return new ReachLab();
    }

    public string Namespace(string name) => _prefix + name;

    public string In(string name, params string[] command) => Shell.In(Namespace(name), command);

    public void AddNamespace(string name)
    {
        Shell.Run("ip", "netns", "add", Namespace(name));
        _namespaces.Add(Namespace(name));
        In(name, "ip", "link", "set", "lo", "up");
    }

    /// <summary>Joins two namespaces by a link; gives the device's name, the same on both sides.</summary>
    public string Link(string left, string leftAddress, string right, string rightAddress)
    {
        string device = $"l{++_links}";
        Shell.Run("ip", "link", "add", device, "netns", Namespace(left), "type", "veth", "peer", "name", device,
            "netns", Namespace(right));
        foreach ((string name, string address) in (
            (string, string)[])[(left, leftAddress), (right, rightAddress)])
        {
            if (address.Length > 0)
                In(name, "ip", "address", "add", address + "/24", "dev", device);
            In(name, "ip", "link", "set", device, "up");
        }

        return device;
    }

    /// <summary>Makes a namespace pass on packets, with masquerade on one device if one is named, and nothing in.
    /// </summary>
    public void Route(string name, string? masquerade = null)
    {
        In(name, "busybox", "sysctl", "-qw", "net.ipv4.ip_forward=1");
        if (masquerade is null)
            return;
        In(name, "nft", "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; };"
            + $"add rule ip nat out oifname {masquerade} masquerade;"
            + "add table ip f; add chain ip f in { type filter hook input priority 0; };"
            + $"add rule ip f in iifname {masquerade} ct state new drop");
    }

    public async Task StartDaemonAsync(string host, Func<SwitchDaemonOptions, SwitchDaemonOptions>? change = null)
    {
        string socket = Path.Combine(_directory.FullName, host + ".sock");
        var options = new SwitchDaemonOptions
        {
            HostId = host,
            SiteId = "lab",
            SiteCaPem = _ca.Pem,
            Listen = new IPEndPoint(IPAddress.Any, 7946),
            ControlSocketPath = socket,
            NetworkNamespacePath = "/run/netns/" + Namespace(host),
            Lab = true,
        };
        _daemons[host] = await SwitchDaemon.StartAsync(change?.Invoke(options) ?? options, TimeProvider.System);
        _clients[host] = await SwitchControlClient.ConnectAsync(socket, "test", CancellationToken.None);
        (string pem, ECDsa key) = _ca.Issue(host);
        using (key)
            await _clients[host].RenewIdentityAsync(
                pem, key, TimeProvider.System.GetUtcNow().AddHours(1), CancellationToken.None);
    }

    /// <summary>
    /// One environment for all hosts, with a node on each of the named ones: the first has node 1 and so on; gives
    /// their guests.
    /// </summary>
    public async Task<string[]> ApplyAsync(
        IReadOnlyList<WantedMember> members, IReadOnlyList<string> hostsWithNodes,
        IReadOnlyList<WantedRoute>? routes = null)
    {
        foreach (WantedMember member in members)
        {
            int own = hostsWithNodes.ToList().IndexOf(member.Host) + 1;
            ApplyReply reply = await _clients[member.Host].ApplyAsync(
                new SwitchWantedState
                {
                    Version = 1,
                    Environments =
                    [
                        new WantedEnvironment
                        {
                            Id = Environment,
                            Members = members,
                            Ports = own > 0 ? [SwitchLab.Port($"{own}", own)] : [],
                            Table = [.. hostsWithNodes.Select((host, i) => SwitchLab.Node(i + 1, host))],
                            Routes = routes ?? [],
                        },
                    ],
                }, CancellationToken.None);
            Assert.Empty(reply.Errors);
        }

        return [.. hostsWithNodes.Select((host, i) => AddGuest(host, i + 1))];
    }

    public async Task<TunnelStatus> TunnelAsync(string host, string peer) =>
        (await _clients[host].StatusAsync(CancellationToken.None)).Environments
            .Single(e => e.Id == Environment).Tunnels.Single(t => t.Host == peer);

    /// <summary>Waits until a tunnel is as it shall be.</summary>
    public async Task WaitAsync(string host, string peer, Func<TunnelStatus, bool> holds, int seconds = 20)
    {
        TunnelStatus? last = null;
        await Until.TrueAsync(
            () => $"{host} to {peer}: up {last?.Up}, {last?.Path} at {last?.Endpoint}, MTU {last?.Mtu}",
            async () => holds(last = await TunnelAsync(host, peer)), seconds);
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

    private string AddGuest(string host, int node)
    {
        string guest = "g" + node;
        AddNamespace(guest);
        SwitchLab.Plug(
            Namespace(host), Namespace(guest), "viob" + node, "q" + node, SwitchLab.Mac(node), SwitchLab.Ip(node));
        In(guest, "ip", "link", "set", "eth0", "up");
        return guest;
    }
}
