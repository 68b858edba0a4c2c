using System.Collections.Immutable;
using VioActors.Actors.Site;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>What an operator says of the networks between the hosts.</summary>
internal static class ReachRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/reach", ShowAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("Relays and routes between hosts").Produces<ReachView>();
        api.MapPut("/reach", SetAsync).WithMetadata(Access.HostOperators)
            .WithSummary("Set relays and routes between hosts").Produces<ReachView>();
    }

    private static async Task<IResult> ShowAsync(HttpContext context, SiteActors actors)
    {
        var site = await actors.SiteAsync(context.RequestAborted);
        return TypedResults.Ok(new ReachView(
            Names(site, site.Reach.Relays), [.. site.Reach.Routes.Select(route => Names(site, route.Hosts))]));
    }

    private static async Task<IResult> SetAsync(ReachView body, HttpContext context, SiteActors actors)
    {
        var site = await actors.SiteAsync(context.RequestAborted);
        var reach = new SiteReach
        {
            Relays = Ids(site, body.Relays),
            Routes = body.Routes.IsDefault ? [] : [.. body.Routes.Select(route => new ReachRoute(Ids(site, route)))],
        };
        await actors.TellAsync(
            actors.SiteKey, new SetReach(reach), context.Caller(), context.IdempotencyKey(), context.RequestAborted);
        return TypedResults.Ok(body);
    }

    private static ImmutableArray<HostId> Ids(SiteState site, ImmutableArray<string> names) =>
        names.IsDefault ? [] : [.. names.Select(name => Lookup.Host(site, name).Host)];

    private static ImmutableArray<string> Names(SiteState site, ImmutableArray<HostId> hosts) =>
        [.. hosts.Select(host => site.Members.GetValueOrDefault(host)?.Name ?? host.Value)];
}
