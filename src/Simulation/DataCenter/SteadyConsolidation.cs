namespace VioActors.Simulation.DataCenter;

/// <summary>
/// Consolidation that moves seldom: it fills the hosts that give the most MIPS per watt, relieves a host only when its
/// expected demand exceeds it, with the fewest seconds of moving, and empties one only when what it saves can be kept.
/// </summary>
public sealed class SteadyConsolidation(SteadySettings settings) : IConsolidation
{
    private readonly Dictionary<int, int> _relievedAt = [];
    private int _round;

    /// <inheritdoc/>
    public int Place(int vm, StartView view)
    {
        // The most efficient hosts first, each as full as it may be.
        var best = -1;
        for (var host = 0; host < view.Hosts.Count; host++)
        {
            if (!view.Fits(vm, host)) continue;
            if (best < 0 || Efficiency(view.Hosts[host]) > Efficiency(view.Hosts[best])) best = host;
        }

        return best;
    }

    /// <inheritdoc/>
    public IReadOnlyList<VmMove> Decide(DataCenterView view)
    {
        _round++;
        var plan = new SteadyPlan(view, settings);
        foreach (var host in plan.Relieve()) _relievedAt[host] = _round;
        plan.Empty(host => !_relievedAt.TryGetValue(host, out var at) || _round - at >= settings.HoldRounds);
        return plan.Moves;
    }

    /// <summary>MIPS per watt of a host in full use.</summary>
    internal static double Efficiency(HostType host) => host.Mips / host.Power(1);
}
