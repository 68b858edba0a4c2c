using VioActors.Actors.Adaptation.Model;
using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>
/// What a site lets others know of itself: lots of free capacity (also of hosts that it would have to wake), a price
/// and an end. An offer binds nobody: capacity may be gone, and the site may refuse, when somebody comes.
/// </summary>
/// <param name="Site">Whose it is.</param>
/// <param name="Lots">Each one a place for nodes, named for this offer only.</param>
/// <param name="PriceSeconds">Service that a node of 1 GiB would lose on its way, in seconds, by its site.</param>
/// <param name="ExpiresAt">When it is void.</param>
internal sealed record SiteOffer(
    int Site, IReadOnlyList<HostInventory> Lots, IReadOnlyList<double> PriceSeconds, double ExpiresAt);

/// <summary>The offers that stand, and what becomes of requests on them.</summary>
internal sealed class WorldOffers(WorldState state, WorldMoves moves, WorldPlacement placement)
{
    private const double LeastCores = 0.05;
    private const long LeastMiB = 64;
    private const double TypicalMiB = 1024;
    private const double TypicalSet = 0.1;
    private const double TypicalDirty = 20;
    private readonly Random _dice = state.Dice(0);
    private readonly SiteOffer?[] _offers = new SiteOffer?[state.Setup.Sites.Length];

    internal int Refused { get; private set; }

    /// <summary>Makes new offers in place of those that have expired.</summary>
    internal void Renew()
    {
        for (var site = 0; site < _offers.Length; site++)
            if (!(_offers[site]?.ExpiresAt > state.Now)) _offers[site] = Make(site);
    }

    /// <summary>Offers of other sites that a site looks at.</summary>
    internal IEnumerable<SiteOffer> SeenBy(int site) => _offers.OfType<SiteOffer>().Where(offer => offer.Site != site
        && offer.Lots.Count > 0 && offer.PriceSeconds[site] <= state.Setup.Sites[site].MostPriceSeconds);

    /// <summary>Asks for places for all nodes; null when the site refuses, or makes another offer now.</summary>
    internal List<(WorldNode Node, WorldHost Host)>? Ask(HostId lot, IReadOnlyList<WorldNode> nodes)
    {
        if (_offers.FirstOrDefault(one => one?.Lots.Any(any => any.Id == lot) == true) is not { } offer)
        {
            Refused++;
            return null;
        }

        var unwilling = _dice.NextDouble() < state.Setup.Sites[offer.Site].Refuses;
        if (unwilling || offer.ExpiresAt <= state.Now)
        {
            Refused++;
            return null;
        }

        // What it offered of hosts that sleep is to be had when they have booted.
        if (placement.Lacks(offer.Site, nodes)) placement.Wake(offer.Site, nodes[0].Work, nodes.Count);
        var places = placement.FindAll(nodes, offer.Site, mayWait: true);
        if (places is null) Refused++;
        return places;
    }

    private SiteOffer Make(int site)
    {
        var lots = state.HostsOf(site).Where(host => host.Phase is not HostPhase.Dead)
            .Select(host => new HostInventory(
                HostId.From($"{state.Setup.Sites[site].Name}-lot{host.Index + 1}"),
                host.Setup.Cores - host.Used - host.Arriving.Sum(move => move.Node.Gets), host.FreeMiB))
            .Where(lot => lot is { CpuCores: >= LeastCores, MemoryMiB: >= LeastMiB });
        return new SiteOffer(
            site, [.. lots], [.. Enumerable.Range(0, _offers.Length).Select(from => Price(from, site))],
            state.Now + state.Setup.Sites[site].OfferLasts.TotalSeconds);
    }

    private double Price(int from, int to)
    {
        var copy = state.Setup.Copy;
        var (seconds, downtime) = PreCopy.Expect(
            TypicalMiB, TypicalMiB * TypicalSet, moves.RateBetween(from, to), TypicalDirty, copy);
        return seconds * (1 - copy.SpeedWhileCopied) + downtime + copy.EnvironmentStall.TotalSeconds;
    }
}
