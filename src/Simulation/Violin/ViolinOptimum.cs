using VioActors.Simulation.World;

namespace VioActors.Simulation.Violin;

/// <summary>Times of a schedule.</summary>
/// <param name="AverageSeconds">Mean of all execution times.</param>
/// <param name="OverallSeconds">From the first start to the last end.</param>
public sealed record OptimumTimes(double AverageSeconds, double OverallSeconds);

/// <summary>
/// The least average and the least overall time (each of its own schedule) that any manager could reach in a scenario
/// that knows all that will come, by trying every site of every application at every start, end and change of phase.
/// Inside a site nodes of quiet applications are packed as well as can be, and busy ones run each on its own host while
/// there are enough.
/// </summary>
public sealed class ViolinOptimum
{
    private const double Rounding = 1e-6;
    private readonly OptimumFleet _scenario;
    private readonly bool _priorities;
    private readonly bool _overall;
    private double _best = double.PositiveInfinity;

    private ViolinOptimum(OptimumFleet scenario, bool priorities, bool overall) =>
        (_scenario, _priorities, _overall) = (scenario, priorities, overall);

    /// <summary>The optimum.</summary>
    /// <param name="scenario">Hosts of one core, and at most six parallel applications of nodes of one.</param>
    /// <param name="priorities">
    /// Whether an application may be put before others of its site, which pays only for who knows what ends first;
    /// otherwise those of a site share its CPU alike.
    /// </param>
    public static OptimumTimes Of(WorldSetup scenario, bool priorities)
    {
        var fleet = new OptimumFleet(scenario);
        return new OptimumTimes(Least(fleet, priorities, false), Least(fleet, priorities, true));
    }

    private static double Least(OptimumFleet scenario, bool priorities, bool overall)
    {
        if (scenario.Applications.Length > 6)
            throw new ArgumentException("Six applications are all that can be tried.", nameof(scenario));
        var search = new ViolinOptimum(scenario, priorities, overall);
        var first = scenario.Applications.Min(one => one.Start.TotalSeconds);
        search.Try(new Moment(first, scenario));
        return overall ? search._best - first : search._best / scenario.Applications.Length;
    }

    private void Try(Moment now)
    {
        if (Bound(now) >= _best - Rounding) return;
        var running = now.Running();
        if (running.Count == 0 && now.NextStart() is null)
        {
            _best = Bound(now);
            return;
        }

        Sites(now, running, 0);
    }

    // No schedule is faster than each application alone.
    private double Bound(Moment now)
    {
        var value = 0.0;
        foreach (var (i, one) in _scenario.Applications.Index())
        {
            var ends = now.Ends[i] ?? Math.Max(now.Seconds, one.Start.TotalSeconds) + now.Alone(i);
            value = _overall ? Math.Max(value, ends) : value + ends - one.Start.TotalSeconds;
        }

        return value;
    }

    private void Sites(Moment now, List<int> running, int at)
    {
        if (at == running.Count)
        {
            Orders(now, running);
            return;
        }

        var one = running[at];
        for (var site = 0; site < _scenario.HostsPerSite.Length; site++)
            Sites(now.Moved(one, site, _scenario.StallSeconds), running, at + 1);
    }

    private void Orders(Moment now, List<int> running)
    {
        if (!_priorities)
        {
            Try(now.Advanced(SiteSpeeds.Fair(now, running, _scenario)));
            return;
        }

        foreach (var order in Permutations(running))
            Try(now.Advanced(SiteSpeeds.Ordered(now, order, _scenario)));
    }

    private static IEnumerable<List<int>> Permutations(List<int> items)
    {
        if (items.Count <= 1)
        {
            yield return items;
            yield break;
        }

        for (var i = 0; i < items.Count; i++)
            foreach (var rest in Permutations([.. items[..i], .. items[(i + 1)..]]))
                yield return [items[i], .. rest];
    }
}
