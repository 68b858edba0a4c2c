namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes the host as wanted: interfaces on its own thread, tables on the lanes'. One apply at a time. Order: ports
/// that go, tables and peers, ports that come; so a node's new port never meets an old table.
/// </summary>
internal sealed class StateApplier(
    LaneSet lanes, PortMaker ports, Func<StatePlanner> planner)
{
    private readonly Dictionary<string, LivePort> _live = [];
    private bool _orphansRemoved;

    /// <summary>The version that was applied last.</summary>
    public long Version { get; private set; }

    /// <summary>Applies a state. Must run on a thread inside the daemon's namespace.</summary>
    public ControlMessage Apply(SwitchWantedState state)
    {
        if (state.Version < Version)
            return new ControlError("stale-version",
                $"version {state.Version} is older than {Version}, which is applied already; send the newest state");
        StatePlan plan = planner().Plan(state);
        var errors = new List<ApplyError>(plan.Errors);
        var warnings = new List<string>();
        Version = state.Version;
        var wanted = plan.Environments.SelectMany(e => e.Ports.Select(p => (Environment: e.Id, Port: p)))
            .ToDictionary(w => w.Port.Tap);
        foreach (LivePort live in _live.Values.ToArray())
        {
            if (!wanted.TryGetValue(live.Plan.Tap, out (string Environment, PortPlan Port) w)
                || !live.IsSame(w.Environment, w.Port))
                Remove(live, errors);
        }

        Wait(lanes.InvokeTogetherAsync((_, core) =>
        {
            CoreConfiguration.Configure(core, plan);
            return true;
        }));
        foreach ((string environment, PortPlan port) in wanted.Values)
        {
            if (!_live.ContainsKey(port.Tap))
                Add(environment, port, errors);
        }

        RemoveOrphans(
            wanted.Values.SelectMany(w => (string[])[w.Port.Tap, w.Port.Bridge, w.Port.NodeTap ?? ""]).ToHashSet(),
            warnings);
        return new ApplyReply(Version, errors, warnings);
    }

    /// <summary>Closes the ports and leaves the bridges, with the machines plugged in, for a successor.</summary>
    public void ClosePorts()
    {
        foreach (IPortDriver driver in _live.Values.SelectMany(live => live.Drivers))
            driver.Dispose();
        _live.Clear();
    }

    private void Add(string environment, PortPlan plan, List<ApplyError> errors)
    {
        try
        {
            IPortDriver[] drivers = ports.Create(plan);
            var gate = new PortGate { IsOpen = plan.Open };
            _live[plan.Tap] = new LivePort(environment, plan, gate, drivers);
            if (drivers.Length == lanes.Count)
                Wait(lanes.InvokeAsync((lane, core) => Add(lane, core, environment, plan, gate, drivers[lane.Number])));
            else
                AddAtHome(environment, plan, gate, drivers[0]);
        }
        catch (SwitchIoException e)
        {
            errors.Add(new ApplyError(environment, $"port {plan.Tap}", e.Message));
        }
    }

    private static SwitchPort Add(
        LaneThread lane, SwitchCore core, string environment, PortPlan plan, PortGate gate, IPortDriver driver)
    {
        SwitchPort added = CoreConfiguration.AddPort(core, environment, plan, driver, gate);
        lane.Ports.Add(core, core.Environments[environment], added, driver);
        return added;
    }

    // One lane has the driver; the others give that one what they have for the port.
    private void AddAtHome(string environment, PortPlan plan, PortGate gate, IPortDriver driver)
    {
        LaneThread home = lanes.HomeOf(plan.Mac);
        SwitchPort port = Wait(home.InvokeAsync(core => Add(home, core, environment, plan, gate, driver)));
        Wait(lanes.InvokeAsync((lane, core) => lane == home
            || CoreConfiguration.AddPort(
                core, environment, plan,
                new HandOverSink(core.Lanes.InboxOf(home.Number), lane.Number, port), gate) is not null));
    }

    private void Remove(LivePort live, List<ApplyError> errors)
    {
        Wait(lanes.InvokeAsync((lane, core) =>
        {
            if (core.Environments.GetValueOrDefault(live.Environment)?.PortOf(live.Plan.Mac) is not { } port)
                return false;
            lane.Ports.Remove(port);
            CoreConfiguration.RemovePort(core, live.Environment, port);
            return true;
        }));
        _live.Remove(live.Plan.Tap);
        try
        {
            ports.Remove(live.Plan, live.Drivers);
        }
        catch (SwitchIoException e)
        {
            errors.Add(new ApplyError(live.Environment, $"port {live.Plan.Tap}", e.Message));
        }
    }

    private void RemoveOrphans(HashSet<string> wantedLinks, List<string> warnings)
    {
        if (_orphansRemoved)
            return;
        try
        {
            ports.RemoveOrphans(wantedLinks);
            _orphansRemoved = true;
        }
        catch (Exception e) when (e is SwitchIoException or System.Text.Json.JsonException)
        {
            warnings.Add($"links of an earlier run may be left: {e.Message}");
        }
    }

    // The applier owns its thread, so blocking on the lanes is its normal state.
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private sealed record LivePort(string Environment, PortPlan Plan, PortGate Gate, IReadOnlyList<IPortDriver> Drivers)
    {
        // A port that was opened stays open, so the wish "closed" is no difference; nor is what the lane can change
        // while a machine is plugged in.
        public bool IsSame(string environment, PortPlan plan) =>
            environment == Environment && !Gate.IsBroken
            && plan with { Open = Plan.Open, Ip6 = Plan.Ip6, FromNode = Plan.FromNode, ToNode = Plan.ToNode } == Plan;
    }
}
