using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Violin;

/// <summary>The first tier: whole environments to sites, by Algorithm 1.</summary>
internal sealed class SiteTier(Inventory inventory, Assignment assignment, ViolinOptions options)
{
    // Sites without hosts have no capacity to divide by.
    private readonly List<int> _sites = [.. Enumerable.Range(0, inventory.Sites.Length)
        .Where(site => inventory.Sites[site].Hosts.Length > 0)];

    private readonly ILookup<int, int> _units = assignment.Units.Index().ToLookup(
        one => one.Item.Environment, one => one.Index);

    /// <summary>What was looked at and not taken, by environment.</summary>
    internal Dictionary<int, List<RejectedOption>> Rejected { get; } = [];

    /// <summary>Moves environments; gives the balance before and after (equation 6.7).</summary>
    internal (double Before, double After) Run()
    {
        var movable = Enumerable.Range(0, inventory.Environments.Length).Where(Movable).ToList();
        var current = MappingOf(movable);
        if (current is null) return (0, 0);
        var overBins = options.Fixed(Corrections.Domains);
        var wanted = BalanceLoad.Run(current, options, (item, bin) => HasRoom(movable[item], _sites[bin]));
        foreach (var (item, bin) in wanted.BinOf.Index())
            if (bin != current.BinOf[item] && !assignment.TryPlace(Free(movable[item]), _sites[bin]))
                Reject(movable[item], _sites[bin], "no room after the other moves of this plan");
        foreach (var (item, environment) in movable.Index())
            for (var bin = 0; bin < _sites.Count; bin++)
                if (bin != wanted.BinOf[item])
                    Reject(environment, _sites[bin],
                        $"balance {Change(wanted, item, bin, overBins):+0.###;-0.###;0} (less is better)");
        return (current.Balance(overBins), MappingOf(movable)!.Balance(overBins));
    }

    private static double Change(Mapping mapping, int item, int bin, bool overBins) =>
        mapping.Move(item, bin).Balance(overBins) - mapping.Balance(overBins);

    private Mapping? MappingOf(List<int> movable)
    {
        if (_sites.Count == 0) return null;
        var binOf = _sites.Index().ToDictionary(one => one.Item, one => one.Index);
        var fixedLoad = new double[_sites.Count];
        foreach (var (unit, item) in assignment.Units.Index())
            if (item.Stuck || !Movable(item.Environment))
                fixedLoad[binOf[assignment.SiteOf[assignment.HostOf[unit]]]] += item.WishCores;
        return new Mapping(
            [.. movable.Select(one => Free(one).Sum(unit => assignment.Units[unit].WishCores))],
            [.. _sites.Select(site => inventory.Sites[site].Hosts.Sum(host => host.CpuCores))],
            [.. movable.Select(one => binOf[assignment.SiteOf[assignment.HostOf[Free(one)[0]]]])])
        {
            Fixed = [.. fixedLoad],
        };
    }

    // Pinned nodes stay behind, as head nodes do. Others that cannot move would be torn from the rest. What nobody has
    // seen at work yet has no prediction, and would be moved on a guess right after it was placed.
    private bool Movable(int environment) =>
        inventory.Environments[environment].Nodes.All(node => node.Samples.Newest.Length > 0) &&
        _units[environment].Any(unit => !assignment.Units[unit].Stuck) &&
        _units[environment].All(unit => !assignment.Units[unit].Stuck || assignment.Units[unit].Pinned);

    private ImmutableArray<int> Free(int environment) =>
        [.. _units[environment].Where(unit => !assignment.Units[unit].Stuck)];

    private bool HasRoom(int environment, int site)
    {
        var free = Free(environment);
        var before = free.Select(unit => assignment.HostOf[unit]).ToArray();
        var fits = assignment.TryPlace(free, site);
        foreach (var (unit, host) in free.Zip(before)) assignment.Move(unit, host);
        if (!fits) Reject(environment, site, "no room for all its nodes");
        return fits;
    }

    private void Reject(int environment, int site, string why)
    {
        if (!Rejected.TryGetValue(environment, out var list)) Rejected[environment] = list = [];
        var place = inventory.Sites[site].Id.Value;
        if (list.All(one => one.Place != place)) list.Add(new RejectedOption(place, why));
    }
}
