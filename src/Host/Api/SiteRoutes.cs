using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>What anybody may ask: who answers here, and whether it works.</summary>
internal static class SiteRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/hello", Hello).WithMetadata(Access.Public).WithSummary("Who answers, and which versions it speaks")
            .Produces<HelloView>();
        api.MapGet("/health", Health).WithMetadata(Access.Public).WithSummary("Whether requests are taken")
            .Produces<HealthView>().Produces<HealthView>(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Hello(SiteActors actors, ServerOptions options) =>
        TypedResults.Ok(new HelloView(
            actors.Site, options.Name, Build.Version, VersionRange.Ours, Capability.OfApi));

    private static IResult Health(SiteActors actors)
    {
        var stats = actors.Stats;
        return TypedResults.Json(
            new HealthView(stats.IsServing, stats.IsServing ? null : stats.Reason),
            statusCode: stats.IsServing ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
