namespace VioActors.Simulation.DataCenter;

/// <summary>
/// One day of a data centre of 800 hosts under one policy, with the set-up, the times and the order of events of
/// CloudSim's PlanetLab experiment (Beloglazov and Buyya 2012), so that figures compare on the same input. Also its
/// oddities: measurements are 0.1 s late, memory counts only at the first placement, a machine that asks for nothing
/// has ended, energy of a host that was idle before is free.
/// </summary>
public sealed class DataCenterRun
{
    /// <summary>How many hosts, of both types in turn.</summary>
    public const int HostCount = 800;

    /// <summary>The most machines one run takes.</summary>
    public const int MostVms = 20000;

    private const double Late = 0.1;
    private const double EndSeconds = CpuTrace.Length * CpuTrace.IntervalSeconds;

    private readonly IReadOnlyList<CpuTrace> _traces;
    private readonly IConsolidation _policy;
    private readonly DataCenterState _state;
    private readonly ServiceLevels _levels;
    private readonly double _bootWattSeconds;
    private double _wattSeconds;
    private double _firstWatts;
    private double _measured;
    private int _migrations;

    private DataCenterRun(IReadOnlyList<CpuTrace> traces, IConsolidation policy)
    {
        _traces = traces;
        _policy = policy;
        _state = new DataCenterState(
            [.. Enumerable.Range(0, HostCount).Select(i => i % 2 == 0 ? HostType.G4 : HostType.G5)],
            [.. Enumerable.Range(0, traces.Count).Select(i => VmType.Of(i, traces.Count))]);
        _levels = new ServiceLevels(HostCount, traces.Count);
        _bootWattSeconds = CorrectedAccount.BootSeconds * _state.Hosts.Average(host => host.Power(1));
    }

    /// <summary>Runs one day.</summary>
    /// <exception cref="ArgumentException">No trace, or more than <see cref="MostVms"/>.</exception>
    /// <exception cref="InvalidDataException">A machine has no room at the start.</exception>
    /// <exception cref="InvalidOperationException">The policy wants an impossible move.</exception>
    public static DataCenterReport Run(IReadOnlyList<CpuTrace> traces, IConsolidation policy)
    {
        if (traces.Count is 0 or > MostVms)
            throw new ArgumentException($"1 to {MostVms} traces make a day, not {traces.Count}.", nameof(traces));
        var run = new DataCenterRun(traces, policy);
        run.Start();
        // The experiment ends before the measurement that would be 0.1 s after its end: one interval is never billed.
        for (var time = Late + CpuTrace.IntervalSeconds; time <= EndSeconds; time += CpuTrace.IntervalSeconds)
            run.Round(time);
        return run.Report();
    }

    /// <summary>Energy of all hosts at full power over the billed time: the baseline without any management.</summary>
    public static double FullPowerKwh { get; } =
        (HostType.G4.Power(1) + HostType.G5.Power(1)) * HostCount / 2
        * (EndSeconds - CpuTrace.IntervalSeconds) / 3.6e6;

    private void Start()
    {
        var view = new StartView(_state.Hosts, _state.Vms);
        for (var vm = 0; vm < _state.Vms.Count; vm++)
        {
            var host = _policy.Place(vm, view);
            if (host < 0 || !view.Fits(vm, host))
                throw new InvalidDataException(
                    $"Machine {vm} of {_state.Vms.Count} has no room on {HostCount} hosts. Next step: fewer traces.");
            view.Add(vm, host);
            _state.HostOf[vm] = host;
            _state.On[host].Add(vm);
        }
    }

    private void Round(double time)
    {
        Measure(time);
        Remember(time);
        EndIdle();
        var moves = _policy.Decide(new DataCenterView(_state));
        Begin(moves, time);
        foreach (var group in moves.GroupBy(move => _state.Vms[move.Vm].MoveSeconds).OrderBy(group => group.Key))
            Finish(group, time + group.Key);
    }

    private void Measure(double time)
    {
        var span = time - _measured;
        for (var host = 0; host < _state.Hosts.Count; host++)
        {
            Update(host, time);
            var type = _state.Hosts[host];
            if (_measured == 0) _firstWatts += _state.Used[host] > 0 ? type.Power(Share(type, _state.Used[host])) : 0;
            if (_state.UsedBefore[host] == 0) continue;
            var before = type.Power(Share(type, _state.UsedBefore[host]));
            _wattSeconds += (before + type.Power(Share(type, _state.Used[host]))) / 2 * span;
        }

        _measured = time;
    }

