using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// The cost model: cores of service that are lost now. A host that is asked for more than it has serves all alike, what
/// is missing is lost. An environment whose nodes wait for each other loses more: it is as slow as its slowest node.
/// Both are weighed by the coupling. Reads the assignment as it is at each call.
/// </summary>
internal sealed class VioLoss
{
    // Beyond this nobody waits for all, and the sums would cost more than they are worth.
    private const int MostCoupled = 64;
    private readonly Assignment _assignment;
    private readonly double _coupling;
    private readonly int[] _stamps;
    private readonly List<int> _touched = [];
    private int _stamp;

    internal VioLoss(Assignment assignment, int environments, double coupling)
    {
        (_assignment, _coupling) = (assignment, coupling);
        UnitsOf = new List<int>[environments];
        for (var i = 0; i < environments; i++) UnitsOf[i] = [];
        for (var unit = 0; unit < assignment.Units.Count; unit++)
            UnitsOf[assignment.Units[unit].Environment].Add(unit);
        _stamps = new int[environments];
    }

    /// <summary>Units of each environment.</summary>
    internal List<int>[] UnitsOf { get; }

    /// <summary>Cores that are wanted on a host and not there.</summary>
    internal double Short(int host) =>
        Math.Max(0, _assignment.WishCores(host) - _assignment.Hosts[host].CpuCores);

    /// <summary>The part of its wishes that a host can serve, 0 to 1.</summary>
    internal double Served(int host)
    {
        var (wish, cores) = (_assignment.WishCores(host), _assignment.Hosts[host].CpuCores);
        return wish <= cores ? 1 : cores / wish;
    }

    /// <summary>Loss on these hosts and of all environments that have nodes there, in cores.</summary>
    internal double Of(IReadOnlyList<int> hosts)
    {
        var missing = 0.0;
        foreach (var host in hosts) missing += Short(host);
        if (_coupling == 0) return missing;
        var waiting = 0.0;
        Touch(hosts);
        foreach (var environment in _touched) waiting += Waiting(environment, hosts);
        return (1 - _coupling) * missing + _coupling * waiting;
    }

    private void Touch(IReadOnlyList<int> hosts)
    {
        _stamp++;
        _touched.Clear();
        foreach (var host in hosts)
            foreach (var unit in _assignment.On(host))
            {
                var environment = _assignment.Units[unit].Environment;
                if (_stamps[environment] == _stamp) continue;
                _stamps[environment] = _stamp;
                _touched.Add(environment);
            }

        // The order in which hosts hold their units depends on what was tried before; sums must not.
        _touched.Sort();
    }

    private double Waiting(int environment, IReadOnlyList<int> hosts)
    {
        var (all, slowest, own) = (0.0, 1.0, 0.0);
        var units = UnitsOf[environment];
        foreach (var unit in units)
        {
            var (host, wish) = (_assignment.HostOf[unit], _assignment.Units[unit].WishCores);
            var served = Served(host);
            all += wish;
            slowest = Math.Min(slowest, served);
            if (units.Count > MostCoupled && hosts.Contains(host)) own += wish * (1 - served);
        }

        return units.Count > MostCoupled ? own : all * (1 - slowest);
    }
}
