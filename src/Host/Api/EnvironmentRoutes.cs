using System.Collections.Immutable;
using VioActors.Actors.VirtualCluster;
using VioActors.Actors.VirtualCluster.Views;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;
using VioActors.Daemon.Server.Restore;

namespace VioActors.Daemon.Api;

/// <summary>Environments: apply, list, show, delete, ping.</summary>
internal static class EnvironmentRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPut("/environments", ApplyAsync).WithMetadata(Access.Changers)
            .WithSummary("Make an environment equal to a spec")
            .Produces<ApplyResult>().Produces<ApplyResult>(StatusCodes.Status202Accepted);
        api.MapGet("/environments", ListAsync).WithMetadata(Access.Readers).WithSummary("All environments you may see")
            .Produces<ImmutableArray<EnvironmentView>>();
        api.MapGet("/environments/{env}", ShowAsync).WithMetadata(Access.Readers).WithSummary("One environment")
            .Produces<EnvironmentView>();
        api.MapDelete("/environments/{env}", DeleteAsync).WithMetadata(Access.Changers)
            .WithSummary("Remove an environment")
            .Produces<Accepted>(StatusCodes.Status202Accepted);
        api.MapPost("/environments/{env}/ping", PingAsync)
            .WithMetadata(Access.Operating, ForgetsAnswers.Mark, AllowedBehind.Mark)
            .WithSummary("Ping a node from a host's prober").Produces<PingFigures>().DisableRequestTimeout();
    }

    private static async Task<IResult> ApplyAsync(
        EnvironmentSpec spec, HttpContext context, SiteActors actors, Settling settling,
        bool dryRun = false, string? owner = null)
    {
        var (caller, cancel) = (context.Caller(), context.RequestAborted);
        var ask = new ApplySpec(spec, owner ?? caller.Name, DryRun: true);
        var key = context.IdempotencyKey();
        // The dry run checks the spec; only then is there something to compare.
        var accepted = await actors.AskAsync<ApplyAccepted>(actors.SiteKey, ask, caller, cancel: cancel);
        var current = accepted.Created ? null : await actors.EnvironmentAsync(accepted.Environment, cancel);
        var changes = SpecDiff.Of(current, spec);
        if (dryRun)
            return TypedResults.Ok(new ApplyResult(accepted.Environment, accepted.Created, changes, null));
        if (changes.IsEmpty)
            return Unchanged(accepted.Environment, current!);
        accepted = await actors.AskAsync<ApplyAccepted>(actors.SiteKey, ask with { DryRun = false }, caller, key,
            cancel);
        await settling.UntilKnownAsync(accepted.Environment, accepted.Operation, cancel);
        return TypedResults.Json(
            new ApplyResult(accepted.Environment, accepted.Created, changes, accepted.Operation),
            statusCode: StatusCodes.Status202Accepted);
    }

    /// <summary>Nothing to do; when the same wish is on its way already, that operation is the one to watch.</summary>
    private static IResult Unchanged(EnvironmentId id, EnvironmentState current)
    {
        var running = current.Operations.FindLast(op => op.EndedAt is null
            && op.Kind is OperationKind.Create or OperationKind.Grow or OperationKind.Shrink or OperationKind.Apply);
        var result = new ApplyResult(id, Created: false, [], running?.Id);
        return TypedResults.Json(
            result, statusCode: running is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(HttpContext context, SiteActors actors, Views views)
    {
        var (caller, cancel) = (context.Caller(), context.RequestAborted);
        var site = await actors.SiteAsync(cancel);
        var found = new List<EnvironmentView>();
        foreach (var (id, entry) in site.Directory.Where(entry => caller.MaySee(entry.Value.Owner)))
        {
            if (await actors.EnvironmentAsync(id, cancel) is { Deleted: false } state)
                found.Add(views.Environment(state, site));
        }
        return TypedResults.Ok(found.OrderBy(e => e.Owner).ThenBy(e => e.Name));
    }

    private static async Task<IResult> ShowAsync(
        string env, HttpContext context, SiteActors actors, Lookup lookup, Views views)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        return TypedResults.Ok(views.Environment(state, await actors.SiteAsync(context.RequestAborted)));
    }

    private static async Task<IResult> DeleteAsync(string env, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        return await Operations.StartAsync(context, actors, state.Id, new DeleteEnvironment());
    }

    private static async Task<IResult> PingAsync(
        string env, PingBody body, HttpContext context, Lookup lookup, AgentConnections agents)
    {
        var cancel = context.RequestAborted;
        if (body.Count is < 1 or > 60_000 || body.IntervalMs is < 10 or > 10_000)
            throw ProblemException.BadInput(
                $"count {body.Count} must be 1 to 60000 and intervalMs {body.IntervalMs} must be 10 to 10000.",
                "Choose values in range.");
        var length = TimeSpan.FromMilliseconds((double)body.Count * body.IntervalMs);
        if (length > TimeSpan.FromMinutes(15))
            throw ProblemException.BadInput(
                $"The pings would take {length.TotalMinutes:0} minutes; at most 15 are allowed.", "Send fewer.");
        var state = await lookup.EnvironmentAsync(env, context.Caller(), cancel);
        var node = Lookup.Node(state, body.Node);
        var host = body.From is null
            ? node.Host ?? throw ProblemException.Conflict(
                "not-placed", $"Node {node.Spec.Name} is on no host.", "Start it first, or name a host to ping from.")
            : (await lookup.HostAsync(body.From, cancel)).Host;
        var answer = await Queries.AskAsync(
            agents, host, new AgentQuery
            {
                Id = "",
                Ask = "ping",
                Environment = state.Id,
                Ip = node.Ip,
                Count = body.Count,
                IntervalMs = body.IntervalMs,
            },
            AgentLimits.Query + length, cancel);
        return TypedResults.Ok(answer.Ping ?? throw Queries.Empty("ping", host));
    }
}
