using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>
/// One round of the policy: takes the best move again and again. Every move lowers the expected loss by more than the
/// least gain, and a unit moves at most once, so that it ends.
/// </summary>
internal sealed class VioRound(
    Inventory inventory, Assignment assignment, VioOptions options, HashSet<int> fullHosts)
{
    private readonly Dictionary<int, double> _gains = [];

    internal void Run()
    {
        while (BestMove() is { } best) Commit([best.Unit], best.Gain, () => assignment.Move(best.Unit, best.Host));
        while (BestWhole() is { } best) Commit(best.Units, best.Gain, () => assignment.TryPlace(best.Units, best.Site));
    }

    internal double Gain(int unit) => _gains.GetValueOrDefault(unit);

    internal string Why(int unit)
    {
        var host = assignment.HostOf[unit];
        if (host != assignment.Home[unit])
            return "A host of it was full for the hold time; the move saves more than it costs.";
        if (Cools(unit)) return "It moved a short time ago and stays for its cooldown.";
        if (Lost(host, 0) <= 0) return "Its host can give it what it needs.";
        return fullHosts.Contains(host)
            ? "Its host is full, and no move saves more than it costs."
            : "Its host was not full for the whole hold time.";
    }

    private (int Unit, int Host, double Gain)? BestMove()
    {
        (int Unit, int Host, double Gain)? best = null;
        foreach (var from in fullHosts.Where(host => Lost(host, 0) > 0).Order())
            foreach (var unit in assignment.UnitsOn(from).Where(Free))
                foreach (var to in assignment.HostsOf(assignment.SiteOf[from]))
                {
                    if (to == from || assignment.Obstacle(unit, to) is not null) continue;
                    var wish = assignment.Units[unit].WishCores;
                    var gain = Net(Lost(from, 0) + Lost(to, 0) - Lost(from, -wish) - Lost(to, wish), wish);
                    if (gain >= options.LeastGain && gain > (best?.Gain ?? 0)) best = (unit, to, gain);
                }

        return best;
    }

    private (List<int> Units, int Site, double Gain)? BestWhole()
    {
        (List<int> Units, int Site, double Gain)? best = null;
        foreach (var all in assignment.Units.Index().GroupBy(one => one.Item.Environment))
        {
            var units = all.Where(one => !one.Item.Pinned).Select(one => one.Index).ToList();
            if (units.Count == 0 || units.Any(unit => !Free(unit))
                || !units.Any(unit => fullHosts.Contains(assignment.HostOf[unit]))) continue;
            var home = assignment.SiteOf[assignment.HostOf[units[0]]];
            for (var site = 0; site < inventory.Sites.Length; site++)
                if (site != home && GainAt(units, site) is { } gain && gain >= options.LeastGain
                    && gain > (best?.Gain ?? 0))
                    best = (units, site, gain);
        }

        return best;
    }

    // Tries the real placement and takes it back.
    private double? GainAt(List<int> units, int site)
    {
        var before = units.Select(unit => assignment.HostOf[unit]).ToArray();
        var lost = AllLost();
        if (!assignment.TryPlace(units, site)) return null;
        var gain = Net(lost - AllLost(), units.Sum(unit => assignment.Units[unit].WishCores));
        foreach (var (unit, host) in units.Zip(before)) assignment.Move(unit, host);
        return gain;
    }

    private void Commit(List<int> units, double gain, Action move)
    {
        move();
        foreach (var unit in units) _gains[unit] = gain;
    }

    private bool Free(int unit) => !assignment.Units[unit].Stuck && !_gains.ContainsKey(unit) && !Cools(unit)
        && assignment.Units[unit].Nodes.All(node => node.Samples.Newest.Length > 0);

    private bool Cools(int unit) => assignment.Units[unit].Nodes.Any(
        node => node.LastMoved is { } at && inventory.At - at < options.Cooldown);

    private double Net(double savedCores, double movedCores) =>
        savedCores * options.Horizon.TotalSeconds - movedCores * options.MoveCostSeconds;

    // Cores that are needed and not there.
    private double Lost(int host, double more) =>
        Math.Max(0, assignment.WishCores(host) + more - assignment.Hosts[host].CpuCores);

    private double AllLost() => Enumerable.Range(0, assignment.Hosts.Count).Sum(host => Lost(host, 0));
}
