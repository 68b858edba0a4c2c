using VioActors.Actors.Host.Monitoring;
using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Agent.Switching;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>Questions that change nothing: logs, pings, the switch's status, what was measured.</summary>
internal sealed class AgentQueries(
    NodeFiles files, IDataPlane dataPlane, IMonitor monitor, ISwitchSight? sight = null)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>The answer; never throws for what the question met.</summary>
    public async Task<AgentAnswer> AnswerAsync(AgentQuery query, CancellationToken cancel)
    {
        try
        {
            return query switch
            {
                { Ask: "logs", Node: { } node } => new AgentAnswer
                {
                    Id = query.Id,
                    Lines = [.. SerialLog.LastLines(files.SerialLog(node), Math.Clamp(query.Lines, 1, 10_000))],
                },
                { Ask: "ping", Environment: { } environment, Ip: { } ip } => new AgentAnswer
                {
                    Id = query.Id,
                    Ping = await PingAsync(query, environment, ip, cancel),
                },
                { Ask: "switch-status" } => new AgentAnswer
                { Id = query.Id, Status = await dataPlane.StatusAsync(cancel) },
                { Ask: "switch-sight", Request: { } request } when sight is not null => new AgentAnswer
                { Id = query.Id, Status = await sight.LookAsync(request, cancel) },
                { Ask: "samples" } => new AgentAnswer { Id = query.Id, Samples = monitor.Since(query.Since) },
                _ => Failed(query, new Failure(
                    "unknown-query",
                    $"The query '{query.Ask}' is unknown or incomplete.",
                    "Ask logs, ping, switch-status, switch-sight or samples.")),
            };
        }
        catch (DataPlaneException failed)
        {
            return Failed(query, failed.Failure);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return Failed(
                query,
                new Failure(FailureCode.NotFound, $"There is no log: {failed.Message}", "Ask its present host."));
        }
        catch (OperationCanceledException)
        {
            return Failed(query, new Failure(FailureCode.Cancelled, "The agent stopped waiting.", "Ask again."));
        }
    }

    private Task<PingFigures> PingAsync(
        AgentQuery query, EnvironmentId environment, string ip, CancellationToken cancel)
    {
        var interval = TimeSpan.FromMilliseconds(query.IntervalMs);
        return dataPlane.PingAsync(
            environment, ip, Math.Clamp(query.Count, 1, 60_000),
            interval < ShortestInterval ? ShortestInterval : interval, cancel);
    }

    private static AgentAnswer Failed(AgentQuery query, Failure failure) => new() { Id = query.Id, Failure = failure };
}
