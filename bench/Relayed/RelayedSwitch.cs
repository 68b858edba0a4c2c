using VioActors.Bench.Overlay;
using VioActors.Bench.Overlay.Systems;
using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Relayed;

/// <summary>
/// Three switch daemons in a row, each in its own namespace: the two ends have no route to each other, so that the one
/// between passes on what they send. The ends' TAPs are in the guests.
/// </summary>
internal sealed class RelayedSwitch() : OverlaySystem("relayed", SystemKind.Ours, 0), IAsyncDisposable
{
    private const string Environment = "bench";
    private const string Between = "h";
    private static readonly string[] Ends = ["a", "b"];
    private readonly Dictionary<string, SwitchControlClient> _clients = [];

    /// <summary>The process that passes on.</summary>
    public OverlayDaemon Relay { get; private set; } = null!;

    /// <summary>Bytes that it passed on so far, both directions, with all headers inside UDP.</summary>
    public async Task<long> BytesRelayedAsync(CancellationToken cancel) =>
        (await _clients[Between].StatusAsync(cancel)).Environments[0].Tunnels.Sum(t => t.Counters["bytesRelayed"]);

    /// <summary>Way of the first end's datagrams to the second.</summary>
    public async Task<TunnelStatus> TunnelAsync(CancellationToken cancel) =>
        (await _clients["a"].StatusAsync(cancel)).Environments[0].Tunnels.Single(t => t.Host == "b");

    /// <inheritdoc/>
    public override async Task StartAsync(Underlay under, CancellationToken cancel)
    {
        using var site = new OverlaySite(under.Time);
        var between = await under.AddNamespaceAsync("h", cancel);
        for (var i = 0; i < Ends.Length; i++)
        {
            var (device, host) = ($"relay{i}", i == 0 ? under.A : under.B);
            await under.IpAsync(
                $"link add {device} netns {host} mtu 1500 type veth peer name {device} netns {between} mtu 1500",
                cancel);
            await under.IpAsync($"-n {host} address add {EndAddress(i)}/24 dev {device}", cancel);
            await under.IpAsync($"-n {between} address add {BetweenAddress(i)}/24 dev {device}", cancel);
            await under.IpAsync($"-n {host} link set {device} up", cancel);
            await under.IpAsync($"-n {between} link set {device} up", cancel);
        }

        foreach (var (host, space, listen) in (IEnumerable<(string, string, string)>)
            [("a", under.A, EndAddress(0)), ("b", under.B, EndAddress(1)), (Between, between, "0.0.0.0")])
        {
            var (daemon, client) = await SwitchdStart.RunAsync(
                under, new SwitchdStart(Name, space, host, listen + ":7946"), site, cancel);
            Daemons.Add(daemon);
            _clients[host] = client;
            var reply = await client.ApplyAsync(Wanted(host), cancel);
            if (reply.Errors.Count > 0) throw new BenchException($"{Name} refused: {reply.Errors[0]}");
        }

        Relay = Daemons[^1];
        Near = await PlugAsync(under, 0, cancel);
        Far = await PlugAsync(under, 1, cancel);
        Version = _clients["a"].Server.Build;
        await OverlayWait.UntilAsync("the relayed path is whole", under.Time, async () =>
            await TunnelAsync(cancel) is { Up: true, Path: $"relayed via {Between}", Mtu: 1500 }, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) await client.DisposeAsync();
    }

    private async Task<PathEnd> PlugAsync(Underlay under, int end, CancellationToken cancel)
    {
        var (host, guest) = (end == 0 ? under.A : under.B, await under.AddNamespaceAsync($"g{end}", cancel));
        await under.IpAsync($"-n {host} link set {Tap(end)} nomaster", cancel);
        await under.IpAsync($"-n {host} link set {Tap(end)} netns {guest}", cancel);
        await under.IpAsync($"-n {guest} link set {Tap(end)} name eth0", cancel);
        await under.IpAsync($"-n {guest} link set eth0 address {Mac(end)}", cancel);
        await under.IpAsync($"-n {guest} address add {Inner(end == 0)}/24 dev eth0", cancel);
        await under.IpAsync($"-n {guest} link set eth0 up", cancel);
        return new PathEnd(guest, "eth0", Inner(end == 0));
    }

    private SwitchWantedState Wanted(string host)
    {
        var own = Array.IndexOf(Ends, host);
        return new SwitchWantedState
        {
            Version = 1,
            Environments =
            [
                new WantedEnvironment
                {
                    Id = Environment,
                    Members =
                    [
                        new WantedMember { Host = "a", Endpoint = EndAddress(0) + ":7946" },
                        new WantedMember { Host = "b", Endpoint = EndAddress(1) + ":7946" },
                        new WantedMember
                        {
                            Host = Between,
                            Endpoint = BetweenAddress(0) + ":7946",
                            Candidates = [BetweenAddress(1) + ":7946"],
                        },
                    ],
                    Ports = own < 0 ? [] :
                    [
                        new WantedPort
                        {
                            Tap = Tap(own),
                            Bridge = $"relb{own}",
                            Node = $"n{own}",
                            Mac = Mac(own),
                            Ip = Inner(own == 0),
                        },
                    ],
                    Table =
                    [
                        .. Ends.Select((end, i) => new WantedNode
                        {
                            Mac = Mac(i),
                            Ip = Inner(i == 0),
                            Node = $"n{i}",
                            Host = end,
                            Sequence = 1,
                        }),
                    ],
                },
            ],
        };
    }

    private static string EndAddress(int end) => $"10.79.{end}.1";

    private static string BetweenAddress(int end) => $"10.79.{end}.2";

    private static string Tap(int end) => $"relt{end}";

    private static string Mac(int end) => $"02:00:00:00:00:0{end + 1}";
}
