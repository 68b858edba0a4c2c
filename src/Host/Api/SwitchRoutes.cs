using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>Switches of hosts: status, dropped frames, captures. Documents are the switch's own.</summary>
internal static class SwitchRoutes
{
    private const string Switch = "/hosts/{host}/switch";

    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet(Switch, StatusAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("Status of a host's switch").Produces<JsonElement>();
        api.MapGet(Switch + "/drops", DropsAsync).WithMetadata(Access.SiteReaders)
            .WithSummary("Facts of the last dropped frames").Produces<JsonElement>();

        // What nodes say to each other is for administrators only.
        api.MapPost(Switch + "/traces", StartAsync).WithMetadata(Access.Administrators)
            .WithSummary("Start to capture a port; it ends when nobody reads for 10 s").Produces<JsonElement>();
        api.MapPost(Switch + "/traces/{trace:int}/frames", ReadAsync).WithMetadata(Access.Administrators)
            .WithSummary("Take captured frames").Produces<JsonElement>();
        api.MapDelete(Switch + "/traces/{trace:int}", StopAsync).WithMetadata(Access.Administrators)
            .WithSummary("End a capture");
    }

    private static async Task<IResult> StatusAsync(
        string host, HttpContext context, Lookup lookup, AgentConnections agents)
    {
        var id = (await lookup.HostAsync(host, context.RequestAborted)).Host;
        return TypedResults.Ok(await AskAsync(agents, id, new AgentQuery { Id = "", Ask = "switch-status" }, context));
    }

    private static Task<IResult> DropsAsync(
        string host, HttpContext context, Lookup lookup, AgentConnections agents, string? port = null, long after = 0,
        int most = 100) =>
        AskAsync(host, context, lookup, agents, new { type = "drops", port, after, most });

    private static Task<IResult> StartAsync(
        string host, TraceBody body, HttpContext context, Lookup lookup, AgentConnections agents) =>
        AskAsync(
            host, context, lookup, agents,
            new { type = "traceStart", body.Port, body.SnapLength, body.Filter });

    private static Task<IResult> ReadAsync(
        string host, int trace, HttpContext context, Lookup lookup, AgentConnections agents, int waitMs = 0) =>
        AskAsync(host, context, lookup, agents, new { type = "traceRead", trace, waitMs });

    private static async Task<IResult> StopAsync(
        string host, int trace, HttpContext context, Lookup lookup, AgentConnections agents)
    {
        await AskAsync(host, context, lookup, agents, new { type = "traceStop", trace });
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AskAsync<T>(
        string host, HttpContext context, Lookup lookup, AgentConnections agents, T request)
    {
        var id = (await lookup.HostAsync(host, context.RequestAborted)).Host;
        return TypedResults.Ok(await AskAsync(
            agents, id, new AgentQuery
            {
                Id = "",
                Ask = "switch-sight",
                Request = JsonSerializer.SerializeToElement(request, Wire.Json),
            }, context));
    }

    private static async Task<JsonElement> AskAsync(
        AgentConnections agents, HostId host, AgentQuery query, HttpContext context)
    {
        var answer = await Queries.AskAsync(agents, host, query, AgentLimits.Query, context.RequestAborted);
        return answer.Status ?? throw Queries.Empty(query.Ask, host);
    }
}
