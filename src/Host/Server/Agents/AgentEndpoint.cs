using System.Net.WebSockets;
using VioActors.Actors.Site;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Hosts;
using VioActors.Daemon.Api;
using VioActors.Daemon.Server.Cluster;
using VioActors.Daemon.Server.Restore;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Agents;

/// <summary>Takes an agent's WebSocket: hello both ways, then the connection until it ends.</summary>
internal sealed class AgentEndpoint(
    SiteActors actors, AgentConnections agents, HostNews news, ServerList servers, StoreGuard guard,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<AgentEndpoint> log)
{
    /// <summary>Serves one connection; returns when it is over.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            throw ProblemException.BadInput("This address takes WebSockets only.", "Connect with 'vio agent'.");
        var member = await FabricRoutes.MemberAsync(context, actors);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = AgentLimits.Ping,
            KeepAliveTimeout = AgentLimits.PingAnswer,
        });
        var frames = new FrameSocket(socket, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted,
            lifetime.ApplicationStopping);
        try
        {
            if (await GreetAsync(frames, member, ending.Token) is { } hello)
                await RunAsync(frames, member, hello, ending.Token);
        }
        catch (BadFrameException bad)
        {
            log.AgentBroke(member.Name, bad.Message);
            await frames.CloseAsync(bad.Status, bad.Message);
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException
            or StoreUnavailableException)
        {
            log.AgentBroke(member.Name, broken.Message);
        }
    }

    /// <summary>Exchanges hellos; null when the agent is not welcome, which it has been told.</summary>
    private async Task<AgentHello?> GreetAsync(FrameSocket frames, SiteMember member, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(AgentLimits.Hello, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var first = await frames.ReadAsync(both.Token);
        if (first is not AgentHello hello)
            throw new BadFrameException(WebSocketCloseStatus.PolicyViolation, "the first frame is not a hello");
        var version = VersionRange.Ours.Common(hello.Versions);
        if (Objection(hello, version, member) is { } refused)
        {
            log.AgentRefused(member.Name, refused.Reason);
            await frames.SendAsync(Welcome(version ?? VersionRange.Ours.Highest) with { Refused = refused }, cancel);
            await frames.CloseAsync(WebSocketCloseStatus.PolicyViolation, refused.Code);
            return null;
        }
        // Before any command can go to it: a store that lacks what this host has seen must not command it.
        if (hello.Seen is { } seen && !await guard.HearAsync($"host {member.Name}", seen))
            log.MarkForged(member.Name);
        await frames.SendAsync(Welcome(version!.Value), cancel);
        return hello;
    }

    private async Task RunAsync(FrameSocket frames, SiteMember member, AgentHello hello, CancellationToken cancel)
    {
        var connection = new AgentConnection(member.Host, hello.Facts, frames, clock)
        {
            KeepsMarks = hello.Capabilities.Contains(Capability.StoreMarks),
        };
        agents.Put(connection);
        log.AgentConnected(member.Name, member.Host.Value, hello.Build);
        var why = "this server stops";
        try
        {
            var running = connection.RunAsync(cancel);
            await news.CameAsync(connection, new HostConnected(member.Host, hello.Facts, hello.Nodes, actors.Site));
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var telling = news.EndedAsync(connection, over.Token);
            why = await running;
            await over.CancelAsync();
            await telling;
        }
        finally
        {
            // Out of the registry first: whoever is told that it broke waits for the next one.
            var isLast = agents.Remove(connection);
            connection.FailPending(why);
            log.AgentDisconnected(member.Name, why);
            if (isLast)
                news.Went(member.Host);
        }
    }

    private Failure? Objection(AgentHello hello, int? version, SiteMember member)
    {
        if (version is null)
            return new Failure(
                "version-mismatch",
                $"The agent speaks versions {hello.Versions.Lowest} to {hello.Versions.Highest} and the server "
                    + $"{VersionRange.Ours.Lowest} to {VersionRange.Ours.Highest}.",
                "Update the older of the two.");
        if (hello.Facts.Name != member.Name)
            return new Failure(
                "wrong-name", $"The agent calls its host '{hello.Facts.Name}', and it joined as '{member.Name}'.",
                "Correct 'name' in its configuration, or join again.");
        return Clocks.Difference(hello.Now, clock.GetUtcNow());
    }

    private ServerHello Welcome(int version) => new()
    {
        Version = version,
        Versions = VersionRange.Ours,
        Capabilities = Capability.OfServer,
        Build = Build.Version,
        Servers = servers.Addresses,
        Store = guard.Mark,
    };
}
