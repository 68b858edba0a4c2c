using System.Net;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// Four hosts whose links come and go, each direction for itself, in an order drawn from a seed. The oracle is a table:
/// both directions of the direct link, or of both links to one relay.
/// </summary>
public sealed class PathModelTests : IDisposable
{
    private const int SettleMs = 20_000;
    private readonly MemoryNetwork _network = new();
    private readonly TestHost[] _hosts;
    private readonly HashSet<(int From, int To)> _down = [];

    public PathModelTests()
    {
        _hosts = [.. "abhi".Select((id, i) => _network.Add($"{id}", i + 1))];
        _network.Filter = d => !_down.Contains((IndexOf(d.From), IndexOf(d.To)));
        _network.Apply("e", [.. _hosts.Select((h, i) => (h, $"02:00:00:00:00:0{i + 1}", $"10.1.0.{i + 1}"))]);
    }

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void However_links_come_and_go_the_best_whole_path_is_found_again(int seed)
    {
        var random = new Random(seed);
        (SwitchPort port, _) = _hosts[0].AddPort("e", "02:00:00:00:00:01", "10.1.0.1");
        (_, MemorySink sink) = _hosts[1].AddPort("e", "02:00:00:00:00:02", "10.1.0.2");
        _network.Pass(2000);
        int direct = 0, relayed = 0;
        for (int step = 0; step < 200; step++)
        {
            // Each direction is down one time in four; h and i reach each other always.
            _down.Clear();
            foreach ((int From, int To) link in Links)
            {
                if (random.Next(4) == 0)
                    _down.Add(link);
            }

            _network.Pass(SettleMs);
            string state = $"seed {seed}, step {step}, down {string.Join(' ', _down)}";
            int[] relays = [.. ((int[])[2, 3]).Where(relay => IsWhole(0, relay) && IsWhole(1, relay))];
            if (!IsWhole(0, 1) && relays.Length == 0)
                continue;
            foreach ((int from, int to) in ((int, int)[])[(0, 1), (1, 0)])
            {
                PeerTunnel peer = _hosts[from].Peer("e", _hosts[to]);
                Assert.True(Handshakes.IsUp(peer, _hosts[from].Core.NowMs), state);
                string? via = peer.Path.Via?.HostId;
                if (IsWhole(0, 1))
                    Assert.True(via is null, $"{state}: {via}");
                else
                    Assert.True(relays.Any(relay => _hosts[relay].Id == via), $"{state}: {via}");
            }

            sink.Frames.Clear();
            _hosts[0].FromNode("e", port, Sample.Packet(
                "02:00:00:00:00:02", "02:00:00:00:00:01", "10.1.0.1", "10.1.0.2"));
            _network.Run();
            Assert.True(sink.Frames.Count == 1, state);
            _ = IsWhole(0, 1) ? direct++ : relayed++;
        }

        Assert.NotEqual(0, direct);
        Assert.NotEqual(0, relayed);
    }

    private static (int From, int To)[] Links =>
        [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1), (0, 3), (3, 0), (1, 3), (3, 1)];

    private bool IsWhole(int left, int right) => !_down.Contains((left, right)) && !_down.Contains((right, left));

    private static int IndexOf(IPEndPoint endPoint) => endPoint.Address.GetAddressBytes()[3] - 1;
}
