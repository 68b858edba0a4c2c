namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// Moves of whole environments to other sites, and exchanges of two when none alone helps. Looks at the environments
/// that lose most; how many is bounded, the others are for the next round.
/// </summary>
internal sealed class VioSiteMoves(VioRound round, HashSet<int> full)
{
    private const int MostEnvironments = 256;
    private const int MostExchanges = 24;
    private const int MoreHosts = 16;

    internal void Run()
    {
        if (round.Sites < 2) return;
        while (Best() is { } best) round.Commit(best.Moves, best.Gain, best.Moves
            .Select(one => round.Assignment.Units[one.Unit].Environment).Distinct().Skip(1).Any()
            ? "A host of its environment was full for the hold time; an exchange of two environments saves most."
            : "A host of its environment was full for the hold time; all of it goes where less is lost.");
    }

    /// <summary>Environments with nodes on hosts that are being emptied and have no room in their site.</summary>
    internal void Drain(IEnumerable<int> environments)
    {
        foreach (var environment in environments)
        {
            (List<(int, int)> Moves, VioGain Gain)? best = null;
            foreach (var site in OtherSites(environment))
                if (Placed(environment, site) is { } moves && round.Try(moves, out _) is { } gain
                    && gain.Net > (best?.Gain.Net ?? double.NegativeInfinity))
                    best = (moves, gain);
            if (best is { } found)
                round.Commit(found.Moves, found.Gain, "Its host is being emptied, and its site has no room.");
        }
    }

    internal bool Movable(int environment)
    {
        var some = false;
        foreach (var unit in round.Loss.UnitsOf[environment])
        {
            if (round.Assignment.Units[unit].Pinned) continue;
            if (!round.Free(unit)) return false;
            some = true;
        }

        return some;
    }

    private (List<(int Unit, int Host)> Moves, VioGain Gain)? Best()
    {
        (List<(int, int)> Moves, VioGain Gain)? best = null;
        var leaving = Losing();
        foreach (var environment in leaving)
            foreach (var site in OtherSites(environment))
                Consider(environment, Placed(environment, site), site, ref best);
        if (best is null && leaving.Count <= MostExchanges) Exchange(leaving, ref best);
        return best;
    }

    private List<int> Losing() =>
    [
        .. full.Where(host => round.Loss.Short(host) > 0)
            .SelectMany(host => round.Assignment.On(host), (host, unit) =>
                (round.Assignment.Units[unit].Environment,
                    Lost: round.Assignment.Units[unit].WishCores * (1 - round.Loss.Served(host))))
            .GroupBy(one => one.Environment)
            .Select(same => (Environment: same.Key, Lost: Math.Round(same.Sum(one => one.Lost), 6)))
            .OrderByDescending(one => one.Lost).ThenBy(one => one.Environment)
            .Select(one => one.Environment).Where(Movable).Take(MostEnvironments),
    ];

    private void Exchange(List<int> leaving, ref (List<(int, int)> Moves, VioGain Gain)? best)
    {
        var others = Enumerable.Range(0, round.Loss.UnitsOf.Length).Where(Movable).Take(MostExchanges).ToList();
        foreach (var one in leaving)
            foreach (var other in others)
            {
                var (here, there) = (SiteOf(one), SiteOf(other));
                if (here == there || Placed(one, there) is not { } mine || Placed(other, here) is not { } theirs)
                    continue;
                Consider(one, [.. mine, .. theirs], there, ref best);
            }
    }

    private void Consider(
        int environment, List<(int, int)>? moves, int site, ref (List<(int, int)> Moves, VioGain Gain)? best)
    {
        string? why = null;
        VioGain? found = moves is null ? null : round.Try(moves, out why);
        if (found is { } gain && round.Pays(gain) && (best is null || gain.Net > best.Value.Gain.Net + 1e-9))
        {
            best = (moves!, gain);
            return;
        }

        foreach (var unit in round.Loss.UnitsOf[environment])
            if (round.Notes.Asks(unit, round.SiteName(site)))
                round.Notes.Reject(unit, round.SiteName(site), why ?? (found is { } small
                    ? VioText.Of(small, round.Pays(small), best?.Gain)
                    : "no room for all its nodes"));
    }

    private IEnumerable<int> OtherSites(int environment)
    {
        var (home, nodes) = (SiteOf(environment), Nodes(environment));
        return Enumerable.Range(0, round.Sites).Where(site => site != home && round.LinkAllows(home, site, nodes));
    }

    // Every free node where the most CPU is left, the largest first. Gaps that the search leaves the trial finds.
    private List<(int Unit, int Host)>? Placed(int environment, int site)
    {
        var units = round.Loss.UnitsOf[environment].Where(unit => !round.Assignment.Units[unit].Pinned)
            .OrderByDescending(unit => round.Assignment.Units[unit].WishCores).ThenBy(unit => unit).ToList();
        var hosts = round.Room.Emptiest(site).Take(units.Count + MoreHosts).ToList();
        var load = hosts.ToDictionary(host => host, host => round.Assignment.WishCores(host));
        var moves = new List<(int, int)>();
        foreach (var unit in units)
        {
            var wish = round.Assignment.Units[unit].WishCores;
            var best = -1;
            foreach (var host in hosts)
                if ((best < 0 || Used(host) < Used(best)) && round.Obstacle(unit, host) is null) best = host;
            if (best < 0) return null;
            load[best] += wish;
            moves.Add((unit, best));
            double Used(int host) => Math.Round((load[host] + wish) / round.Assignment.Hosts[host].CpuCores, 9);
        }

        return moves;
    }

    private int Nodes(int environment) => round.Loss.UnitsOf[environment]
        .Where(unit => !round.Assignment.Units[unit].Pinned).Sum(unit => round.Assignment.Units[unit].Nodes.Length);

    private int SiteOf(int environment) => round.Assignment.SiteOf[round.Assignment.HostOf[
        round.Loss.UnitsOf[environment].First(unit => !round.Assignment.Units[unit].Pinned)]];
}
