namespace VioActors.Switch.DataPlane;

/// <summary>Copies a lane's counters. Lane thread only.</summary>
internal static class StatusReader
{
    public static SwitchStatus Read(SwitchCore core, int port, LanePorts? ports = null)
    {
        LaneInbox inbox = core.Lanes.InboxOf(core.Settings.Lane);
        Dictionary<string, long> counters = core.Counters.Snapshot();
        counters["reassemblyAbandoned"] = core.ReassemblyAbandoned;
        counters["reassemblyRecovered"] = core.ReassemblyRecovered;
        counters["reassemblyContradictions"] = core.ReassemblyContradictions;
        counters["dropSendFailed"] = core.Link.Failed;
        counters["notedDrops"] = core.Drops.Noted;
        counters["runsIn"] = core.RunsIn;
        counters["runsOut"] = core.Link.Runs;
        counters["streams"] = core.Link.Streams;
        counters["laneEventsLost"] = inbox.EventsLost;
        counters["dropHandedOver"] = inbox.FramesLost;
        counters["gen0Collections"] = GC.CollectionCount(0);
        return new SwitchStatus
        {
            HostId = core.Settings.HostId,
            Version = 0,
            Build = InitMessage.ThisBuild,
            Port = port,
            Isolated = core.Settings.Isolated,
            IdentityExpiresAtUnixSeconds = null,
            Counters = counters,
            Lanes = [Lane(core, port, inbox)],
            Environments = [.. core.Environments.Values.Select(e => Environment(core, ports, e))],
        };
    }

    private static LaneStatus Lane(SwitchCore core, int port, LaneInbox inbox)
    {
        SwitchPort[] ports = [.. core.Environments.Values.SelectMany(e => e.Ports)];
        PeerTunnel[] peers = [.. core.Environments.Values.SelectMany(e => e.Peers)];
        return new LaneStatus(
            core.Settings.Lane, port, ports.Sum(p => p.Counters[PortCount.FramesFromNode]),
            ports.Sum(p => p.Counters[PortCount.FramesToNode]), peers.Sum(p => p.Counters[TunnelCount.DatagramsIn]),
            peers.Sum(p => p.Counters[TunnelCount.DatagramsOut]), inbox.Frames);
    }

    private static EnvironmentStatus Environment(
        SwitchCore core, LanePorts? ports, SwitchEnvironment environment) => new(
        environment.Id,
        [.. environment.Ports.Select(p => Port(p, ports?.DriverOf(p)))],
        [.. environment.Peers.OrderByDescending(p => p.IsMain).DistinctBy(p => p.HostId)
            .Select(p => Tunnel(core, p, environment.Peers.Where(one => one.HostId == p.HostId)))],
        [.. environment.Entries.Select(e =>
            new NodeLocation(e.Node, e.Mac.ToString(), e.Ip.ToString(), e.Location, e.Sequence))])
        {
            Pairs = [.. PairReader.Read(core, environment)],
            OtherPairsBytes = environment.Pairs.Others.Bytes,
            Duplicates = [.. environment.Duplicates.Where(e => e.Finding is not null).Select(e => Duplicate(core, e))],
        };

    private static string OffloadsOf(SocketAddress path) => path switch
    {
        { Stream: not null } => "none (tcp)",
        { TakesRuns: false, FailedTest: true } => "gso off (self-test)",
        { TakesRuns: false } => "gso off (refused by the kernel)",
        { LeastRun: > SocketAddress.ShortestRun } => $"gso from {path.LeastRun} datagrams (self-test)",
        _ => "gso",
    };

    private static DuplicateStatus Duplicate(SwitchCore core, MacEntry entry)
    {
        DuplicateFinding found = entry.Finding!;
        string kind = found.Kind switch
        {
            DuplicateKind.Moves => "moves",
            DuplicateKind.TwoPlaces => "twoPlaces",
            _ => "othersAddress",
        };
        return new DuplicateStatus(kind, entry.Node, found.Address, found.OtherNode,
            [found.FirstHost, found.SecondHost], found.Quarantined, Math.Max(0, found.EndsMs - core.NowMs));
    }

    private static PortStatus Port(SwitchPort port, IPortDriver? driver) =>
        new(port.Name, port.Node, port.IsOpen, port.IsBroken, port.Counters.Snapshot())
        {
            HasDriver = driver is not null,
            Kind = PortKinds.Word(driver?.Kind ?? PortKind.Joint),
            Offloads = driver?.Offloads ?? "",
            Trouble = driver?.Trouble,
        };

    private static Dictionary<string, long> Sum(IEnumerable<PeerTunnel> lanes) => lanes
        .SelectMany(peer => peer.Counters.Snapshot()).GroupBy(one => one.Key, one => one.Value)
        .ToDictionary(one => one.Key, one => one.Sum());

    private static TunnelStatus Tunnel(SwitchCore core, PeerTunnel peer, IEnumerable<PeerTunnel> lanes) => new(
        peer.HostId,
        peer.Path.FirstHop.EndPoint.ToString(),
        Handshakes.IsUp(peer, core.NowMs),
        peer.Current is { } session ? core.NowMs - session.CreatedMs : null,
        peer.Current?.Cipher.ToString(),
        peer.Current?.Peer.ToString(),
        peer.LastRefusal,
        Sum(lanes))
    {
        Offloads = OffloadsOf(peer.Path.FirstHop),
        Path = peer.Path.Via is { } relay ? $"relayed via {relay.HostId}"
            : peer.Path.Direct.Stream is null ? "direct" : "tcp",
        SeenAs = peer.SeenAs?.ToString(),
        RttMs = peer.Path.Health.RttUs / 1000.0,
        Loss = peer.Loss,
        Mtu = peer.SlicePayload + SliceHeader.Bytes + TunnelSession.Overhead + core.Settings.IpAndUdpBytes
            + (peer.Path.Via is null ? 0 : RelayHeader.Bytes),
        TakesRuns = peer.Path.FirstHop.TakesRuns,
    };
}
