namespace VioActors.Switch.DataPlane;

/// <summary>Copies a lane's counters. Lane thread only.</summary>
internal static class StatusReader
{
    public static SwitchStatus Read(SwitchCore core, int port)
    {
        Dictionary<string, long> counters = core.Counters.Snapshot();
        counters["reassemblyAbandoned"] = core.ReassemblyAbandoned;
        counters["reassemblyRecovered"] = core.ReassemblyRecovered;
        counters["reassemblyContradictions"] = core.ReassemblyContradictions;
        counters["dropSendFailed"] = core.Link.Failed;
        counters["notedDrops"] = core.Drops.Noted;
        counters["runsOut"] = core.Link.Runs;
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
            Environments = [.. core.Environments.Values.Select(e => Environment(core, e))],
        };
    }

    private static EnvironmentStatus Environment(SwitchCore core, SwitchEnvironment environment) => new(
        environment.Id,
        [.. environment.Ports.Select(Port)],
        [.. environment.Peers.Select(p => Tunnel(core, p))],
        [.. environment.Entries.Select(e =>
            new NodeLocation(e.Node, e.Mac.ToString(), e.Ip.ToString(), e.Location, e.Sequence))])
    {
        Pairs = [.. PairReader.Read(core, environment)],
        OtherPairsBytes = environment.Pairs.Others.Bytes,
    };

    private static PortStatus Port(SwitchPort port)
    {
        long refused = port.Counters[PortCount.SuperFramesRefused];
        return new PortStatus(port.Name, port.Node, port.IsOpen, port.IsBroken, port.Counters.Snapshot())
        {
            Offloads = refused == 0 ? "csum, tso" : $"csum, tso ({refused} super-frames refused by the kernel)",
        };
    }

    private static string OffloadsOf(SocketAddress path) => path switch
    {
        { TakesRuns: false, FailedTest: true } => "gso off (self-test)",
        { TakesRuns: false } => "gso off (refused by the kernel)",
        { LeastRun: > SocketAddress.ShortestRun } => $"gso from {path.LeastRun} datagrams (self-test)",
        _ => "gso",
    };

    private static TunnelStatus Tunnel(SwitchCore core, PeerTunnel peer) => new(
        peer.HostId,
        peer.Address.EndPoint.ToString(),
        Handshakes.IsUp(peer, core.NowMs),
        peer.Current is { } session ? core.NowMs - session.CreatedMs : null,
        peer.Current?.Cipher.ToString(),
        peer.Current?.Peer.ToString(),
        peer.LastRefusal,
        peer.Counters.Snapshot())
    {
        Offloads = OffloadsOf(peer.Address),
        Loss = peer.Current is null ? null : peer.Loss,
    };
}
