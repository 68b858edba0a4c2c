namespace VioActors.Simulation.Violin;

/// <summary>
/// Speeds of applications in one site under the best placement of their nodes: an upper bound, because nodes are
/// treated as if they could be spread at will. No node has more than its demand or one host.
/// </summary>
internal static class SiteSpeeds
{
    /// <summary>All slow down alike, but none gets more than it wants.</summary>
    internal static double[] Fair(Moment now, List<int> running, OptimumFleet scenario)
    {
        var speeds = new double[scenario.Applications.Length];
        for (var site = 0; site < scenario.HostsPerSite.Length; site++)
        {
            double left = scenario.HostsPerSite[site];
            var waiting = running.Where(one => now.SiteOf[one] == site).OrderBy(now.Demand).ToList();
            while (waiting.Count > 0)
            {
                var share = left / waiting.Sum(one => scenario.Applications[one].Nodes);
                var one = waiting[0];
                waiting.RemoveAt(0);
                speeds[one] = Math.Min(now.Demand(one), share);
                left -= speeds[one] * scenario.Applications[one].Nodes;
            }
        }

        return speeds;
    }

    /// <summary>The first of a site gets all it wants, the next what is left.</summary>
    internal static double[] Ordered(Moment now, List<int> order, OptimumFleet scenario)
    {
        var speeds = new double[scenario.Applications.Length];
        double[] left = [.. scenario.HostsPerSite.Select(hosts => (double)hosts)];
        foreach (var one in order)
        {
            var (site, nodes) = (now.SiteOf[one], scenario.Applications[one].Nodes);
            speeds[one] = Math.Min(now.Demand(one), left[site] / nodes);
            left[site] = Math.Max(0, left[site] - speeds[one] * nodes);
        }

        return speeds;
    }
}
