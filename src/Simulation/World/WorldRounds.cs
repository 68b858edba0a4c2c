using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Model;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Contracts;

namespace VioActors.Simulation.World;

/// <summary>
/// Rounds of planning: inventory, plan, check, and what the plan says is done. With offers each site has its own round
/// and sees of the others what they offer.
/// </summary>
internal sealed class WorldRounds(WorldState state, WorldMoves moves, WorldOffers offers, IPlanner planner)
{
    private const long LeastGuestMiB = 64;
    private readonly Dictionary<HostId, WorldHost> _hosts = state.Hosts.ToDictionary(host => host.Id);
    private bool _hasWeights;

    internal int Plans { get; private set; }

    internal int Sleeps { get; private set; }

    /// <summary>One round; gives why the run cannot go on, or null.</summary>
    internal Failure? Run()
    {
        if (!state.Setup.Offers) return Round(Enumerable.Range(0, state.Setup.Sites.Length), []);
        offers.Renew();
        for (var site = 0; site < state.Setup.Sites.Length; site++)
            if (Round([site], [.. offers.SeenBy(site)]) is { } wrong) return wrong;
        return null;
    }

    private Failure? Round(IEnumerable<int> own, IReadOnlyList<SiteOffer> seen)
    {
        var sites = own.ToHashSet();
        var works = state.Running
            .Where(work => sites.Contains(work.Site!.Value) && work.Nodes.Any(node => node.Host is not null))
            .ToDictionary(work => work.Id);
        ImmutableArray<SiteInventory> alive = [.. sites.Select(Site).Where(site => !site.Hosts.IsEmpty)];
        if (alive.IsEmpty) return null;
        var inventory = new Inventory(
            ++Plans, state.Clock, [.. alive, .. seen.Select(Offered)], [.. works.Values.Select(Environment)]);
        var answer = planner.Plan(inventory);
        if (answer.Plan is not { } plan) return answer.Refused;
        if (PlanChecker.Check(plan, inventory, planner.Limits) is [var wrong, ..]) return wrong;
        Apply(plan, works, seen);
        return null;
    }

    // A node on its way counts where it goes: its memory is promised there, and it will be the load there.
    private SiteInventory Site(int site) => new(SiteId.From(state.Setup.Sites[site].Name),
    [
        .. state.HostsOf(site).Where(host => host.Phase != HostPhase.Dead).Select(host => new HostInventory(
            host.Id, host.Setup.Cores, host.Setup.MemoryMiB - host.Leaving.Sum(move => move.Node.GuestMiB))
        {
            // A host that boots is as good as open: moves to it wait until it is on.
            Asleep = host.Phase is HostPhase.Asleep or HostPhase.FallsAsleep,
            FullWatts = host.Setup.Power.Full,
        }),
    ]);

    private SiteInventory Offered(SiteOffer offer) =>
        new(SiteId.From(state.Setup.Sites[offer.Site].Name), [.. offer.Lots]);

    private static EnvironmentInventory Environment(WorldWork work)
    {
        // Until the last has arrived, none may move on: the others could go to a third site.
        var moves = work.Moves;
        return new EnvironmentInventory(work.Id,
        [
            .. work.Nodes.Where(node => node.Host is not null && !node.IsBehind).Select(node => new NodeInventory(
                node.Id, (node.Move?.To ?? node.Host!).Id, node.Given, node.GuestMiB, node.Samples)
            {
                Vcpus = work.Setup.Vcpus,
                GuestMiB = (int)node.GuestMiB,
                FullMiB = (int)work.Setup.MemoryMiB,
                CpuQuotaPercent = node.QuotaPercent,
                CpuWeight = Math.Clamp((int)Math.Round(node.Weight), 1, 10_000),
                Pinned = moves,
                LastMoved = node.LastMoved,
                Apart = work.Setup.Apart ? "all" : null,
            }),
        ]);
    }

    private void Apply(Plan plan, Dictionary<EnvironmentId, WorldWork> works, IReadOnlyList<SiteOffer> seen)
    {
        var decisions = plan.Nodes.ToDictionary(one => one.Node);
        _hasWeights |= plan.Nodes.Any(one => one.CpuWeight is not null || one.CpuQuotaPercent is not null);
        var nodes = works.Values.SelectMany(work => work.Nodes)
            .Where(node => decisions.ContainsKey(node.Id)).ToList();
        foreach (var node in nodes) Resize(node, decisions[node.Id], grow: false);
        foreach (var moving in nodes.Where(node => decisions[node.Id] is var one && one.From != one.To)
            .GroupBy(node => node.Work))
        {
            List<WorldNode> all = [.. moving];
            var lot = all.Select(node => decisions[node.Id].To).FirstOrDefault(to => !_hosts.ContainsKey(to));
            var places = lot == default
                ? [.. all.Select(node => (node, _hosts[decisions[node.Id].To]))]
                : offers.Ask(seen.Single(offer => offer.Lots.Any(one => one.Id == lot)), all);
            if (places is not null) Move(moving.Key, places);
        }

        // Memory for balloons is what moves have left.
        foreach (var node in nodes) Resize(node, decisions[node.Id], grow: true);
        foreach (var one in plan.Hosts) Power(one);
    }

    // Places that others offer are not this site's to send to sleep; nor is a host that was woken for who waits.
    private void Power(HostDecision decision)
    {
        if (!_hosts.TryGetValue(decision.Host, out var host)) return;
        if (!decision.Sleep && host.Phase is HostPhase.Asleep or HostPhase.FallsAsleep) host.Boot(state.Now);
        if (!decision.Sleep || !host.IsEmpty || host.Phase is not (HostPhase.On or HostPhase.Boots)
            || state.SomethingWaits) return;
        host.Sleep(state.Now);
        Sleeps++;
    }

    private void Move(WorldWork work, IReadOnlyList<(WorldNode Node, WorldHost Host)> places)
    {
        work.Site = places[0].Host.Site;
        foreach (var (node, host) in places) moves.TryBegin(node, host);
    }

    // A policy that never speaks of weights means its shares as weights.
    private void Resize(WorldNode node, NodeDecision decision, bool grow)
    {
        if (decision.CpuWeight is { } weight) node.Weight = weight;
        else if (!_hasWeights) node.Weight = Math.Max(0.1, decision.CpuCores * 100);
        if (decision.CpuQuotaPercent is { } quota) node.QuotaPercent = quota == 0 ? null : quota;
        if (decision.GuestMiB is not { } wanted || node.Move is not null) return;
        var target = Math.Clamp(wanted, Math.Min(LeastGuestMiB, node.GuestMiB), node.Work.Setup.MemoryMiB);
        if (target < node.GuestMiB || (grow && target - node.GuestMiB <= node.Host!.FreeMiB)) node.GuestMiB = target;
    }
}
