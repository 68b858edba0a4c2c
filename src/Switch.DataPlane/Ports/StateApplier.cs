namespace VioActors.Switch.DataPlane;

/// <summary>
/// Makes the host as wanted: interfaces on its own thread, tables on the lane's. One apply at a time. Order: ports
/// that go,
/// tables and peers, ports that come; so a node's new port never meets an old table.
/// </summary>
internal sealed class StateApplier(
    LaneThread lane, PortMaker ports, Func<StatePlanner> planner)
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

        Wait(lane.InvokeAsync(core =>
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
        foreach (LivePort live in _live.Values)
            live.Driver.Dispose();
        _live.Clear();
    }

    private void Add(string environment, PortPlan plan, List<ApplyError> errors)
    {
        try
        {
            IPortDriver driver = ports.Create(plan);
            SwitchPort port = Wait(lane.InvokeAsync(core =>
            {
                SwitchPort added = CoreConfiguration.AddPort(core, environment, plan, driver);
                lane.Ports.Add(core, core.Environments[environment], added, driver);
                return added;
            }));
            _live[plan.Tap] = new LivePort(environment, plan, port, driver);
        }
        catch (SwitchIoException e)
        {
            errors.Add(new ApplyError(environment, $"port {plan.Tap}", e.Message));
        }
    }

    private void Remove(LivePort live, List<ApplyError> errors)
    {
        Wait(lane.InvokeAsync(core =>
        {
            lane.Ports.Remove(live.Port);
            CoreConfiguration.RemovePort(core, live.Environment, live.Port);
            return true;
        }));
        _live.Remove(live.Plan.Tap);
        try
        {
            ports.Remove(live.Plan, live.Driver);
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

    // The applier owns its thread, so blocking on the lane is its normal state.
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private sealed record LivePort(string Environment, PortPlan Plan, SwitchPort Port, IPortDriver Driver)
    {
        // A port that was opened stays open, so the wish "closed" is no difference; nor is what the lane can change
        // while a machine is plugged in.
        public bool IsSame(string environment, PortPlan plan) =>
            environment == Environment && !Port.IsBroken
            && plan with { Open = Plan.Open, Ip6 = Plan.Ip6, FromNode = Plan.FromNode, ToNode = Plan.ToNode } == Plan;
    }
}
