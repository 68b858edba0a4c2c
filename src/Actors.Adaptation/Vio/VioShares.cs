using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// CPU of each node on its host. Where all wishes fit, each has its wish. On a full host each has its share, or,
/// when environments depend on that host in different degrees, at least a part of it: the rest goes first to those that
/// gain most speed for it.
/// </summary>
internal sealed class VioShares
{
    // Nobody is given nothing, or it could never show that it has work again.
    private const double LeastCores = 0.01;
    // Environments whose dependence differs by less are alike: figures move a little in every round.
    private const double Alike = 1.1;
    private readonly VioRound _round;
    private readonly Dictionary<int, double> _leverage = [];

    internal VioShares(VioRound round) => _round = round;

    /// <summary>Cores of each unit of a host, by its index in <paramref name="units"/>.</summary>
    internal double[] Of(int host, IReadOnlyList<int> units)
    {
        var cores = units.Select(unit => Math.Max(LeastCores, _round.Assignment.Units[unit].WishCores)).ToArray();
        var (wish, all) = (cores.Sum(), _round.Assignment.Hosts[host].CpuCores);
        if (wish <= all) return cores;
        var levers = units.Select(unit => Leverage(_round.Assignment.Units[unit].Environment)).ToArray();
        var alike = _round.Options.Coupling == 0 || levers.Max() < Alike * levers.Min();
        var keep = alike ? 1 : _round.Options.LeastShare;
        var given = Fair(units, cores, all).Select(one => one * keep).ToArray();
        var left = all * (1 - keep);
        foreach (var same in levers.Index().GroupBy(one => one.Item).OrderByDescending(one => one.Key))
        {
            var missing = same.Sum(one => cores[one.Index] - given[one.Index]);
            var part = missing <= left ? 1 : left / missing;
            foreach (var one in same) given[one.Index] += (cores[one.Index] - given[one.Index]) * part;
            left -= missing * part;
        }

        return given;
    }

    // Each is entitled to its part of the host by virtual CPUs; what it does not need goes to the others. On a full
    // host that keeps an open load whole beside nodes that take whatever there is: they lose time, it would lose
    // requests.
    private double[] Fair(IReadOnlyList<int> units, double[] cores, double left)
    {
        var vcpus = units.Select(unit => _round.Assignment.Units[unit].Nodes.Sum(node => node.Vcpus)).ToArray();
        var (fair, weight) = (new double[cores.Length], vcpus.Sum());
        foreach (var (one, index) in vcpus.Select((one, index) => (one, index))
            .OrderBy(one => cores[one.index] / one.one).ThenBy(one => one.index))
        {
            fair[index] = Math.Min(cores[index], left * Math.Min(1, one / weight));
            left -= fair[index];
            weight -= one;
        }

        return fair;
    }

    /// <summary>
    /// Weights to set on a host, by node; empty: what is set is near enough. Only their proportions count, so that all
    /// are set as soon as one is off.
    /// </summary>
    /// <param name="cores">What each node of the host shall have.</param>
    internal Dictionary<NodeId, int> Weights(IReadOnlyList<(NodeInventory Node, double Cores)> cores)
    {
        var mean = cores.Sum(one => one.Cores) / cores.Count;
        var wanted = cores.ToDictionary(
            one => one.Node.Id, one => (int)Math.Clamp(Math.Round(100 * one.Cores / mean), 1, 10000));
        return cores.Any(one =>
            Math.Abs(wanted[one.Node.Id] - one.Node.CpuWeight) > _round.Options.LeastChange * one.Node.CpuWeight)
            ? wanted : [];
    }

    /// <summary>
    /// The limit to set where one is in force; null: what is set is near enough. Raised as soon as it is too low,
    /// lowered only when others lack CPU.
    /// </summary>
    internal int? Quota(NodeInventory node, double wish, bool hostFull)
    {
        if (node.CpuQuotaPercent is not { } now || now == 0) return null;
        var wanted = (int)Math.Clamp(Math.Ceiling(100 * wish), 1, Math.Max(1, Math.Floor(100 * node.Vcpus)));
        if (wanted > now) return wanted;
        return hostFull && wanted < now * (1 - _round.Options.LeastChange) ? wanted : null;
    }

    // All work of an environment for each core of it that is on full hosts: what a core given there is worth.
    private double Leverage(int environment)
    {
        if (_leverage.TryGetValue(environment, out var known)) return known;
        var (all, there) = (0.0, 0.0);
        foreach (var unit in _round.Loss.UnitsOf[environment])
        {
            var wish = Math.Max(LeastCores, _round.Assignment.Units[unit].WishCores);
            all += wish;
            if (_round.Loss.Short(_round.Assignment.HostOf[unit]) > 0) there += wish;
        }

        return _leverage[environment] = there > 0 ? Math.Round(all / there, 6) : 1;
    }
}
