using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes a lane's tables and tunnels as a plan says, keeping what is the same: sessions of unchanged peers live on, and
/// claims that the plan still allows are kept. Ports are added and removed one by one, because their TAPs are made
/// elsewhere.
/// </summary>
internal static class CoreConfiguration
{
    /// <summary>
    /// Members, tables and probers; also removes environments that are not in the plan (their ports are gone
    /// already).
    /// </summary>
    public static void Configure(SwitchCore core, StatePlan plan)
    {
        foreach (SwitchEnvironment gone in core.Environments.Values.Where(
            e => plan.Environments.All(p => p.Id != e.Id)).ToArray())
        {
            while (gone.Peers.Count > 0)
                core.RemovePeer(gone.Peers[^1]);
            core.Environments.Remove(gone.Id);
        }

        foreach (EnvironmentPlan wanted in plan.Environments)
        {
            SwitchEnvironment environment = Environment(core, wanted.Id);
            ConfigurePeers(core, environment, wanted);
            ConfigureTable(core, environment, wanted);
            ConfigureLimits(environment, wanted);
            environment.Prober = wanted.Prober;
            environment.Services = wanted.Services is { } services
                ? new EnvironmentServices(services, wanted.Nodes.Where(n => n.Name is not null)
                    .Select(n => (n.Name!, environment.Find(n.Mac)!)))
                : null;
            environment.QuarantinesDuplicates = wanted.QuarantinesDuplicates;
            environment.BindAll();
            foreach (PortPlan port in wanted.Ports)
            {
                if (environment.PortOf(port.Mac) is not { } existing)
                    continue;
                existing.Ip6 = port.Ip6;
                ConfigureLimits(existing, port);
                if (port.Open && !existing.IsOpen)
                    core.Moves.OpenedByController(environment, existing);
                else if (!port.Open && existing.IsOpen)
                    core.Moves.PreBoundAgain(environment, existing);
            }
        }
    }

    /// <summary>Adds a port whose TAP is ready.</summary>
    public static SwitchPort AddPort(SwitchCore core, string environmentId, PortPlan plan, IFrameSink sink)
    {
        SwitchEnvironment environment = Environment(core, environmentId);
        var port = new SwitchPort(environmentId, plan.Tap, plan.Node, plan.Mac, plan.Ip, sink)
        {
            IsOpen = plan.Open,
            Drops = core.Drops,
            Ip6 = plan.Ip6,
            Shaping = core.Shaping,
        };
        ConfigureLimits(port, plan);
        environment.Ports.Add(port);
        environment.BindAll();
        return port;
    }

    public static void RemovePort(SwitchCore core, string environmentId, SwitchPort port)
    {
        if (!core.Environments.TryGetValue(environmentId, out SwitchEnvironment? environment))
            return;
        environment.Ports.Remove(port);
        core.Shaping.Forget(port);
        Captures.PortGone(port);
        environment.BindAll();
    }

    public static SwitchEnvironment Environment(SwitchCore core, string id)
    {
        if (!core.Environments.TryGetValue(id, out SwitchEnvironment? environment))
            core.Environments[id] = environment = new SwitchEnvironment(id, core.Settings.Isolated);
        return environment;
    }

    private static void ConfigurePeers(SwitchCore core, SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        foreach (PeerTunnel gone in environment.Peers.Where(p => wanted.Peers.All(w => w.Host != p.HostId)).ToArray())
            core.RemovePeer(gone);
        foreach (PeerPlan plan in wanted.Peers)
        {
            SocketAddress address = SocketAddress.From(plan.EndPoint);
            IReadOnlyList<IPEndPoint> endPoints = plan.EndPoints;
            if (environment.PeerOf(plan.Host) is { } known)
            {
                known.StreamEndPoint = plan.StreamEndPoint;

                // What was learned about a path stays as long as the controller says the same of it.
                if (known.Configured.SequenceEqual(endPoints))
                    continue;
                (known.Configured, known.Address) = (endPoints, address);
                if (known.NextHop is null)
                    known.Change(new PathState(known.Sizes, address));
                continue;
            }

            environment.Peers.Add(new PeerTunnel(environment, plan.Host, address)
            {
                Sizes = core.Settings.Sizes,
                Configured = endPoints,
                StreamEndPoint = plan.StreamEndPoint,
                NextAttemptMs = Handshakes.FirstAttemptMs(core.Settings.HostId, plan.Host, core.NowMs),
            });
        }

        environment.IndexPeers();
        ConfigureRoutes(environment, wanted);
    }

    private static void ConfigureRoutes(SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        foreach (PeerPlan plan in wanted.Peers)
        {
            if (environment.PeerOf(plan.Host) is not { } peer)
                continue;
            PeerTunnel? next = plan.NextHop is { } host ? environment.PeerOf(host) : null;
            if (ReferenceEquals(next, peer.NextHop))
                continue;
            peer.NextHop = next;
            peer.Change(new PathState(peer.Sizes, peer.Address, next));
        }
    }

    private static void ConfigureLimits(SwitchPort port, PortPlan plan)
    {
        static PairLimit? Limit(PairLimit? held, long? wanted) => held?.BytesPerSecond == wanted
            ? held
            : wanted is { } bytesPerSecond ? new PairLimit(bytesPerSecond) : null;
        port.FromNode = Limit(port.FromNode, plan.FromNode);
        port.ToNode = Limit(port.ToNode, plan.ToNode);
    }

    // A limit that stays the same keeps its clock and what waits in it.
    private static void ConfigureLimits(SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        foreach ((ulong From, ulong To) gone in environment.PairLimits.Keys
            .Where(pair => !wanted.Limits.ContainsKey(pair)).ToArray())
        {
            environment.PairLimits.Remove(gone);
        }

        foreach (((ulong From, ulong To) pair, long bytesPerSecond) in wanted.Limits)
        {
            if (environment.PairLimits.GetValueOrDefault(pair)?.BytesPerSecond != bytesPerSecond)
                environment.PairLimits[pair] = new PairLimit(bytesPerSecond);
        }
    }

    private static void ConfigureTable(SwitchCore core, SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        Dictionary<ulong, NodePlan> plans = wanted.Nodes.ToDictionary(n => n.Mac.Value);
        foreach (MacEntry entry in environment.Entries.ToArray())
        {
            bool same = plans.TryGetValue(entry.Mac.Value, out NodePlan? plan) && plan.Ip == entry.Ip
                && plan.Node == entry.Node
                && plan.IsLocalProber == entry.IsLocalProber;
            if (!same)
                environment.Remove(entry);
        }

        foreach (NodePlan plan in wanted.Nodes)
        {
            MacEntry? entry = environment.Find(plan.Mac);
            if (entry is null)
            {
                entry = new MacEntry(plan.Mac, plan.Ip, plan.Node) { IsLocalProber = plan.IsLocalProber };
                environment.Add(entry);
            }

            environment.Rename(entry, plan.Ip6);
            entry.Update(plan.Host, plan.PreBound, plan.Sequence, core.Settings.HostId, core.NowMs);
        }

        environment.Claims.RemoveAll(c => environment.Find(c.Mac)?.Location != core.Settings.HostId);
    }
}
