using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Contracts.Hosts;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>Hosts: list, show, declare off.</summary>
internal static class HostRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/hosts", ListAsync).WithMetadata(Access.Readers).WithSummary("Hosts of the site")
            .Produces<ImmutableArray<HostView>>();
        api.MapGet("/hosts/{host}", ShowAsync).WithMetadata(Access.Readers).WithSummary("One host")
            .Produces<HostView>();
        api.MapPost("/hosts/{host}/fenced", FenceAsync).WithMetadata(Access.HostOperators)
            .WithSummary("State that a host is off for good").Produces<FencedView>();
        api.MapDelete("/hosts/{host}/nodes/{node}", ClearAsync).WithMetadata(Access.HostOperators)
            .WithSummary("Give up a machine that does not belong on a host, with its disk");
    }

    private static async Task<IResult> ListAsync(HttpContext context, SiteActors actors, Views views)
    {
        var hosts = new List<HostView>();
        foreach (var member in (await actors.SiteAsync(context.RequestAborted)).Members.Values.OrderBy(m => m.Name))
            hosts.Add(views.Host(member, await actors.HostAsync(member.Host, context.RequestAborted),
                context.Caller()));
        return TypedResults.Ok(hosts);
    }

    private static async Task<IResult> ShowAsync(
        string host, HttpContext context, SiteActors actors, Lookup lookup, Views views)
    {
        var member = await lookup.HostAsync(host, context.RequestAborted);
        var state = await actors.HostAsync(member.Host, context.RequestAborted);
        return TypedResults.Ok(views.Host(member, state, context.Caller()));
    }

    private static async Task<IResult> FenceAsync(
        string host, HttpContext context, SiteActors actors, Lookup lookup, AgentConnections agents)
    {
        var cancel = context.RequestAborted;
        var id = (await lookup.HostAsync(host, cancel)).Host;
        // The actor learns after a grace that a host is away; whoever fences it does not have to wait for that.
        if (agents.Find(id) is null)
            await actors.TellAsync(SiteActors.Key(id), new HostDisconnected(id), Principal.System, cancel: cancel);
        var reply = await actors.AskAsync<HostFencedReply>(
            SiteActors.Key(id), new FenceHost(id), context.Caller(), context.IdempotencyKey(), cancel);
        return TypedResults.Ok(new FencedView(reply.Nodes));
    }

    private static async Task<IResult> ClearAsync(
        string host, string node, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var cancel = context.RequestAborted;
        var member = await lookup.HostAsync(host, cancel);
        var state = await actors.HostAsync(member.Host, cancel);
        if (state?.Bookings.FirstOrDefault(one => one.Key.Value == node) is not { Value: { } booking } found)
            throw ProblemException.NotFound(
                $"Host {member.Name} holds no node '{node}'.", $"See their ids with 'vio host show {member.Name}'.");
        await actors.TellAsync(
            SiteActors.Key(booking.Environment), new ClearStray(member.Host, found.Key), context.Caller(),
            context.IdempotencyKey(), cancel);
        return TypedResults.NoContent();
    }
}
