using VioActors.Contracts;

namespace VioActors.Daemon.Server.Agents;

/// <summary>The one wording for a host that does not answer.</summary>
internal static class UnreachableHosts
{
    /// <summary>Says which host is away, since when, and what to do; <paramref name="name"/> when it is known.</summary>
    public static Failure Unreachable(this AgentConnections agents, HostId host, string? name = null)
    {
        var called = name ?? agents.LastName(host) ?? host.Value;
        var since = agents.AwaySince(host);
        var reason = since is { } time
            ? $"Host {called} is not reachable since {time:u}: its agent is not connected."
            : $"Host {called} does not keep its connection: it broke {AgentLimits.Attempts} times during this command.";
        return new Failure(
            FailureCode.HostUnreachable, reason,
            $"Look with 'vio host show {called}'; if the machine is off for good, say 'vio host fenced {called} --yes'.");
    }
}
