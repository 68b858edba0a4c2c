namespace VioActors.Simulation.World;

/// <summary>Puts nodes on hosts when they start: the least booked host that has the memory.</summary>
internal sealed class WorldPlacement(WorldState state)
{
    /// <summary>Starts an environment in its site, or in the least booked one; false when no site has room.</summary>
    internal bool TryStart(WorldWork work)
    {
        int[] sites = work.Setup.Site is { } named
            ? [named]
            : [.. Enumerable.Range(0, state.Setup.Sites.Length).OrderBy(site => Load(site))];
        foreach (var site in sites)
        {
            if (!TryPlace(work, site)) continue;
            (work.Site, work.StartedAt) = (site, state.Now);
            return true;
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
            Wake(node.Work.Site.Value);
            return false;
        }

        Put(node, host);
        return true;
    }

    /// <summary>Hosts of a site for nodes that come from elsewhere; null when one of them has no place.</summary>
    internal List<(WorldNode Node, WorldHost Host)>? FindAll(IReadOnlyList<WorldNode> nodes, int site)
    {
        var places = new List<(WorldNode Node, WorldHost Host)>();
        foreach (var node in nodes)
        {
            if (Find(node, site, places) is not { } host) return null;
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
            Wake(site);
            return false;
        }

        foreach (var (node, host) in places) Put(node, host);
        return true;
    }

    private static void Put(WorldNode node, WorldHost host)
    {
        node.Host = host;
        host.Nodes.Add(node);
    }

    // Whoever waits for room has one more host of the site awake.
    private void Wake(int site)
    {
        if (state.HostsOf(site).Any(host => host.Phase == HostPhase.Boots)) return;
        state.HostsOf(site).FirstOrDefault(host => host.Phase == HostPhase.Asleep)?.Boot(state.Now);
    }

    private WorldHost? Find(
        WorldNode node, int site, IReadOnlyList<(WorldNode Node, WorldHost Host)>? promised = null)
    {
        var cores = node.Work.Setup.Vcpus;
        return state.HostsOf(site)
            .Where(host => host.Phase == HostPhase.On && Fits(node, host, promised ?? []))
            .MinBy(host => (host.Booked + cores + (promised ?? []).Where(one => one.Host == host)
                .Sum(one => one.Node.Work.Setup.Vcpus)) / host.Setup.Cores);
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
