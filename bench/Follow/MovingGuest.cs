using VioActors.Bench.Overlay;
using VioActors.Bench.Overlay.Systems;
using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Follow;

/// <summary>
/// Two hosts with a switch each, a node that stays on the first, and one that is plugged now here, now there: a
/// namespace whose bridge has its address and one cable to each host, of which one is connected.
/// </summary>
internal sealed class MovingGuest(Underlay under) : IAsyncDisposable
{
    private const string Name = "follow";
    private const string Mac1 = "02:00:00:00:00:01";
    private const string Mac2 = "02:00:00:00:00:02";
    private const string Ip1 = "10.79.0.1";
    private const string Ip2 = "10.79.0.2";
    private static readonly string[] Hosts = ["a", "b"];
    private readonly Dictionary<string, SwitchControlClient> _clients = [];
    private string _moving = "";
    private string _batches = "";
    private int _at;
    private bool _isMoving;
    private ulong _sequence = 1;
    private long _version;

    /// <summary>The node that stays.</summary>
    public PathEnd Near { get; private set; }

    /// <summary>The node that moves.</summary>
    public PathEnd Far { get; private set; }

    /// <summary>Starts everything; the node is on the first host.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        using var site = new OverlaySite(under.Time);
        foreach (var host in Hosts)
        {
            var (_, client) = await SwitchdStart.RunAsync(
                under, new SwitchdStart(Name, SpaceOf(host), host, EndpointOf(host)), site, cancel);
            _clients[host] = client;
        }

        await ApplyAsync(cancel);
        await PlugStayingAsync(cancel);
        await PlugMovingAsync(cancel);
        await OverlayWait.UntilAsync("the tunnel is up", under.Time, async () =>
            (await _clients["a"].StatusAsync(cancel)).Environments is [{ Tunnels: [{ Up: true }] }], cancel);
    }

    /// <summary>Says on both hosts that the node may appear on the other one.</summary>
    public Task PrepareAsync(CancellationToken cancel)
    {
        _isMoving = true;
        return ApplyAsync(cancel);
    }

    /// <summary>Plugs it over.</summary>
    /// <param name="announce">Whether it says so there, as a hypervisor does.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>When it was there, just before it said so.</returns>
    public async Task<long> MoveAsync(bool announce, CancellationToken cancel)
    {
        var target = Hosts[1 - _at];
        await under.Runner.RunAsync(
            new("ip", "-n", _moving, "-batch", Path.Combine(_batches, "to-" + target)), cancel);
        return await NamespaceThread.RunAsync(_moving, () =>
        {
            var arrived = under.Time.GetTimestamp();
            if (announce) Announcement.Send("eth0", Mac2);
            return arrived;
        });
    }

    /// <summary>Says on both hosts that the move is over.</summary>
    public Task SettleAsync(CancellationToken cancel)
    {
        (_at, _isMoving, _sequence) = (1 - _at, false, _sequence + 2);
        return ApplyAsync(cancel);
    }

    /// <summary>Whether both hosts send its frames to where it is.</summary>
    public async Task<bool> IsKnownEverywhereAsync(CancellationToken cancel)
    {
        foreach (var client in _clients.Values)
        {
            var status = await client.StatusAsync(cancel);
            if (status.Environments[0].Nodes.Single(node => node.Node == "n2").Host != Hosts[_at]) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) await client.DisposeAsync();
    }

    private async Task PlugStayingAsync(CancellationToken cancel)
    {
        var space = await under.AddNamespaceAsync("g1", cancel);
        await under.IpAsync($"link add q1 netns {under.A} type veth peer name eth0 netns {space}", cancel);
        await under.IpAsync($"-n {under.A} link set q1 master br1 up", cancel);
        await under.IpAsync($"-n {space} link set eth0 address {Mac1}", cancel);
        await under.IpAsync($"-n {space} address add {Ip1}/24 dev eth0", cancel);
        await under.IpAsync($"-n {space} link set eth0 up", cancel);
        Near = new PathEnd(space, "eth0", Ip1);
    }

    private async Task PlugMovingAsync(CancellationToken cancel)
    {
        _moving = await under.AddNamespaceAsync("g2", cancel);
        _batches = under.NewDirectory("batches");
        await under.RunAsync(
            _moving, cancel, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || true");
        await under.IpAsync($"-n {_moving} link add eth0 type bridge stp_state 0 forward_delay 0", cancel);
        // A bridge without a member has no carrier, and gets it back when the kernel sees fit: up to a second later.
        await under.IpAsync($"-n {_moving} link add keep type veth peer name kept", cancel);
        await under.IpAsync($"-n {_moving} link set kept up", cancel);
        await under.IpAsync($"-n {_moving} link set keep master eth0 up", cancel);
        await under.IpAsync($"-n {_moving} link set eth0 address {Mac2}", cancel);
        await under.IpAsync($"-n {_moving} address add {Ip2}/24 dev eth0", cancel);
        await under.IpAsync($"-n {_moving} link set eth0 up", cancel);
        foreach (var host in Hosts)
        {
            var space = SpaceOf(host);
            await under.IpAsync($"link add q2 netns {space} type veth peer name to{host} netns {_moving}", cancel);
            await under.IpAsync($"-n {space} link set q2 master br2 up", cancel);
            await under.IpAsync($"-n {_moving} link set to{host} up", cancel);
            var other = Hosts.Single(one => one != host);
            await File.WriteAllTextAsync(
                Path.Combine(_batches, "to-" + host),
                $"link set to{other} nomaster\nlink set to{host} master eth0\n", cancel);
        }

        await under.IpAsync($"-n {_moving} link set toa master eth0", cancel);
        Far = new PathEnd(_moving, "eth0", Ip2);
    }

    private async Task ApplyAsync(CancellationToken cancel)
    {
        _version++;
        foreach (var (host, client) in _clients)
        {
            var reply = await client.ApplyAsync(Wanted(host), cancel);
            if (reply.Errors.Count > 0) throw new BenchException($"the switch of {host} refused: {reply.Errors[0]}");
        }
    }

    private SwitchWantedState Wanted(string host) => new()
    {
        Version = _version,
        Environments =
        [
            new WantedEnvironment
            {
                Id = "bench",
                Members = [.. Hosts.Select(Member)],
                Ports = host == "a" ? [Port(1, Mac1, Ip1, open: true), Moving(host)] : [Moving(host)],
                Table =
                [
                    new WantedNode { Mac = Mac1, Ip = Ip1, Node = "n1", Host = "a", Sequence = 1 },
                    new WantedNode
                    {
                        Mac = Mac2,
                        Ip = Ip2,
                        Node = "n2",
                        Host = Hosts[_at],
                        PreBound = _isMoving ? Hosts[1 - _at] : null,
                        Sequence = _sequence,
                    },
                ],
            },
        ],
    };

    private WantedPort Moving(string host) => Port(2, Mac2, Ip2, open: Hosts[_at] == host);

    private static WantedPort Port(int number, string mac, string ip, bool open) => new()
    {
        Tap = $"tap{number}",
        Bridge = $"br{number}",
        Node = $"n{number}",
        Mac = mac,
        Ip = ip,
        Open = open,
    };

    private WantedMember Member(string host) => new()
    {
        Host = host,
        Endpoint = EndpointOf(host),
        ProberMac = $"02:ff:00:00:00:0{host}",
        ProberIp = $"10.79.0.{(host == "a" ? 251 : 252)}",
    };

    private string SpaceOf(string host) => host == "a" ? under.A : under.B;

    private string EndpointOf(string host) => $"{under.AddressOf(SpaceOf(host))}:7946";
}
