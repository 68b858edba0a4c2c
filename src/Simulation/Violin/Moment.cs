namespace VioActors.Simulation.Violin;

/// <summary>How far all applications of a scenario are at one moment. Immutable.</summary>
internal sealed class Moment
{
    private readonly OptimumFleet _scenario;
    private readonly int[] _phase;
    private readonly double[] _done;
    private readonly double[] _stalled;

    internal Moment(double seconds, OptimumFleet scenario)
        : this(scenario, seconds, [.. scenario.Applications.Select(one => one.Site ?? -1)],
            new int[scenario.Applications.Length], new double[scenario.Applications.Length],
            new double[scenario.Applications.Length], new double?[scenario.Applications.Length])
    {
    }

    private Moment(
        OptimumFleet scenario, double seconds, int[] siteOf, int[] phase, double[] done, double[] stalled,
        double?[] ends) => (_scenario, Seconds, SiteOf, _phase, _done, _stalled, Ends) =
            (scenario, seconds, siteOf, phase, done, stalled, ends);

    internal double Seconds { get; }

    /// <summary>Site of each application; -1: it has none yet.</summary>
    internal int[] SiteOf { get; }

    /// <summary>When each ended; null: it did not yet.</summary>
    internal double?[] Ends { get; }

    internal List<int> Running() => [.. Enumerable.Range(0, Ends.Length).Where(
        one => Ends[one] is null && _scenario.Applications[one].Start.TotalSeconds <= Seconds)];

    internal double? NextStart() => _scenario.Applications.Select(one => one.Start.TotalSeconds)
        .Where(start => start > Seconds).Cast<double?>().Min();

    internal double Demand(int one) => _scenario.Applications[one].Phases[_phase[one]].CpuDemand;

    /// <summary>Seconds that it still takes alone.</summary>
    internal double Alone(int one) => _stalled[one] + _scenario.Applications[one].Phases.Index()
        .Where(phase => phase.Index >= _phase[one])
        .Sum(phase => (phase.Item.WorkPerNode - (phase.Index == _phase[one] ? _done[one] : 0)) / phase.Item.CpuDemand);

    /// <summary>The same with one application on another site; a first place costs nothing.</summary>
    internal Moment Moved(int one, int site, double stall)
    {
        if (SiteOf[one] == site) return this;
        var (siteOf, stalled) = ((int[])SiteOf.Clone(), (double[])_stalled.Clone());
        if (siteOf[one] >= 0) stalled[one] = stall;
        siteOf[one] = site;
        return new Moment(_scenario, Seconds, siteOf, _phase, _done, stalled, Ends);
    }

    /// <summary>The next moment at which anything starts, ends or changes.</summary>
    internal Moment Advanced(double[] speeds)
    {
        var until = NextStart() ?? double.PositiveInfinity;
        var running = Running();
        foreach (var one in running)
            if (speeds[one] > 0) until = Math.Min(until, Seconds + _stalled[one] + Left(one) / speeds[one]);
        if (double.IsInfinity(until)) throw new InvalidOperationException("Nothing goes on.");
        var (phase, done) = ((int[])_phase.Clone(), (double[])_done.Clone());
        var (stalled, ends) = ((double[])_stalled.Clone(), (double?[])Ends.Clone());
        foreach (var one in running)
        {
            var worked = Math.Max(0, until - Seconds - stalled[one]);
            stalled[one] = Math.Max(0, stalled[one] - (until - Seconds));
            done[one] += worked * speeds[one];
            if (done[one] < _scenario.Applications[one].Phases[phase[one]].WorkPerNode - 1e-6) continue;
            done[one] = 0;
            if (++phase[one] == _scenario.Applications[one].Phases.Length) ends[one] = until;
        }

        return new Moment(_scenario, until, SiteOf, phase, done, stalled, ends);
    }

    private double Left(int one) => _scenario.Applications[one].Phases[_phase[one]].WorkPerNode - _done[one];
}
