using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>Nodes: list, show, move, resize, stop, start, logs.</summary>
internal static class NodeRoutes
{
    private const string Node = "/environments/{env}/nodes/{node}";

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/nodes", ListAsync).WithMetadata(Access.Readers).WithSummary("Nodes of one or all environments")
            .Produces<ImmutableArray<NodeView>>();
        api.MapGet(Node, ShowAsync).WithMetadata(Access.Readers).WithSummary("One node").Produces<NodeView>();
        api.MapGet(Node + "/logs", LogsAsync).WithMetadata(Access.Readers).WithSummary("Last lines of a node's console")
            .Produces<LogAnswer>();
        api.MapPost(Node + "/move", MoveAsync).WithMetadata(Access.Operating).WithSummary("Move a running node")
            .Produces<Accepted>(StatusCodes.Status202Accepted);
        api.MapPost(Node + "/resize", ResizeAsync).WithMetadata(Access.Operating).WithSummary("Change what a node gets")
            .Produces<Accepted>(StatusCodes.Status202Accepted);
        api.MapPost(Node + "/stop", StopAsync).WithMetadata(Access.Operating).WithSummary("Stop a node")
            .Produces<Accepted>(StatusCodes.Status202Accepted);
        api.MapPost(Node + "/start", StartAsync).WithMetadata(Access.Operating)
            .WithSummary("Start a stopped or lost node")
            .Produces<Accepted>(StatusCodes.Status202Accepted);
    }

    /// <summary>The nodes of one environment, of all when it is null, that the caller may see.</summary>
    internal static async Task<IReadOnlyList<NodeView>> VisibleAsync(
        string? environment, Principal caller, SiteActors actors, Lookup lookup, Views views, CancellationToken cancel)
    {
        var site = await actors.SiteAsync(cancel);
        if (environment is not null)
            return views.Environment(await lookup.EnvironmentAsync(environment, caller, cancel), site).Nodes;
        var nodes = new List<NodeView>();
        foreach (var (id, _) in site.Directory.Where(entry => caller.MaySee(entry.Value.Owner)))
        {
            if (await actors.EnvironmentAsync(id, cancel) is { Deleted: false } state)
                nodes.AddRange(views.Environment(state, site).Nodes);
        }
        return nodes;
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, SiteActors actors, Lookup lookup, Views views, string? environment = null) =>
        TypedResults.Ok(await VisibleAsync(
            environment, context.Caller(), actors, lookup, views, context.RequestAborted));

    private static async Task<IResult> ShowAsync(
        string env, string node, HttpContext context, SiteActors actors, Lookup lookup, Views views)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var id = Lookup.Node(state, node).Id;
        var view = views.Environment(state, await actors.SiteAsync(context.RequestAborted));
        return TypedResults.Ok(view.Nodes.First(n => n.Id == id));
    }

    private static async Task<IResult> LogsAsync(
        string env, string node, HttpContext context, Lookup lookup, AgentConnections agents, int lines = 200)
    {
        if (lines is < 1 or > 10_000)
            throw ProblemException.BadInput($"lines {lines} must be 1 to 10000.", "Choose a number in range.");
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var found = Lookup.Node(state, node);
        var host = found.Host ?? throw ProblemException.Conflict(
            "not-placed", $"Node {found.Spec.Name} is on no host and has no console.", "Start it first.");
        var answer = await Queries.AskAsync(
            agents, host, new AgentQuery { Id = "", Ask = "logs", Node = found.Id, Lines = lines },
            AgentLimits.Query, context.RequestAborted);
        return TypedResults.Ok(new LogAnswer(answer.Lines));
    }

    private static async Task<IResult> MoveAsync(
        string env, string node, MoveBody body, HttpContext context, SiteActors actors, Lookup lookup)
    {
        if (body.BandwidthMiBps is < 1 or > 1_000_000)
            throw ProblemException.BadInput($"bandwidthMiBps {body.BandwidthMiBps} must be 1 to 1000000.",
                "Choose a number in range.");
        if (body.To is null)
            return await OnNodeAsync(
                env, node, context, actors, lookup, id => new MoveNode(id, null, body.BandwidthMiBps));
        var to = await lookup.HostAsync(body.To, context.RequestAborted);
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        // The environment would refuse too, but it knows hosts by id only, and people know them by name.
        if (Lookup.Node(state, node).Host == to.Host)
            throw ProblemException.Conflict(
                "same-host", $"Node {node} already runs on host '{to.Name}'.",
                "Name another host, or none to let the site choose.");
        return await OnNodeAsync(
            env, node, context, actors, lookup, id => new MoveNode(id, to.Host, body.BandwidthMiBps));
    }

    private static Task<IResult> ResizeAsync(
        string env, string node, ResizeBody body, HttpContext context, SiteActors actors, Lookup lookup) =>
        body is { MemoryMiB: null, CpuWeight: null, CpuQuotaPercent: null }
            ? throw ProblemException.BadInput("Nothing to resize was named.",
                "Name memoryMiB, cpuWeight or cpuQuotaPercent.")
            : OnNodeAsync(env, node, context, actors, lookup, id =>
                new ResizeNodeTo(id, body.MemoryMiB, body.CpuWeight, body.CpuQuotaPercent));

    private static Task<IResult> StopAsync(
        string env, string node, StopBody body, HttpContext context, SiteActors actors, Lookup lookup) =>
        body.GraceSeconds is < 0 or > 3600
            ? throw ProblemException.BadInput($"graceSeconds {body.GraceSeconds} must be 0 to 3600.",
                "Choose a number in range.")
            : OnNodeAsync(env, node, context, actors, lookup, id => new StopNodeNow(id, body.GraceSeconds));

    private static Task<IResult> StartAsync(
        string env, string node, HttpContext context, SiteActors actors, Lookup lookup) =>
        OnNodeAsync(env, node, context, actors, lookup, id => new StartNodeNow(id));

    private static async Task<IResult> OnNodeAsync(
        string env, string node, HttpContext context, SiteActors actors, Lookup lookup, Func<NodeId, object> command)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        return await Operations.StartAsync(context, actors, state.Id, command(Lookup.Node(state, node).Id));
    }
}
