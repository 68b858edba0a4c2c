using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Api;

/// <summary>Questions to agents that change nothing and pass no actor.</summary>
internal static class Queries
{
    /// <summary>Asks the agent of a host.</summary>
    /// <exception cref="ProblemException">The host is away, or could not answer.</exception>
    public static async Task<AgentAnswer> AskAsync(
        AgentConnections agents, HostId host, AgentQuery query, TimeSpan limit, CancellationToken cancel)
    {
        var agent = agents.Find(host) ?? throw ProblemException.Unavailable(agents.Unreachable(host));
        var answer = await agent.QueryAsync(query, limit, cancel);
        return answer.Failure is { } failure
            ? throw new ProblemException(
                ProblemException.StatusOf(failure.Code), new Problem(failure.Code, failure.Reason, failure.Remedy))
            : answer;
    }

    /// <summary>The agent answered, but not what was asked.</summary>
    public static ProblemException Empty(string what, HostId host) => ProblemException.Unavailable(new Failure(
        "agent-answer", $"The agent of host {host} answered '{what}' without the figures.", "Update 'vio' on that host."));
}
