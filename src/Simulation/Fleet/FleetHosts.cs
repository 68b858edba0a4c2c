namespace VioActors.Simulation.Fleet;

/// <summary>
/// How a host shares one core between the nodes on it: by weight, and what one does not use goes to the others, as a
/// scheduler with weights does.
/// </summary>
internal static class FleetHosts
{
    /// <summary>CPU that each node gets, in cores.</summary>
    /// <param name="nodes">All on one host.</param>
    internal static void Share(IReadOnlyList<FleetNode> nodes)
    {
        var all = nodes.Sum(node => node.Weight);
        foreach (var node in nodes) node.Given = node.Weight / all;
        var hungry = nodes.ToList();
        var left = 1.0;
        while (hungry.Count > 0)
        {
            var weight = hungry.Sum(node => node.Weight);
            var full = hungry.Where(node => node.Demand <= left * node.Weight / weight + 1e-12).ToList();
            foreach (var node in full.Count > 0 ? full : hungry)
                node.Gets = full.Count > 0 ? node.Demand : left * node.Weight / weight;
            if (full.Count == 0) return;
            left -= full.Sum(node => node.Demand);
            hungry.RemoveAll(full.Contains);
        }
    }
}

/// <summary>One running node.</summary>
internal sealed class FleetNode
{
    internal required Contracts.NodeId Id { get; init; }

    internal required int Host { get; set; }

    internal DateTimeOffset? LastMoved { get; set; }

    internal required Actors.Adaptation.Model.SampleHistory Samples { get; set; }

    /// <summary>CPU that the last plan gave it, in cores: its weight among its neighbours.</summary>
    internal double Weight { get; set; } = 1;

    /// <summary>Its share of its host by weight, in cores: what it gets when all are busy.</summary>
    internal double Given { get; set; } = 1;

    /// <summary>CPU it can use now, in cores.</summary>
    internal double Demand { get; set; } = 1;

    /// <summary>CPU it gets now, in cores.</summary>
    internal double Gets { get; set; }
}

/// <summary>One running application.</summary>
internal sealed class FleetRun(PhasedApplication application, Contracts.EnvironmentId id, List<FleetNode> nodes)
{
    internal PhasedApplication Application { get; } = application;

    internal Contracts.EnvironmentId Id { get; } = id;

    internal List<FleetNode> Nodes { get; } = nodes;

    internal double StalledSeconds { get; set; }

    private int _phase;
    private double _done;

    internal bool Ended => _phase == Application.Phases.Length;

    internal void SetDemand()
    {
        foreach (var node in Nodes) node.Demand = Application.Phases[_phase].CpuDemand;
    }

    /// <summary>Works for so many seconds, at the speed of the slowest node; gives the seconds not needed.</summary>
    internal double Work(double seconds)
    {
        var stalled = Math.Min(seconds, StalledSeconds);
        StalledSeconds -= stalled;
        seconds -= stalled;
        var speed = Nodes.Min(node => node.Gets);
        while (!Ended && seconds > 0)
        {
            var need = (Application.Phases[_phase].WorkPerNode - _done) / speed;
            if (need > seconds)
            {
                _done += speed * seconds;
                return 0;
            }

            seconds -= need;
            _done = 0;
            _phase++;
        }

        return seconds;
    }
}
