namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Moves inside sites: single nodes from full hosts, exchanges when none helps, drains.</summary>
internal sealed class VioHostMoves(VioRound round)
{
    private const int Candidates = 6;
    // Of hosts that give it all it wants, more are no better.
    private const int Enough = 2;
    private const int MostUnits = 12;
    private const int Exchanges = 3;
    private const int MostScanned = 64;
    private readonly List<int> _targets = [];

    /// <summary>Relieves full hosts, those that lack most first.</summary>
    internal void Relieve(IEnumerable<int> full)
    {
        var waiting = new PriorityQueue<int, (double, int)>();
        foreach (var host in full.Where(host => round.Loss.Short(host) > 0)) waiting.Enqueue(host, Order(host));
        while (waiting.TryDequeue(out var host, out _))
            if (Step(host) && round.Loss.Short(host) > 0) waiting.Enqueue(host, Order(host));
    }

    /// <summary>Moves everything that can go away from hosts that take no new nodes. Gain is not asked for.</summary>
    internal void Drain()
    {
        for (var host = 0; host < round.Assignment.Hosts.Count; host++)
        {
            if (!round.Assignment.Hosts[host].Closed) continue;
            foreach (var unit in round.Assignment.UnitsOn(host).ToList()) Leave(unit, host);
        }
    }

    private (double, int) Order(int host) => (-round.Loss.Short(host), host);

    private void Leave(int unit, int from)
    {
        if (round.Assignment.Units[unit].Stuck || round.Notes.Moved(unit)) return;
        (int Host, VioGain Gain)? best = null;
        foreach (var to in Targets(unit, from))
            if (round.Try([(unit, to)], out _) is { } gain && gain.Net > (best?.Gain.Net ?? double.NegativeInfinity))
                best = (to, gain);
        if (best is { } found) round.Commit([(unit, found.Host)], found.Gain, "Its host is being emptied.");
    }

    private bool Step(int from)
    {
        (List<(int, int)> Moves, VioGain Gain)? best = null;
        var units = round.Assignment.UnitsOn(from).Where(round.Free)
            .OrderByDescending(Wish).ThenBy(unit => unit).Take(MostUnits).ToList();
        foreach (var unit in units)
            foreach (var to in Targets(unit, from)) Consider([(unit, to)], ref best);
        if (best is null)
            foreach (var unit in units.Take(Exchanges))
                foreach (var to in Targets(unit, from).Take(Exchanges).ToList())
                    foreach (var other in round.Assignment.UnitsOn(to).Where(round.Free)
                        .Where(other => Wish(other) < Wish(unit)).Take(Candidates).ToList())
                        Consider([(unit, to), (other, from)], ref best);
        if (best is not { } found) return false;
        round.Commit(found.Moves, found.Gain, found.Moves.Count > 1
            ? "Its host was full for the hold time; an exchange with a smaller node saves more than it costs."
            : "Its host was full for the hold time; another of the site loses less, by more than the move costs.");
        return true;
    }

    private void Consider(List<(int Unit, int Host)> moves, ref (List<(int, int)> Moves, VioGain Gain)? best)
    {
        var (unit, to) = moves[0];
        var found = round.Try(moves, out var why);
        if (found is { } gain && round.Pays(gain) && (best is null || gain.Net > best.Value.Gain.Net + 1e-9))
            best = (moves, gain);
        else if (round.Notes.Asks(unit, Name(to)))
            round.Notes.Reject(unit, Name(to), why ?? VioText.Of(found!.Value, round.Pays(found.Value), best?.Gain));
    }

    // The emptiest hosts of its site that can take it.
    private List<int> Targets(int unit, int from)
    {
        _targets.Clear();
        var (scanned, fits, wants) = (0, 0, 0);
        foreach (var to in round.Room.Emptiest(round.Assignment.SiteOf[from]))
        {
            if (_targets.Count == Candidates || fits == Enough || ++scanned > MostScanned) break;
            if (to == from) continue;
            if (round.Obstacle(unit, to) is { } why)
            {
                if (wants++ < Enough) round.Want(unit, to);
                round.Notes.Reject(unit, Name(to), why);
            }
            else
            {
                _targets.Add(to);
                if (round.Assignment.WishCores(to) + Wish(unit) <= round.Assignment.Hosts[to].CpuCores) fits++;
            }
        }

        return [.. _targets];
    }

    private double Wish(int unit) => round.Assignment.Units[unit].WishCores;

    private string Name(int host) => round.Assignment.Hosts[host].Id.Value;
}
