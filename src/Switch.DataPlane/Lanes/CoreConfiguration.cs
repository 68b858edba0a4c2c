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
            {
                core.Lanes.Forget(gone.Id, gone.Peers[^1].HostId);
                core.RemovePeer(gone.Peers[^1]);
            }

            core.Environments.Remove(gone.Id);
            core.Lanes.Forget(gone.Id);
            foreach ((ulong From, ulong To) pair in gone.PairLimits.Keys)
                core.Lanes.Clocks.Forget(gone.Id, pair);
        }

        foreach (EnvironmentPlan wanted in plan.Environments)
        {
            SwitchEnvironment environment = Environment(core, wanted.Id);
            PeerConfiguration.Configure(core, environment, wanted);
            ConfigureTable(core, environment, wanted);
            ConfigureLimits(core, environment, wanted);
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
    /// <param name="core">The lane.</param>
    /// <param name="environmentId">Its environment.</param>
    /// <param name="plan">The port.</param>
    /// <param name="sink">Its end on this lane.</param>
    /// <param name="gate">What the port's lanes share; null when it is on this one only.</param>
    public static SwitchPort AddPort(
        SwitchCore core, string environmentId, PortPlan plan, IFrameSink sink, PortGate? gate = null)
    {
        SwitchEnvironment environment = Environment(core, environmentId);
        var port = new SwitchPort(environmentId, plan.Tap, plan.Node, plan.Mac, plan.Ip, sink)
        {
            Gate = gate ?? new PortGate { IsOpen = plan.Open },
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
        port.IsRemoved = true;
        core.Shaping.Forget(port);
        Captures.PortGone(port);
        environment.BindAll();
    }

    public static SwitchEnvironment Environment(SwitchCore core, string id)
    {
        if (!core.Environments.TryGetValue(id, out SwitchEnvironment? environment))
        {
            core.Environments[id] = environment = new SwitchEnvironment(id, core.Settings.Isolated)
            {
                LinkLocals = core.Lanes.LinkLocalsOf(id),
            };
        }

        return environment;
    }

    private static void ConfigureLimits(SwitchPort port, PortPlan plan)
    {
        static PairLimit? Limit(PairLimit? held, PairClock? wanted) =>
            held?.Clock == wanted ? held : wanted is null ? null : new PairLimit(wanted);
        port.FromNode = Limit(port.FromNode, port.Gate.FromNode(plan.FromNode));
        port.ToNode = Limit(port.ToNode, port.Gate.ToNode(plan.ToNode));
    }

    // A limit that stays the same keeps its clock and what waits in it.
    private static void ConfigureLimits(SwitchCore core, SwitchEnvironment environment, EnvironmentPlan wanted)
    {
        foreach ((ulong From, ulong To) gone in environment.PairLimits.Keys
            .Where(pair => !wanted.Limits.ContainsKey(pair)).ToArray())
        {
            environment.PairLimits.Remove(gone);
            core.Lanes.Clocks.Forget(environment.Id, gone);
        }

        foreach (((ulong From, ulong To) pair, long bytesPerSecond) in wanted.Limits)
        {
            PairClock clock = core.Lanes.Clocks.Of(environment.Id, pair, bytesPerSecond);
            if (environment.PairLimits.GetValueOrDefault(pair)?.Clock != clock)
                environment.PairLimits[pair] = new PairLimit(clock);
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
            if (same)
                continue;
            environment.Remove(entry);
            environment.LinkLocals.Forget(entry.Mac);
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
