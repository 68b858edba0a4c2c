using VioActors.Actors.VirtualCluster;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Embedding;
using VioActors.Runtime;

namespace VioActors.Embedded.Sample.Sites;

internal static class SiteRoutes
{
    private static readonly Principal Ann = new("ann", Role.Owner);

    public static void MapSite(this WebApplication app)
    {
        app.MapPost("/environments", async (EnvironmentSpec spec, ActorHost actors, HttpResponse response) =>
            (await actors.AskAsync(
                LocalSite.Key, new ApplySpec(spec, Ann.Name, DryRun: false), Ann.ToString())).ToHttp(response));
        app.MapGet("/environments/{id}", async (string id, ActorHost actors, CancellationToken cancel) =>
            await actors.ReadAsync<EnvironmentState>(new ActorKey(ActorKinds.Environment, id), cancel) is { } state
                ? Results.Ok(state.Nodes.Values.Select(node => new { node.Spec.Name, Power = $"{node.Power}" }))
                : Results.NotFound());
    }
}
