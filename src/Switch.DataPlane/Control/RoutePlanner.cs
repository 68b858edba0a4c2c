namespace VioActors.Switch.DataPlane;

/// <summary>From chains of hosts to the next host for each peer. Pure.</summary>
/// <param name="hostId">This host.</param>
/// <param name="error">Takes an item and what is wrong with it.</param>
internal sealed class RoutePlanner(string hostId, Action<string, string> error)
{
    /// <summary>Hosts of the longest chain: its two ends, and those that pass on.</summary>
    public const int MostHosts = Limits.MaxRelayHops + 2;

    /// <summary>The peers with their next hosts. Of two routes to one peer, the first counts and the other is an error.
    /// </summary>
    public List<PeerPlan> Apply(IReadOnlyList<WantedRoute> routes, List<PeerPlan> peers)
    {
        var nextHops = new Dictionary<string, string>();
        foreach (WantedRoute route in routes)
        {
            string item = $"route {string.Join(" - ", route.Hosts.Take(MostHosts))}";
            int own = route.Hosts.ToList().IndexOf(hostId);
            if (route.Hosts.Count is < 3 or > MostHosts || route.Hosts.Distinct().Count() != route.Hosts.Count)
                error(item, $"it must have 3 to {MostHosts} different hosts");
            else if (route.Hosts.Any(host => host != hostId && !peers.Exists(peer => peer.Host == host)))
                error(item, "all its hosts must be members of the environment");
            else if (own >= 0 && !Follow(route.Hosts, own, nextHops))
                error(item, "another route leads to one of its hosts over another neighbour");
        }

        return [.. peers.Select(peer => peer with { NextHop = nextHops.GetValueOrDefault(peer.Host) })];
    }

    private static bool Follow(IReadOnlyList<string> hosts, int own, Dictionary<string, string> nextHops)
    {
        bool agrees = true;
        for (int i = 0; i < hosts.Count; i++)
        {
            int next = own + Math.Sign(i - own);
            if (Math.Abs(i - own) >= 2 && !nextHops.TryAdd(hosts[i], hosts[next]))
                agrees &= nextHops[hosts[i]] == hosts[next];
        }

        return agrees;
    }
}
