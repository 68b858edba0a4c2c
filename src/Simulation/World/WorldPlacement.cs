namespace VioActors.Simulation.World;

/// <summary>Puts nodes on hosts when they start: the least booked host that has the memory.</summary>
/// <remarks>A site wakes a host rather than to promise more CPU than the hosts that are on have.</remarks>
internal sealed class WorldPlacement(WorldState state)
{
    private readonly HashSet<WorldWork> _woke = [];

    /// <summary>Starts an environment in its site, or in the least booked one; false when no site has room.</summary>
    internal bool TryStart(WorldWork work)
    {
        int[] sites = work.Setup.Site is { } named
            ? [named]
            : [.. Enumerable.Range(0, state.Setup.Sites.Length).OrderBy(site => Load(site))];
        foreach (var site in sites)
        {
            if (TryPlace(work, site))
            {
                (work.Site, work.StartedAt) = (site, state.Now);
                return true;
            }

            // Better a little later there than now where it is full.
            if (IsWaking(site)) return false;
        }

        return false;
    }

    /// <summary>Puts a node that died on another host of its environment's site; false when none has room.</summary>
    internal bool TryRestart(WorldNode node)
    {
        if (node.Work.Nodes.All(one => one.Host is null))
        {
            // Nothing ties it to its site any more.
            var site = Enumerable.Range(0, state.Setup.Sites.Length).OrderBy(Load)
                .Cast<int?>().FirstOrDefault(one => Find(node, one!.Value) is not null);
            node.Work.Site = site ?? node.Work.Site;
        }

        if (Find(node, node.Work.Site!.Value) is not { } host)
        {
            Wake(node.Work.Site.Value, node.Work, 1);
            return false;
        }

        Put(node, host);
        _woke.Remove(node.Work);
        return true;
    }

    /// <summary>Hosts of a site for nodes that come from elsewhere; null when one of them has no place.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="site">The site.</param>
    /// <param name="mayWait">Whether hosts that boot will do: copies to them wait.</param>
    internal List<(WorldNode Node, WorldHost Host)>? FindAll(
        IReadOnlyList<WorldNode> nodes, int site, bool mayWait = false)
    {
        var places = new List<(WorldNode Node, WorldHost Host)>();
        foreach (var node in nodes)
        {
            if (Find(node, site, places, mayWait) is not { } host) return null;
            places.Add((node, host));
        }

        return places;
    }

    private double Load(int site) => state.HostsOf(site).Sum(host => host.Booked)
        / state.HostsOf(site).Sum(host => host.Setup.Cores);

    private bool TryPlace(WorldWork work, int site)
    {
        if (FindAll(work.Nodes, site) is not { } places)
        {
            Wake(site, work, work.Nodes.Count);
            return false;
        }

        foreach (var (node, host) in places) Put(node, host);
        _woke.Remove(work);
        return true;
    }

    private static void Put(WorldNode node, WorldHost host)
    {
        node.Host = host;
        host.Nodes.Add(node);
    }

    /// <summary>Whether hosts that are on, or will be soon, have too little CPU for nodes that come.</summary>
    internal bool Lacks(int site, IReadOnlyList<WorldNode> nodes) => nodes.Sum(node => node.Work.Setup.Vcpus)
        > state.HostsOf(site).Where(host => host.Phase is HostPhase.On or HostPhase.Boots)
            .Sum(host => Math.Max(0, host.Setup.Cores - host.Booked));

    private bool IsWaking(int site) => state.HostsOf(site).Any(host => host.Phase == HostPhase.Boots);

    /// <summary>
    /// Wakes hosts for nodes of an environment: once what it needs, and again only when nothing boots any more.
    /// </summary>
    internal void Wake(int site, WorldWork work, int nodes)
    {
        if (!_woke.Add(work) && IsWaking(site)) return;
        var cores = nodes * work.Setup.Vcpus;
        foreach (var host in state.HostsOf(site).Where(host => host.Phase == HostPhase.Asleep))
        {
            if (cores <= 0) return;
            host.Boot(state.Now);
            cores -= host.Setup.Cores;
        }
    }

    private WorldHost? Find(
        WorldNode node, int site, IReadOnlyList<(WorldNode Node, WorldHost Host)>? promised = null,
        bool mayWait = false)
    {
        double After(WorldHost host) => (host.Booked + node.Work.Setup.Vcpus + (promised ?? [])
            .Where(one => one.Host == host).Sum(one => one.Node.Work.Setup.Vcpus)) / host.Setup.Cores;

        bool IsReady(WorldHost host) => host.Phase == HostPhase.On || (mayWait && host.Phase == HostPhase.Boots);

        var fitting = state.HostsOf(site).Where(host => Fits(node, host, promised ?? [])).ToList();
        if (fitting.Where(IsReady).MinBy(After) is not { } best) return null;
        var canWait = fitting.Any(host => host.Phase is HostPhase.Asleep or HostPhase.Boots && After(host) <= 1);
        return After(best) > 1 && canWait && !mayWait ? null : best;
    }

    private static bool Fits(
        WorldNode node, WorldHost host, IReadOnlyList<(WorldNode Node, WorldHost Host)> promised)
    {
        var here = promised.Where(one => one.Host == host).Select(one => one.Node).ToList();
        if (host.FreeMiB - here.Sum(one => one.GuestMiB) < node.GuestMiB) return false;
        return !node.Work.Setup.Apart || !host.Nodes.Concat(here).Concat(host.Arriving.Select(move => move.Node))
            .Any(one => one.Work == node.Work && one != node);
    }
}
