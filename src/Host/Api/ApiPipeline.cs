using VioActors.Daemon.Server.Cluster;
using VioActors.Daemon.Server.Restore;

namespace VioActors.Daemon.Api;

/// <summary>
/// The way of a request: problems are written, the route is found, the guard decides, the endpoint answers, once per
/// idempotency key.
/// </summary>
internal static class ApiPipeline
{
    /// <summary>Puts the pipeline together; every endpoint says who may use it.</summary>
    public static void UseVioApi(this WebApplication app)
    {
        app.UseMiddleware<ProblemWriter>();
        app.UseRouting();
        app.UseMiddleware<EdgeGuard>();
        app.UseRequestTimeouts();
        app.UseMiddleware<BehindGate>();
        app.UseMiddleware<AnswerMemory>();
        app.UseWebSockets();
        var api = app.MapGroup("/api/v1");
        SiteRoutes.Map(api);
        EnvironmentRoutes.Map(api);
        MachineRoutes.Map(api);
        NodeRoutes.Map(api);
        OperationRoutes.Map(api);
        HostRoutes.Map(api);
        AdaptRoutes.Map(api);
        SwitchRoutes.Map(api);
        ReachRoutes.Map(api);
        SampleRoutes.Map(api);
        UserRoutes.Map(api);
        ImageRoutes.Map(api);
        EventRoutes.Map(api);
        JoinRoutes.Map(api);
        ClusterRoutes.Map(api);
        StoreRoutes.Map(api);
        app.MapOpenApi("/api/v1/openapi/{documentName}.json").WithMetadata(Access.Public);
        FabricRoutes.Map(app);
        PeerRoutes.Map(app);
    }
}
