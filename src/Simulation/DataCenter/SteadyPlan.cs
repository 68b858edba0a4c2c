namespace VioActors.Simulation.DataCenter;

/// <summary>One round of <see cref="SteadyConsolidation"/>: what is expected, and the moves so far.</summary>
internal sealed class SteadyPlan
{
    private readonly DataCenterView _view;
    private readonly SteadySettings _settings;
    private readonly double[] _expected;
    private readonly double[] _sum;
    private readonly List<int>[] _on;
    private readonly HashSet<int> _moved = [];
    private readonly List<VmMove> _moves = [];

    public SteadyPlan(DataCenterView view, SteadySettings settings)
    {
        _view = view;
        _settings = settings;
        _expected = new double[view.Vms.Count];
        _sum = new double[view.Hosts.Count];
        _on = new List<int>[view.Hosts.Count];
        for (var host = 0; host < _on.Length; host++)
        {
            _on[host] = [.. view.On(host)];
            foreach (var vm in _on[host])
            {
                _expected[vm] = Expected(vm);
                _sum[host] += _expected[vm];
            }
        }
    }

    public IReadOnlyList<VmMove> Moves => _moves;

    /// <summary>Takes machines from hosts that expect too much; gives the hosts that got some.</summary>
    public IReadOnlyList<int> Relieve()
    {
        var targets = new List<int>();
        for (var host = 0; host < _on.Length; host++)
        {
            if (_sum[host] <= _settings.Crowded * _view.Hosts[host].Mips) continue;
            while (_sum[host] > _settings.Relieved * _view.Hosts[host].Mips && Chosen(host) is var vm and >= 0)
            {
                var target = Target(vm, host, _settings.Full, wake: true, _ => true);
                if (target < 0) break;
                Move(vm, host, target);
                targets.Add(target);
            }
        }

        return targets;
    }

    /// <summary>Empties hosts, least efficient and least used first, while all machines fit elsewhere.</summary>
    public void Empty(Func<int, bool> allowed)
    {
        var left = _view.Samples <= 2 ? _view.Vms.Count : _settings.MostToEmpty;
        var closed = new HashSet<int>();
        var hosts = Enumerable.Range(0, _on.Length).Where(host => _on[host].Count > 0 && allowed(host))
            .OrderBy(host => SteadyConsolidation.Efficiency(_view.Hosts[host])).ThenBy(host => _sum[host]).ToList();
        foreach (var host in hosts)
        {
            if (_on[host].Count > left || closed.Contains(host) || _on[host].Any(_moved.Contains)) continue;
            var before = _moves.Count;
            foreach (var vm in _on[host].OrderByDescending(vm => _expected[vm]).ToList())
            {
                var target = Target(vm, host, _settings.Packed, wake: false, other => !closed.Contains(other));
                if (target < 0) break;
                Move(vm, host, target);
            }

            if (_on[host].Count > 0)
            {
                Undo(host, before);
                continue;
            }

            left -= _moves.Count - before;
            closed.Add(host);
            closed.UnionWith(_moves.Skip(before).Select(move => move.To));
        }
    }

    // The least seconds of moving for the MIPS that it brings, and not more than is needed when one suffices.
    private int Chosen(int host)
    {
        var excess = _sum[host] - _settings.Relieved * _view.Hosts[host].Mips;
        var best = -1;
        var least = double.MaxValue;
        foreach (var vm in _on[host])
        {
            if (_moved.Contains(vm) || _expected[vm] <= 0) continue;
            var cost = (5 + _view.Vms[vm].MoveSeconds) / Math.Min(_expected[vm], excess);
            if (cost >= least) continue;
            (best, least) = (vm, cost);
        }

        return best;
    }

    // The fullest host that stays below the limit; one that sleeps only when there is no other.
    private int Target(int vm, int from, double limit, bool wake, Func<int, bool> allowed)
    {
        var best = -1;
        for (var host = 0; host < _on.Length; host++)
        {
            var type = _view.Hosts[host];
            if (host == from || !allowed(host) || type.CoreMips < _view.Vms[vm].Mips) continue;
            var awake = _on[host].Count > 0;
            if (!awake && !wake) continue;
            if (_sum[host] + _expected[vm] > limit * type.Mips) continue;
            if (best < 0 || Rank(host) > Rank(best)) best = host;
        }

        return best;
    }

    private double Rank(int host) =>
        (_on[host].Count > 0 ? 1000 + _sum[host] / _view.Hosts[host].Mips : 0)
        + 100 * SteadyConsolidation.Efficiency(_view.Hosts[host]);

    private double Expected(int vm)
    {
        var count = Math.Min(_settings.Window, _view.Samples);
        if (count == 0) return _view.Demand(vm);
        var sum = 0.0;
        for (var ago = 0; ago < count; ago++) sum += _view.Seen(vm, ago);
        return sum / count * _view.Vms[vm].Mips;
    }

    private void Move(int vm, int from, int to)
    {
        _on[from].Remove(vm);
        _on[to].Add(vm);
        _sum[from] -= _expected[vm];
        _sum[to] += _expected[vm];
        _moved.Add(vm);
        _moves.Add(new VmMove(vm, to));
    }

    private void Undo(int from, int before)
    {
        for (var last = _moves.Count - 1; last >= before; last--)
        {
            var (vm, to) = _moves[last];
            _on[to].Remove(vm);
            _on[from].Add(vm);
            _sum[to] -= _expected[vm];
            _sum[from] += _expected[vm];
            _moved.Remove(vm);
            _moves.RemoveAt(last);
        }
    }
}
