using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>Operations: list, show, cancel.</summary>
internal static class OperationRoutes
{
    private const int MostListed = 200;

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/operations", ListAsync).WithMetadata(Access.Readers).WithSummary("Operations, newest first")
            .Produces<ImmutableArray<OperationView>>();
        api.MapGet("/operations/{op}", ShowAsync).WithMetadata(Access.Readers).WithSummary("One operation")
            .Produces<OperationView>();
        api.MapPost("/operations/{op}/cancel", CancelAsync).WithMetadata(Access.Operating)
            .WithSummary("Ask an operation to end").Produces<Accepted>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, SiteActors actors, Lookup lookup, OperationIndex index, Views views,
        string? environment = null, int limit = 50)
    {
        if (limit is < 1 or > MostListed)
            throw ProblemException.BadInput($"limit {limit} must be 1 to {MostListed}.", "Choose a number in range.");
        var (caller, cancel) = (context.Caller(), context.RequestAborted);
        var found = new List<OperationView>();
        if (environment is not null)
        {
            var state = await lookup.EnvironmentAsync(environment, caller, cancel);
            found.AddRange(state.Operations.Select(op => views.Operation(state, op.Id)));
        }
        else
        {
            foreach (var id in (await actors.SiteAsync(cancel)).Directory.Keys.Union(index.Environments()))
            {
                if (await actors.EnvironmentAsync(id, cancel) is { } state && caller.MaySee(state.Owner))
                    found.AddRange(state.Operations.Select(op => views.Operation(state, op.Id)));
            }
        }
        return TypedResults.Ok(found.OrderByDescending(op => op.StartedAt).Take(limit));
    }

    private static async Task<IResult> ShowAsync(string op, HttpContext context, Lookup lookup, Views views)
    {
        var id = Lookup.Operation(op);
        return TypedResults.Ok(views.Operation(
            await lookup.OfOperationAsync(id, context.Caller(), context.RequestAborted), id));
    }

    private static async Task<IResult> CancelAsync(string op, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var id = Lookup.Operation(op);
        var state = await lookup.OfOperationAsync(id, context.Caller(), context.RequestAborted);
        return await Operations.StartAsync(context, actors, state.Id, new CancelOperation(id));
    }
}
