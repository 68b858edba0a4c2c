using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Overlay.Systems;

/// <summary>
/// Two switch daemons as processes, one environment, one port on each. With <paramref name="joint"/> a guest is
/// plugged into the port's bridge by a veth, where a hypervisor's TAP would be; else the switch's TAP itself is put
/// into the guest, as the TAPs of the peers are.
/// </summary>
internal sealed class OurSwitch(string name, int number, bool joint, int? lanes = null)
    : OverlaySystem(name, SystemKind.Ours, number), IAsyncDisposable
{
    private const string Environment = "bench";
    private const int MostLanes = 8;
    private readonly List<SwitchControlClient> _clients = [];

    /// <summary>Gen-0 collections of both daemons since their start; null when they do not tell.</summary>
    public async Task<long?> CollectionsAsync(CancellationToken cancel)
    {
        long sum = 0;
        foreach (var client in _clients)
        {
            var status = await client.StatusAsync(cancel);
            if (!status.Counters.TryGetValue("gen0Collections", out var count)) return null;
            sum += count;
        }

        return sum;
    }

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        using var site = new OverlaySite(under.Time);
        foreach (var host in (string[])[under.A, under.B])
            _clients.Add(await StartDaemonAsync(under, host, site, cancel));
        for (var i = 0; i < _clients.Count; i++)
        {
            var near = i == 0;
            var reply = await _clients[i].ApplyAsync(Wanted(under, near), cancel);
            if (reply.Errors.Count > 0) throw new BenchException($"{Name} refused: {reply.Errors[0]}");
            var guest = await PlugAsync(under, near, cancel);
            if (near) Near = new PathEnd(guest, "eth0", Inner(near: true));
            else Far = new PathEnd(guest, "eth0", Inner(near: false));
        }

        Version = _clients[0].Server.Build;
        await OverlayWait.UntilAsync($"the tunnel of {Name} is up", under.Time, async () =>
        {
            var status = await _clients[0].StatusAsync(cancel);
            return status.Environments is [{ Tunnels: [{ Up: true } tunnel] }] && Describe(tunnel, status.Lanes.Count);
        }, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
    }

    private bool Describe(TunnelStatus tunnel, int count)
    {
        Version = $"{_clients[0].Server.Build}, {tunnel.Cipher}, {count} {(count == 1 ? "lane" : "lanes")}";
        return true;
    }

    private async Task<SwitchControlClient> StartDaemonAsync(
        Underlay under, string host, OverlaySite site, CancellationToken cancel)
    {
        var id = HostOf(host == under.A);
        var (daemon, client) = await SwitchdStart.RunAsync(
            under, new SwitchdStart(Name, host, id, EndpointOf(under, host), lanes), site, cancel);
        Daemons.Add(daemon);
        return client;
    }

    private async Task<string> PlugAsync(Underlay under, bool near, CancellationToken cancel)
    {
        var host = near ? under.A : under.B;
        var guest = await under.AddNamespaceAsync($"g{Number}{(near ? 'a' : 'b')}", cancel);
        if (joint)
        {
            var outer = $"ovq{Number}";
            await under.IpAsync(
                $"link add {outer} netns {host} type veth peer name eth0 netns {guest}", cancel);
            await under.RunAsync(
                host, cancel, "sh", "-c", $"echo 1 >/proc/sys/net/ipv6/conf/{outer}/disable_ipv6 || true");
            await under.IpAsync($"-n {host} link set {outer} master {Bridge} up", cancel);
        }
        else
        {
            await under.IpAsync($"-n {host} link set {Tap} nomaster", cancel);
            await under.IpAsync($"-n {host} link set {Tap} netns {guest}", cancel);
            await under.IpAsync($"-n {guest} link set {Tap} name eth0", cancel);
        }

        await under.IpAsync($"-n {guest} link set eth0 address {Mac(near)}", cancel);
        await under.IpAsync($"-n {guest} address add {Inner(near)}/24 dev eth0", cancel);
        await under.IpAsync($"-n {guest} link set eth0 up", cancel);
        return guest;
    }

    private SwitchWantedState Wanted(Underlay under, bool near) => new()
    {
        Version = 1,
        Environments =
        [
            new WantedEnvironment
            {
                Id = Environment,
                Members = [Member(under, near: true), Member(under, near: false)],
                Ports =
                [
                    new WantedPort
                    {
                        Tap = Tap,
                        Bridge = Bridge,
                        Node = NodeOf(near),
                        Mac = Mac(near),
                        Ip = Inner(near),
                    },
                ],
                Table = [Node(near: true), Node(near: false)],
            },
        ],
    };

    private WantedMember Member(Underlay under, bool near) => new()
    {
        Host = HostOf(near),
        Endpoint = EndpointOf(under, near ? under.A : under.B),
        ProberMac = $"02:ff:00:00:00:{(near ? "0a" : "0b")}",
        ProberIp = $"10.78.{Number}.{(near ? 251 : 252)}",
    };

    private WantedNode Node(bool near) => new()
    {
        Mac = Mac(near),
        Ip = Inner(near),
        Node = NodeOf(near),
        Host = HostOf(near),
        Sequence = 1,
    };

    private string Tap => $"ovt{Number}";

    private string Bridge => $"ovb{Number}";

    // The ports of further lanes follow.
    private string EndpointOf(Underlay under, string host) => $"{under.AddressOf(host)}:{7946 + Number * MostLanes}";

    // Differs from that of another pair: a daemon removes what an earlier one of the same host left.
    private string HostOf(bool near) => $"{(near ? 'a' : 'b')}{Number}";

    private static string NodeOf(bool near) => near ? "n1" : "n2";

    private static string Mac(bool near) => near ? "02:00:00:00:00:01" : "02:00:00:00:00:02";
}
