namespace VioActors.Actors.Adaptation.Packing;

/// <summary>
/// Consolidation that moves seldom: it fills the hosts that give the most CPU per watt, relieves a host only when its
/// expected demand exceeds it, with the fewest seconds of moving, and empties one only when all of it fits elsewhere.
/// Pure but for the draft it holds; one instance serves one round.
/// </summary>
public sealed class SteadyPacking
{
    private readonly IReadOnlyList<PackingHost> _hosts;
    private readonly IReadOnlyList<PackingItem> _items;
    private readonly PackingSettings _settings;
    private readonly Func<int, int, bool> _mayGo;
    private readonly double[] _sum;
    private readonly List<int>[] _on;
    private readonly HashSet<int> _moved = [];
    private readonly List<PackingMove> _moves = [];

    /// <summary>A draft that starts from where machines are.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="items">The machines.</param>
    /// <param name="on">Machines of each host; taken over.</param>
    /// <param name="settings">How full hosts may be.</param>
    /// <param name="mayGo">Whether a machine may go to a host at all.</param>
    public SteadyPacking(
        IReadOnlyList<PackingHost> hosts, IReadOnlyList<PackingItem> items, List<int>[] on, PackingSettings settings,
        Func<int, int, bool> mayGo)
    {
        (_hosts, _items, _on, _settings, _mayGo) = (hosts, items, on, settings, mayGo);
        _sum = new double[hosts.Count];
        for (var host = 0; host < on.Length; host++)
            foreach (var item in on[host]) _sum[host] += items[item].Expected;
    }

    /// <summary>The moves so far, in order.</summary>
    public IReadOnlyList<PackingMove> Moves => _moves;

    /// <summary>Takes machines from hosts that expect too much; gives the hosts that got some.</summary>
    /// <param name="mayLeave">Whether a machine may move; null: all may.</param>
    /// <param name="wake">Whether empty hosts may be used when no other has room.</param>
    public IReadOnlyList<int> Relieve(Func<int, bool>? mayLeave = null, bool wake = true)
    {
        var targets = new List<int>();
        for (var host = 0; host < _on.Length; host++)
        {
            if (_sum[host] <= _settings.Crowded * _hosts[host].Capacity) continue;
            while (_sum[host] > _settings.Relieved * _hosts[host].Capacity
                && Chosen(host, mayLeave) is var item and >= 0)
            {
                var target = Target(item, host, _settings.Full, wake, null);
                if (target < 0) break;
                Move(item, host, target);
                targets.Add(target);
            }
        }

        return targets;
    }

    /// <summary>Empties hosts, least efficient and least used first, while all machines fit elsewhere.</summary>
    /// <param name="allowed">Whether a host may be emptied.</param>
    /// <param name="most">The most machines that move.</param>
    /// <param name="each">
    /// The most that leave one host in this round, when the rest may follow in later ones: the host is then the least
    /// used, so that it is the first again, and room for the rest is kept. Null: a host is emptied at once or not at
    /// all.
    /// </param>
    public void Empty(Func<int, bool> allowed, int most, int? each = null)
    {
        var closed = new HashSet<int>();
        var hosts = Enumerable.Range(0, _on.Length).Where(host => _on[host].Count > 0 && allowed(host))
            .OrderBy(host => _hosts[host].Efficiency).ThenBy(host => _sum[host]).ToList();
        foreach (var host in hosts)
        {
            if (closed.Contains(host) || _on[host].Any(_moved.Contains)) continue;
            if (each is null && _on[host].Count > most || most == 0) continue;
            var before = _moves.Count;
            foreach (var item in _on[host].OrderByDescending(item => _items[item].Expected).ToList())
            {
                var target = Target(item, host, _settings.Packed, wake: false, closed);
                if (target < 0) break;
                Move(item, host, target);
            }

            if (_on[host].Count > 0)
            {
                Undo(before);
                continue;
            }

            closed.Add(host);
            closed.UnionWith(_moves.Skip(before).Select(move => move.To));
            var now = Math.Min(_moves.Count - before, Math.Min(most, each ?? most));
            _moves.RemoveRange(before + now, _moves.Count - before - now);
            most -= now;
        }
    }

    // The least seconds of moving for the CPU that it brings, and not more than is needed when one suffices.
    private int Chosen(int host, Func<int, bool>? mayLeave)
    {
        var excess = _sum[host] - _settings.Relieved * _hosts[host].Capacity;
        var best = -1;
        var least = double.MaxValue;
        foreach (var item in _on[host])
        {
            var expected = _items[item].Expected;
            if (_moved.Contains(item) || expected <= 0 || mayLeave?.Invoke(item) == false) continue;
            var cost = (5 + _items[item].MoveSeconds) / Math.Min(expected, excess);
            if (cost >= least) continue;
            (best, least) = (item, cost);
        }

        return best;
    }

    // The fullest host that stays below the limit; an empty one only when there is no other.
    private int Target(int item, int from, double limit, bool wake, HashSet<int>? closed)
    {
        var best = -1;
        for (var host = 0; host < _on.Length; host++)
        {
            if (host == from || closed?.Contains(host) == true || !wake && _on[host].Count == 0) continue;
            if (_sum[host] + _items[item].Expected > limit * _hosts[host].Capacity) continue;
            if (best >= 0 && Rank(host) <= Rank(best)) continue;
            if (_mayGo(item, host)) best = host;
        }

        return best;
    }

    private double Rank(int host) =>
        (_on[host].Count > 0 ? 1000 + _sum[host] / _hosts[host].Capacity : 0) + 100 * _hosts[host].Efficiency;

    private void Move(int item, int from, int to)
    {
        _on[from].Remove(item);
        _on[to].Add(item);
        _sum[from] -= _items[item].Expected;
        _sum[to] += _items[item].Expected;
        _moved.Add(item);
        _moves.Add(new PackingMove(item, from, to));
    }

    private void Undo(int before)
    {
        for (var last = _moves.Count - 1; last >= before; last--)
        {
            var (item, from, to) = _moves[last];
            _on[to].Remove(item);
            _on[from].Add(item);
            _sum[to] -= _items[item].Expected;
            _sum[from] += _items[item].Expected;
            _moved.Remove(item);
            _moves.RemoveAt(last);
        }
    }
}
