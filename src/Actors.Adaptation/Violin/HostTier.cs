using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Violin;

/// <summary>
/// The second tier: nodes to hosts of one site. The text gives it in words only: the local host first; when it cannot
/// give its nodes what they wish, the least used host of the domain. A move must make the balance better, so it ends.
/// </summary>
internal static class HostTier
{
    internal static void Run(Assignment assignment, int site)
    {
        var hosts = assignment.HostsOf(site).ToList();
        if (hosts.Count == 0) return;
        var target = hosts.Sum(assignment.WishCores) / hosts.Sum(host => assignment.Hosts[host].CpuCores);
        while (Step(assignment, hosts, target))
        {
        }
    }

    private static bool Step(Assignment assignment, List<int> hosts, double target)
    {
        var high = hosts.MaxBy(assignment.Utilization);
        if (assignment.Utilization(high) <= 1 + BalanceLoad.Epsilon) return false;
        foreach (var low in hosts.OrderBy(assignment.Utilization).ThenBy(host => host))
        {
            if (low == high) continue;
            var best = assignment.UnitsOn(high).Where(unit => assignment.Obstacle(unit, low) is null)
                .Select(unit => (Unit: unit, Gain: Gain(assignment, unit, low, target)))
                .OrderByDescending(one => one.Gain).ThenBy(one => one.Unit).FirstOrDefault();
            if (best.Gain <= BalanceLoad.Epsilon) continue;
            assignment.Move(best.Unit, low);
            return true;
        }

        return false;
    }

    // How much nearer both hosts come to the site's utilization, each by its capacity.
    private static double Gain(Assignment assignment, int unit, int low, double target)
    {
        var high = assignment.HostOf[unit];
        var wish = assignment.Units[unit].WishCores;
        double Off(int host, double more) => Math.Abs(
            assignment.WishCores(host) + more - target * assignment.Hosts[host].CpuCores);
        return Off(high, 0) + Off(low, 0) - Off(high, -wish) - Off(low, wish);
    }
}
