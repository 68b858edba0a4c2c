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
    /// <param name="routes">Of the environment: between its members only.</param>
    /// <param name="common">Of all environments: hosts between its members may be none.</param>
    /// <param name="peers">The other members.</param>
    public List<PeerPlan> Apply(
        IReadOnlyList<WantedRoute> routes, IReadOnlyList<WantedRoute> common, List<PeerPlan> peers)
    {
        var nextHops = new Dictionary<string, string>();
        foreach (WantedRoute route in routes)
        {
            if (route.Hosts.Any(host => host != hostId && !peers.Exists(peer => peer.Host == host)))
                error(Item(route), "all its hosts must be members of the environment");
            else
                Take(route, nextHops);
        }

        foreach (WantedRoute route in common)
            Take(route, nextHops);
        return
        [
            .. peers.Select(peer => nextHops.GetValueOrDefault(peer.Host) is { } next && next != peer.Host
                ? peer with { NextHop = next }
                : peer),
        ];
    }

    private static string Item(WantedRoute route) => $"route {string.Join(" - ", route.Hosts.Take(MostHosts))}";

    private void Take(WantedRoute route, Dictionary<string, string> nextHops)
    {
        int own = route.Hosts.ToList().IndexOf(hostId);
        if (route.Hosts.Count is < 3 or > MostHosts || route.Hosts.Distinct().Count() != route.Hosts.Count)
            error(Item(route), $"it must have 3 to {MostHosts} different hosts");
        else if (own >= 0 && !Follow(route.Hosts, own, nextHops))
            error(Item(route), "another route leads to one of its hosts over another neighbour");
    }

    private static bool Follow(IReadOnlyList<string> hosts, int own, Dictionary<string, string> nextHops)
    {
        bool agrees = true;
        for (int i = 0; i < hosts.Count; i++)
        {
            int next = own + Math.Sign(i - own);
            if (i != own && !nextHops.TryAdd(hosts[i], hosts[next]))
                agrees &= nextHops[hosts[i]] == hosts[next];
        }

        return agrees;
    }
}
