using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Simulation.World;

/// <summary>What a manager sees of a fleet in one moment.</summary>
internal sealed class WorldSnapshots(WorldState state, WorldOffers offers, WorldChanges changes)
{
    private readonly Dictionary<WorldNode, HostId> _places = [];

    /// <summary>The snapshot of a round; without hosts when all of them are dead.</summary>
    internal Snapshot Take(WorldActor manager, AdaptRound round)
    {
        var holds = new HoldRule(manager.State, state.Clock);
        var works = state.Running.Where(work => manager.Sites.Contains(work.Site!.Value)).ToList();
        var nodes = works.SelectMany(work => work.Nodes).Where(node => node.Host is { } host && (!node.IsBehind
            || changes.Find(holds.PlaceOf(node.Id, host.Id))?.Site == node.Work.Site)).ToList();
        foreach (var node in nodes) _places[node] = PlaceOf(node, manager, holds);
        // Until the last has arrived, none may move on: the others could go to a third site.
        var moving = works.Where(work => work.Moves || work.Nodes.Any(
            node => node.Host is { } host && holds.PlaceOf(node.Id, host.Id) != host.Id)).ToHashSet();
        var facts = nodes.ToImmutableSortedDictionary(node => node.Id, node => new NodeFacts(
            node.Name, node.Run, holds.Of(Look(node, moving.Contains(node.Work)))));
        var environments = nodes.GroupBy(node => node.Work).Select(group => new EnvironmentInventory(
            group.Key.Id, [.. group.Select(node => Node(node, facts[node.Id].Holds, holds))]));
        ImmutableArray<SiteInventory> own = [.. manager.Sites.Select(Site).Where(site => !site.Hosts.IsEmpty)];
        var others = state.Setup.Offers ? offers.SeenBy(manager.Sites[0]).Select(Offered) : [];
        ImmutableArray<SiteInventory> sites = own.IsEmpty ? [] : [.. own, .. others];
        return new Snapshot
        {
            Policy = round.Policy,
            Inventory = new Inventory(round.Round, state.Clock, sites, [.. environments]),
            Hosts = sites.SelectMany(site => site.Hosts).ToImmutableSortedDictionary(
                host => host.Id, host => host.Id.Value),
            Nodes = facts,
        };
    }

    private HostId PlaceOf(WorldNode node, WorldActor manager, HoldRule holds)
    {
        var host = node.Move?.To ?? node.Host!;
        var place = holds.PlaceOf(node.Id, host.Id);
        return changes.Find(place) is { Phase: not HostPhase.Dead } own && manager.Sites.Contains(own.Site)
            ? place
            : host.Id;
    }

    // Memory of nodes that are on a host and count elsewhere, or nowhere, is taken from what it can promise.
    private SiteInventory Site(int site) => new(SiteId.From(state.Setup.Sites[site].Name),
    [
        .. state.HostsOf(site).Where(host => host.Phase != HostPhase.Dead).Select(host => new HostInventory(
            host.Id, host.Setup.Cores, host.Setup.MemoryMiB - host.Nodes
                .Where(node => !_places.TryGetValue(node, out var place) || place != host.Id)
                .Sum(node => node.GuestMiB))
        {
            // A host that boots is as good as open: moves to it wait until it is on.
            Asleep = host.Phase is HostPhase.Asleep or HostPhase.FallsAsleep,
            FullWatts = host.Setup.Power.Full,
        }),
    ]);

    private SiteInventory Offered(SiteOffer offer) =>
        new(SiteId.From(state.Setup.Sites[offer.Site].Name), [.. offer.Lots]);

    private static NodeLook Look(WorldNode node, bool moves) => new(node.Id, node.Written, node.Amounts)
    {
        BusyWith = node.Move is null ? null : "a move",
        Place = moves ? "nodes of its environment move" : null,
        WasMeasured = !node.Samples.Newest.IsEmpty,
        HasBalloon = true,
    };

    private NodeInventory Node(WorldNode node, NodeHolds holds, HoldRule rule) => new(
        node.Id, _places[node], node.Given, rule.MemoryOf(node.Id, (int)node.GuestMiB), node.Samples)
    {
        Vcpus = node.Work.Setup.Vcpus,
        GuestMiB = holds.Memory is null ? (int)node.GuestMiB : null,
        FullMiB = (int)node.Work.Setup.MemoryMiB,
        CpuQuotaPercent = node.QuotaPercent,
        CpuWeight = node.Weight,
        Pinned = holds.Place is not null,
        LastMoved = node.LastMoved,
        Apart = node.Work.Setup.Apart ? "all" : null,
    };
}
