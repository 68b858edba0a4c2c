using VioActors.Contracts;

namespace VioActors.Daemon.Server.Agents;

/// <summary>The connection to a host's agent ended before the answer came: what the host did is unknown.</summary>
internal sealed class AgentLostException(HostId host, string why)
    : Exception($"The connection to the agent of host {host} ended: {why}")
{
    /// <summary>Whose agent.</summary>
    public HostId Host { get; } = host;
}
