using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Server.Adaptation;

/// <summary>Samples as the agents that are connected to this server answer them.</summary>
internal sealed class AgentSamples(AgentConnections agents) : ISampleSource
{
    /// <inheritdoc/>
    public async Task<HostSamples?> AskAsync(HostId host, DateTimeOffset? since, CancellationToken cancel)
    {
        if (agents.Find(host) is not { } agent) return null;
        try
        {
            var query = new AgentQuery { Id = "", Ask = "samples", Since = since };
            return (await agent.QueryAsync(query, AdaptLimits.AgentAnswer, cancel)).Samples;
        }
        catch (Exception silent) when (silent is AgentLostException or TimeoutException)
        {
            return null;
        }
    }
}
