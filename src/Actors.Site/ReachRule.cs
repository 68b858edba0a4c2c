using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>Relays and routes: what is refused, and what each host's switch is told of them.</summary>
internal static class ReachRule
{
    /// <summary>Takes a new reach and tells all switches.</summary>
    internal static Decision Set(SiteState state, SiteReach reach)
    {
        if (Refuse(state, reach) is { } refusal)
            return Decision.Refuse(refusal);
        return Same(state.Reach, reach) ? Decision.Nothing : Tell(state, Decision.Nothing.Record(new ReachSet(reach)));
    }

    /// <summary>A host told what it has: when its switch is elsewhere now, those that know it are told.</summary>
    internal static Decision Moved(SiteState state, SiteMember before, Decision decision)
    {
        var next = decision.Events.Aggregate(state, SiteEvolve.Apply);
        return state.Reach.IsNone
            || next.Members[before.Host].Capacity!.SwitchEndpoint == before.Capacity?.SwitchEndpoint
            ? decision
            : Tell(state, decision);
    }

    /// <summary>
    /// What one host's switch shall know: the others of its routes, and relays; a relay knows everybody.
    /// </summary>
    internal static SetSwitchReach For(SiteState state, HostId host)
    {
        var reach = state.Reach;
        var routes = reach.Routes.Where(route => route.Hosts.Contains(host)).ToList();
        var partners = reach.Relays.Contains(host)
            ? state.Members.Keys
            : reach.Relays.Concat(routes.SelectMany(route => route.Hosts));
        return new SetSwitchReach(
            state.ReachVersion,
            [
                .. partners.Distinct().Where(other => other != host).Order()
                    .Select(other => (other, state.Members.GetValueOrDefault(other)?.Capacity?.SwitchEndpoint))
                    .Where(pair => pair.SwitchEndpoint is not null)
                    .Select(pair => new SwitchRelay(pair.other, pair.SwitchEndpoint!)),
            ],
            routes);
    }

    private static Decision Tell(SiteState state, Decision decision)
    {
        var next = decision.Events.Aggregate(state, SiteEvolve.Apply);
        foreach (var host in next.Members.Keys)
            decision = decision.Tell(new ActorKey(ActorKinds.Switch, host.Value), For(next, host));
        return decision;
    }

    private static Refusal? Refuse(SiteState state, SiteReach reach)
    {
        if (reach.Relays.Length > SiteReach.MostRelays)
            return SiteRefusals.Full("relays", SiteReach.MostRelays);
        if (reach.Routes.Length > SiteReach.MostRoutes)
            return SiteRefusals.Full("routes", SiteReach.MostRoutes);
        foreach (var host in reach.Relays.Concat(reach.Routes.SelectMany(route => route.Hosts)))
            if (!state.Members.ContainsKey(host))
                return SiteRefusals.NotFound("host", host.Value, state.Members.Values.Select(member => member.Name));
        // The next host on the way from one to another; two routes may not disagree on it.
        var next = new Dictionary<(HostId From, HostId To), HostId>();
        foreach (var route in reach.Routes)
        {
            if (route.Hosts.Length < SiteReach.RouteHosts.Least || route.Hosts.Length > SiteReach.RouteHosts.Most
                || route.Hosts.Distinct().Count() != route.Hosts.Length)
                return SiteRefusals.RouteLength(Named(state, route));
            if (Disagreement(route, next) is var (from, to))
                return SiteRefusals.RouteConflict(
                    Named(state, route), state.Members[from].Name, state.Members[to].Name);
        }

        return null;
    }

    private static (HostId From, HostId To)? Disagreement(
        ReachRoute route, Dictionary<(HostId From, HostId To), HostId> next)
    {
        for (var from = 0; from < route.Hosts.Length; from++)
            for (var to = 0; to < route.Hosts.Length; to++)
            {
                var (pair, neighbour) =
                    ((route.Hosts[from], route.Hosts[to]), route.Hosts[from + Math.Sign(to - from)]);
                if (from != to && !next.TryAdd(pair, neighbour) && next[pair] != neighbour)
                    return pair;
            }

        return null;
    }

    private static string Named(SiteState state, ReachRoute route) =>
        string.Join(" - ", route.Hosts.Take(SiteReach.RouteHosts.Most + 1).Select(host => state.Members[host].Name));

    private static bool Same(SiteReach one, SiteReach other) =>
        one.Relays.SequenceEqual(other.Relays) && one.Routes.Length == other.Routes.Length
        && one.Routes.Zip(other.Routes).All(pair => pair.First.Hosts.SequenceEqual(pair.Second.Hosts));
}