    private void Update(int host, double time)
    {
        var on = _state.On[host];
        Span<CpuShares.Claim> claims =
            on.Count <= 128 ? stackalloc CpuShares.Claim[on.Count] : new CpuShares.Claim[on.Count];
        Span<double> given = on.Count <= 128 ? stackalloc double[on.Count] : new double[on.Count];
        for (var i = 0; i < on.Count; i++)
        {
            var vm = on[i];
            _state.Demand[vm] = _traces[vm].At(time) * _state.Vms[vm].Mips;
            var arrives = _state.Moving[vm] && _state.Incoming[host].Contains(vm);
            claims[i] = new CpuShares.Claim(_state.Demand[vm], _state.Moving[vm] && !arrives, arrives);
        }

        CpuShares.Divide(_state.Hosts[host], claims, given);
        double used = 0, asked = 0;
        for (var i = 0; i < on.Count; i++)
        {
            if (!claims[i].Arrives)
            {
                _state.Given[on[i]] = given[i];
                _levels.Vm(on[i], time, given[i], claims[i].Demand, claims[i].Leaves);
            }

            used += CpuShares.Charged(claims[i], given[i]);
            asked += claims[i].Demand;
        }

        _state.UsedBefore[host] = _state.Used[host];
        _state.Used[host] = used;
        _levels.Host(host, time, used, asked);
    }

    private void Remember(double time)
    {
        var samples = _state.History.Next();
        for (var vm = 0; vm < samples.Length; vm++) samples[vm] = _traces[vm].At(time);
    }

    private void EndIdle()
    {
        for (var vm = 0; vm < _state.Vms.Count; vm++)
        {
            if (_state.HostOf[vm] < 0 || _state.Moving[vm] || _state.Demand[vm] > 0) continue;
            _state.On[_state.HostOf[vm]].Remove(vm);
            _state.HostOf[vm] = -1;
        }
    }

    private void Begin(IReadOnlyList<VmMove> moves, double time)
    {
        var touched = new SortedSet<int>();
        foreach (var move in moves)
        {
            var from = _state.HostOf[move.Vm];
            if (from < 0 || from == move.To || _state.On[move.To].Contains(move.Vm))
                throw new InvalidOperationException($"Machine {move.Vm} cannot move from {from} to {move.To}.");
            _state.Moving[move.Vm] = true;
            _state.Incoming[move.To].Add(move.Vm);
            _state.On[move.To].Add(move.Vm);
            touched.Add(from);
            touched.Add(move.To);
            _migrations++;
        }

        foreach (var host in touched) Update(host, time);
    }

    private void Finish(IEnumerable<VmMove> moves, double time)
    {
        Measure(time);
        EndIdle();
        foreach (var move in moves)
        {
            _state.On[_state.HostOf[move.Vm]].Remove(move.Vm);
            _state.Incoming[move.To].Remove(move.Vm);
            _state.On[move.To].Remove(move.Vm);
            _state.On[move.To].Add(move.Vm);
            _state.HostOf[move.Vm] = move.To;
            _state.Moving[move.Vm] = false;
        }

        for (var host = 0; host < _state.Hosts.Count; host++) Update(host, time);
        EndIdle();
    }

    private DataCenterReport Report()
    {
        _levels.End();
        const double wattSecondsPerKwh = 3.6e6;
        var corrected = _wattSeconds + _firstWatts * CpuTrace.IntervalSeconds + _levels.Wakes * _bootWattSeconds;
        return new DataCenterReport(
            _wattSeconds / wattSecondsPerKwh, _migrations, _levels.ShortTime, _levels.Withheld,
            _levels.Unserved, _levels.Shutdowns,
            new CorrectedAccount(
                corrected / wattSecondsPerKwh, _levels.MeanShortTime, _levels.MeanWithheld, _levels.Wakes));
    }

    // Rounding may leave a hair more than the whole host.
    private static double Share(HostType type, double mips) => Math.Min(1, mips / type.Mips);
}
